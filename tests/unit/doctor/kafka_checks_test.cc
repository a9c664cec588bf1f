#include "doctor/kafka_checks.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

class FakeClock : public Clock {
 public:
  WallTime Wall() const override { return {1'800'000'000'000'000}; }
  BootTime Boot() const override { return {}; }
  const std::string& BootId() const override { return id_; }

 private:
  std::string id_;
};

// A cluster that takes the login, described by plain data.
struct Cluster {
  TopicFacts topic{.name = "results",
                   .state = TopicFacts::State::kThere,
                   .error = {},
                   .knows_rights = true,
                   .may_read = true,
                   .may_write = true,
                   .partitions = 3,
                   .replicas = 3,
                   .fewest_in_sync = 3};
  Expected<std::map<std::string, std::string>> config =
      std::map<std::string, std::string>{{"message.timestamp.type", "LogAppendTime"},
                                         {"retention.ms", "604800000"},
                                         {"max.message.bytes", "1048588"},
                                         {"min.insync.replicas", "2"}};
  KafkaLogin login{
      .in = true,
      .cluster_id = "c",
      .tls = TlsFacts{"TLSv1.3", "AES", {"CN=CA", WallTime{1'800'000'000'000'000 + 90 * kDayUs}}},
      .mechanisms = "PLAIN",
      .fault = {}};
  std::optional<WallTime> last;
};

class FakeSession : public KafkaSession {
 public:
  explicit FakeSession(const Cluster& cluster) : cluster_(cluster) {}
  const KafkaLogin& Connect(std::chrono::milliseconds) override { return cluster_.login; }
  Expected<std::vector<TopicFacts>> Topics(const std::vector<std::string>& names,
                                           std::chrono::milliseconds) override {
    TopicFacts status = cluster_.topic;
    status.name = names[1];
    return std::vector{cluster_.topic, status};
  }
  Expected<std::map<std::string, std::string>> TopicConfig(const std::string&,
                                                           std::chrono::milliseconds) override {
    return cluster_.config;
  }
  Expected<GroupFacts> Group(const std::string&, std::chrono::milliseconds) override { return GroupFacts(); }
  Expected<std::optional<WallTime>> LastTimestamp(const std::string&, size_t,
                                                  std::chrono::milliseconds) override {
    return cluster_.last;
  }

 private:
  const Cluster& cluster_;
};

class KafkaChecksTest : public testing::Test {
 protected:
  std::vector<Check> Topics(TopicUse use) {
    const Budget budget(clock_);
    KafkaSettings kafka;
    kafka.topic = "results";
    kafka.username = "agent";
    KafkaChecks checks({kafka, use, {}, nullptr, clock_, budget}, std::make_unique<FakeSession>(cluster_));
    Report report(nullptr, {});
    checks.CheckTopics(&report);
    return report.Checks();
  }

  static const Check& Find(const std::vector<Check>& checks, const std::string& name) {
    for (const Check& check : checks) {
      if (check.name == name) return check;
    }
    ADD_FAILURE() << "no check " << name;
    return checks.front();
  }

  FakeClock clock_;
  Cluster cluster_;
};

TEST_F(KafkaChecksTest, AllIsWell) {
  for (const Check& check : Topics(TopicUse::kWrites)) {
    EXPECT_NE(check.verdict, Verdict::kFailed) << check.found;
    EXPECT_NE(check.verdict, Verdict::kWarning) << check.found;
  }
}

TEST_F(KafkaChecksTest, TooFewReplicasInSyncStopTheAgentAndWarnTheConsumer) {
  cluster_.topic.fewest_in_sync = 1;
  EXPECT_EQ(Find(Topics(TopicUse::kWrites), "replicas").verdict, Verdict::kFailed);
  EXPECT_EQ(Find(Topics(TopicUse::kReads), "replicas").verdict, Verdict::kWarning);
}

TEST_F(KafkaChecksTest, APartitionWithoutLeaderIsACross) {
  cluster_.topic.without_leader = 1;
  EXPECT_EQ(Find(Topics(TopicUse::kWrites), "replicas").verdict, Verdict::kFailed);
}

TEST_F(KafkaChecksTest, CreateTimeIsAWarning) {
  (*cluster_.config)["message.timestamp.type"] = "CreateTime";
  const Check check = Find(Topics(TopicUse::kWrites), "settings");
  EXPECT_EQ(check.verdict, Verdict::kWarning);
  EXPECT_NE(check.cure.find("message.timestamp.type=LogAppendTime"), std::string::npos);
}

TEST_F(KafkaChecksTest, ATopicForSmallMessagesIsAWarning) {
  (*cluster_.config)["max.message.bytes"] = "10000";
  EXPECT_NE(Find(Topics(TopicUse::kWrites), "settings").found.find("max.message.bytes is 10000"),
            std::string::npos);
}

TEST_F(KafkaChecksTest, AShortRetentionWarnsTheConsumer) {
  (*cluster_.config)["retention.ms"] = "3600000";
  EXPECT_EQ(Find(Topics(TopicUse::kReads), "retention").verdict, Verdict::kWarning);
}

TEST_F(KafkaChecksTest, SettingsThatAreNotOursToReadAreSkipped) {
  cluster_.config = Fail(ErrorCode::kPermission, "Cluster authorization failed");
  EXPECT_EQ(Find(Topics(TopicUse::kWrites), "settings").verdict, Verdict::kSkipped);
}

TEST_F(KafkaChecksTest, TheMissingRightIsNamedWithTheCommand) {
  cluster_.topic.may_read = false;
  const Check check = Find(Topics(TopicUse::kReads), "permission");
  EXPECT_EQ(check.verdict, Verdict::kFailed);
  EXPECT_NE(
      check.cure.find("--allow-principal User:agent --operation Read --operation Describe --topic results"),
      std::string::npos);
}

TEST_F(KafkaChecksTest, ARecordFromTheFutureMeansThatWeAreBehind) {
  cluster_.last = WallTime{clock_.Wall().us + kDayUs};
  EXPECT_EQ(Find(Topics(TopicUse::kWrites), "clock").verdict, Verdict::kWarning);
}

TEST(PartAdvice, TheLogsLineHasItsCure) {
  const Advice advice = PartAdvice("kafka:9094 refused user 'a': check kafka.password (the broker said: no)");
  EXPECT_EQ(advice.found, "kafka:9094 refused user 'a'");
  EXPECT_EQ(advice.cure, "check kafka.password (the broker said: no)");
  EXPECT_EQ(PartAdvice("Disconnected").cure, "");
}

TEST(DescribeValidity, CountsDays) {
  EXPECT_EQ(DescribeValidity({10 * kDayUs}, {3 * kDayUs}), "valid for 7 more days, to 1970-01-11");
  EXPECT_EQ(DescribeValidity({3 * kDayUs}, {10 * kDayUs}), "expired 7 days ago, on 1970-01-04");
}

}  // namespace
}  // namespace picket
