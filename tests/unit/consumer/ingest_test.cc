// The loop between a Kafka and a PostgreSQL that are both made of vectors.
#include "consumer/ingest/ingest.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>

namespace picket {
namespace {

using namespace std::chrono_literals;

class FakeClock : public Clock {
 public:
  WallTime Wall() const override { return {1'790'000'000'000'000 + now.count()}; }
  BootTime Boot() const override { return {now}; }
  const std::string& BootId() const override { return boot_id_; }
  std::chrono::microseconds now{1};

 private:
  std::string boot_id_;
};

class LogLines : public Logger {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, const char*, std::string_view text) override {
    if (level <= LogLevel::kWarning) lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

// One partition per topic "t"; messages are its log, read from where Assign says.
class FakeSource : public Source {
 public:
  explicit FakeSource(FakeClock& clock) : clock_(clock) {}

  Event Poll(std::chrono::milliseconds timeout) override {
    clock_.now += 1ms;
    if (!events.empty()) {
      Event event = std::move(events.front());
      events.pop_front();
      return event;
    }
    if (assigned && !paused && *assigned < static_cast<int64_t>(log.size())) {
      current_ = log[static_cast<size_t>(*assigned)];
      Message message;
      message.topic = "t";
      message.offset = (*assigned)++;
      message.payload = current_;
      message.append_time = clock_.Wall();
      return message;
    }
    clock_.now += timeout;
    return Nothing{};
  }
  Expected<std::vector<PartitionOrigin>> Describe(const std::vector<TopicPartition>& partitions) override {
    if (describe_failures-- > 0) return Fail(ErrorCode::kUnavailable, "no broker");
    std::vector<PartitionOrigin> origins;
    for (const TopicPartition& partition : partitions) {
      origins.push_back({partition, "cluster", "topic", 0, static_cast<int64_t>(log.size())});
    }
    return origins;
  }
  Status Assign(const std::vector<PartitionOffset>& offsets) override {
    paused = false;
    assigned.reset();
    if (!offsets.empty()) assigned = offsets[0].offset;
    return {};
  }
  Status Unassign() override {
    assigned.reset();
    return {};
  }
  Status Pause() override {
    paused = true;
    return {};
  }
  void CommitOffsets(const std::vector<PartitionOffset>& offsets) override { committed = offsets[0].offset; }
  void Close() override { closed = true; }

  std::vector<std::string> log;
  std::deque<Event> events;
  std::optional<int64_t> assigned;
  int64_t committed = -1;
  int describe_failures = 0;
  bool paused = false;
  bool closed = false;

 private:
  FakeClock& clock_;
  std::string current_;
};

// What a Write does instead of writing; kLostAnswer writes and says that it did not.
enum class Trouble { kNone, kAway, kLostAnswer, kZombie, kForbidden };

class FakeStore : public Store {
 public:
  Status Connect() override {
    ++connects;
    if (connect_failures-- > 0) return Fail(ErrorCode::kUnavailable, "database away");
    return {};
  }
  Expected<std::vector<int64_t>> TakePositions(const std::vector<PartitionOrigin>& partitions) override {
    if (refuse_position) return Fail(ErrorCode::kCorrupt, "topic made anew");
    return std::vector<int64_t>(partitions.size(), position);
  }
  Expected<StoredCounts> Write(const Batch& batch) override {
    const Trouble now = troubles.empty() ? Trouble::kNone : troubles.front();
    if (!troubles.empty()) troubles.pop_front();
    switch (now) {
      case Trouble::kAway:
        return Fail(ErrorCode::kUnavailable, "connection lost");
      case Trouble::kZombie:
        return Fail(ErrorCode::kAlreadyExists, "position moved");
      case Trouble::kForbidden:
        return Fail(ErrorCode::kPermission, "permission denied");
      default:
        break;
    }
    for (const Record& record : batch.records) {
      const bool letter = std::holds_alternative<DeadLetter>(record.content);
      if (!letter && poison.contains(record.offset)) return Fail(ErrorCode::kCorrupt, "bad value");
    }
    EXPECT_EQ(batch.advances.size(), 1u);
    EXPECT_EQ(batch.advances[0].expected, position);
    StoredCounts counts;
    for (const Record& record : batch.records) {
      EXPECT_EQ(record.slot, 0u);
      const bool letter = std::holds_alternative<DeadLetter>(record.content);
      if (letter) letters[record.offset] = std::get<DeadLetter>(record.content).reason;
      ++stored[record.offset];
      ++(letter ? counts.dead_letters : counts.results);
    }
    position = batch.advances[0].next;
    batches.push_back(batch.records.size());
    if (now == Trouble::kLostAnswer) return Fail(ErrorCode::kUnavailable, "connection lost in COMMIT");
    return counts;
  }
  Status Maintain() override {
    ++maintained;
    return {};
  }

  int64_t position = 0;
  std::map<int64_t, int> stored;           // offset -> how often
  std::map<int64_t, std::string> letters;  // offset -> reason
  std::vector<size_t> batches;
  std::deque<Trouble> troubles;
  std::set<int64_t> poison;
  int connects = 0, connect_failures = 0, maintained = 0;
  bool refuse_position = false;
};

std::string Probe(int seq) {
  return R"({"name":"shop","url":"u","timestamp":"2026-09-21T14:13:20Z","clock":"ok","agent":"gw","epoch":"7","seq":)" +
         std::to_string(seq) + "}";
}

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    for (int seq = 1; seq <= 100; ++seq) source_.log.push_back(Probe(seq));
    source_.events.push_back(Source::Assigned{{{"t", 0}}});
  }

  // Runs until all is stored, or the fake clock says that it takes too long.
  Status Run(BatchLimits limits = {.records = 30, .wait = 50ms, .max_bytes = 1 << 20}) {
    Decoder decoder("t.status", std::nullopt, clock_);
    Ingest ingest(limits, source_, store_, decoder, clock_, log_, complaints_, [&] {
      return store_.position >= static_cast<int64_t>(source_.log.size()) || clock_.now > deadline_;
    });
    const Status result = ingest.Run();
    total_ = ingest.Total();
    return result;
  }
  void ExpectAllStoredOnce() {
    EXPECT_EQ(store_.stored.size(), source_.log.size());
    for (const auto& [offset, times] : store_.stored) EXPECT_EQ(times, 1) << offset;
  }

  FakeClock clock_;
  FakeSource source_{clock_};
  FakeStore store_;
  LogLines log_;
  Complaints complaints_{clock_, log_};
  StoredCounts total_;
  std::chrono::microseconds deadline_ = 60s;
};

TEST_F(IngestTest, StoresEverythingInBatchesAndLeaves) {
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
  EXPECT_EQ(store_.batches, (std::vector<size_t>{30, 30, 30, 10}));
  EXPECT_EQ(source_.committed, 100);
  EXPECT_EQ(total_.results, 100u);
  EXPECT_TRUE(source_.closed);
  EXPECT_GE(store_.maintained, 1);
}

TEST_F(IngestTest, ABatchIsBoundedByBytesAsWell) {
  ASSERT_TRUE(Run({.records = 1000, .wait = 10s, .max_bytes = 3 * (sizeof(Record) + 100)}));
  ExpectAllStoredOnce();
  EXPECT_GT(store_.batches.size(), 20u);
}

TEST_F(IngestTest, GoesOnWhereThePositionSays) {
  store_.position = 60;
  ASSERT_TRUE(Run());
  EXPECT_EQ(store_.stored.size(), 40u);
  EXPECT_EQ(store_.stored.begin()->first, 60);
}

TEST_F(IngestTest, WaitsForADatabaseThatIsAwayAtTheStart) {
  store_.connect_failures = 5;
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
  EXPECT_EQ(log_.lines.size(), 1u);
  EXPECT_EQ(complaints_.TakeSummary(), "database 5");
}

TEST_F(IngestTest, WaitsForBrokersThatDoNotAnswer) {
  source_.describe_failures = 3;
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
}

TEST_F(IngestTest, ADatabaseLostInABatchLosesNothing) {
  store_.troubles = {Trouble::kNone, Trouble::kAway, Trouble::kAway, Trouble::kNone};
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
  EXPECT_EQ(store_.connects, 3);
}

TEST_F(IngestTest, ACommitWhoseAnswerWasLostIsNotDoneTwice) {
  store_.troubles = {Trouble::kLostAnswer, Trouble::kNone, Trouble::kLostAnswer};
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
}

TEST_F(IngestTest, AZombieGoesBackToThePositions) {
  store_.troubles = {Trouble::kZombie};
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
}

TEST_F(IngestTest, BackoffGrowsAndIsBounded) {
  store_.connect_failures = 14;
  deadline_ = 300s;
  ASSERT_TRUE(Run());
  // 0.1 s, doubled up to 10 s.
  EXPECT_GE(clock_.now, 82s);
  EXPECT_LE(clock_.now, 95s);
  ASSERT_EQ(log_.lines.size(), 2u) << "once a minute";
  EXPECT_NE(log_.lines[0].find("messages wait in Kafka"), std::string::npos) << log_.lines[0];
  EXPECT_NE(log_.lines[1].find("more like it"), std::string::npos) << log_.lines[1];
}

TEST_F(IngestTest, AMissingPermissionEndsIt) {
  store_.troubles = {Trouble::kForbidden};
  const Status result = Run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kPermission);
  EXPECT_TRUE(source_.closed);
}

TEST_F(IngestTest, APositionThatMeansNothingEndsIt) {
  store_.refuse_position = true;
  const Status result = Run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(store_.stored.empty());
}

TEST_F(IngestTest, ValuesThatTheDatabaseRefusesBecomeDeadLettersAlone) {
  store_.poison = {0, 41, 42, 99};
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
  ASSERT_EQ(store_.letters.size(), 4u);
  EXPECT_EQ(store_.letters[41], "PostgreSQL: bad value");
  EXPECT_EQ(total_.results, 96u);
}

TEST_F(IngestTest, WhatIsNoRecordIsStoredAsADeadLetter) {
  source_.log[10] = "nonsense";
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
  EXPECT_EQ(store_.letters.size(), 1u);
}

TEST_F(IngestTest, AnOrderlyHandOverStoresWhatWasGathered) {
  // The first event assigns; ten polls later everything is taken away, and nothing comes back.
  struct Taking : FakeSource {
    using FakeSource::FakeSource;
    Event Poll(std::chrono::milliseconds timeout) override {
      if (++polls == 12) return Revoked{lost};
      return FakeSource::Poll(timeout);
    }
    int polls = 0;
    bool lost = false;
  };
  for (const bool lost : {false, true}) {
    Taking source(clock_);
    source.log = source_.log;
    source.lost = lost;
    source.events.push_back(Source::Assigned{{{"t", 0}}});
    FakeStore store;
    Decoder decoder("t.status", std::nullopt, clock_);
    const auto end = clock_.now + 5s;
    Ingest ingest({.records = 1000, .wait = 10s, .max_bytes = 1 << 20}, source, store, decoder, clock_, log_, complaints_,
                  [&] { return clock_.now > end; });
    ASSERT_TRUE(ingest.Run());
    EXPECT_EQ(store.stored.size(), lost ? 0u : 10u);
    EXPECT_FALSE(source.assigned);
  }
}

TEST_F(IngestTest, AStopStoresWhatWasGathered) {
  deadline_ = 40ms;  // some messages, no full batch
  ASSERT_TRUE(Run({.records = 1000, .wait = 10s, .max_bytes = 1 << 20}));
  EXPECT_EQ(store_.batches.size(), 1u);
  EXPECT_GT(store_.stored.size(), 10u);
}

TEST_F(IngestTest, AnOffsetThatKafkaLacksIsCheckedAgainstThePosition) {
  source_.events.push_back(Source::Nothing{});
  source_.events.push_back(Error{ErrorCode::kUnavailable, "offset out of range"});
  ASSERT_TRUE(Run());
  ExpectAllStoredOnce();
}

TEST_F(IngestTest, AnErrorOfTheSourceEndsIt) {
  source_.events.push_back(Error{ErrorCode::kInternal, "fatal"});
  const Status result = Run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "fatal");
}

}  // namespace
}  // namespace picket
