// From a finished probe to the acknowledgement, with a broker and a disk that do as the test says.
#include "agent/keeper/keeper_core.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/keeper/fakes.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class KeeperCoreTest : public testing::Test {
 protected:
  KeeperCoreTest() {
    clock_.wall.us = BuildTime().us + 1'000'000'000;  // trusted
    options_.agent = "gw-1";
    options_.version = "0.1.0";
    options_.kafka.topic = "t";
    options_.buffer.window_records = 10;
    options_.buffer.drain_rate = 1'000'000;
  }

  // A run of the agent. A second one begins without the first one's end: SIGKILL.
  void Start() {
    core_.reset();
    cluster_.in_flight.clear();
    cluster_.reports.clear();
    spool_ = std::make_unique<FakeSpool>(disk_);
    metrics_ = std::make_unique<KeeperMetrics>();
    core_ = std::make_unique<KeeperCore>(options_, clock_, entropy_, logger_, *spool_, FactoryOf(cluster_),
                                         *metrics_);
    ASSERT_TRUE(core_->Open());
    Turn();
  }

  void Probe(int count = 1) {
    for (int i = 0; i < count; ++i) {
      FinishedProbe probe;
      probe.result.name = "shop";
      probe.result.url = "http://shop";
      probe.result.outcome = Outcome::kUp;
      probe.started_wall = clock_.Wall();
      probe.started_boot = clock_.Boot();
      core_->Accept(std::move(probe));
    }
    Turn();
  }

  std::optional<BootTime> Turn() { return core_->Turn(); }

  // Time passes in steps, as the timer would wake the keeper.
  void Pass(milliseconds time) {
    const BootTime end = clock_.Boot() + time;
    while (clock_.Boot() < end) {
      clock_.Advance(std::min<std::chrono::microseconds>(milliseconds(100), end - clock_.Boot()));
      Turn();
    }
  }

  // The broker acknowledges until nothing is left to say.
  void AcknowledgeAll() {
    for (int i = 0; i < 100; ++i) {
      cluster_.Answer(Delivery::kAcknowledged);
      clock_.Advance(milliseconds(100));
      Turn();
    }
  }

  void BreakConnection() {
    cluster_.events.push_back(
        {.kind = ClusterEvent::Kind::kError, .error_kind = "refused", .text = "refused"});
    Turn();
    Pass(seconds(1));
  }

  std::vector<uint64_t> SeqsInFlight() const {
    std::vector<uint64_t> seqs;
    for (const auto& sent : cluster_.in_flight) {
      if (sent.topic == "t") seqs.push_back(sent.seq);
    }
    return seqs;
  }

  bool Told(const std::string& part) const {
    return std::ranges::any_of(cluster_.stored,
                               [&](const auto& sent) { return sent.value.find(part) != std::string::npos; });
  }

  const FakeCluster::Sent* Fact(const std::string& fact) const {
    for (const auto* sent : {&cluster_.stored, &cluster_.in_flight}) {
      for (auto message = sent->rbegin(); message != sent->rend(); ++message) {
        if (message->value.find("\"fact\":\"" + fact + "\"") != std::string::npos) return &*message;
      }
    }
    return nullptr;
  }

  FakeClock clock_;
  FakeEntropy entropy_;
  FakeLogger logger_;
  FakeCluster cluster_;
  FakeDisk disk_;
  KeeperOptions options_;
  std::unique_ptr<FakeSpool> spool_;
  std::unique_ptr<KeeperMetrics> metrics_;
  std::unique_ptr<KeeperCore> core_;
};

TEST_F(KeeperCoreTest, ARecordIsSentAtOnceAndLeavesOnItsAcknowledgement) {
  Start();
  Probe(3);
  EXPECT_EQ(SeqsInFlight(), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(metrics_->window_records, 4U) << "with the start fact";
  AcknowledgeAll();
  EXPECT_EQ(metrics_->window_records, 0U);
  EXPECT_EQ(metrics_->acknowledged_probe, 3U);
}

TEST_F(KeeperCoreTest, NothingIsWrittenWhileTheBrokerAcknowledgesInTime) {
  Start();
  for (int i = 0; i < 50; ++i) {
    Probe();
    Pass(seconds(2));
    cluster_.Answer(Delivery::kAcknowledged);
    Turn();
  }
  EXPECT_EQ(disk_.appends, 0U);
  EXPECT_EQ(metrics_->acknowledged_probe, 50U);
}

TEST_F(KeeperCoreTest, AnOverdueRecordIsCopiedAndLeavesTheSpoolWhenItsReportComes) {
  Start();
  Probe();
  Pass(seconds(5));
  EXPECT_TRUE(disk_.Holds("probe", 1));
  EXPECT_EQ(SeqsInFlight(), (std::vector<uint64_t>{1})) << "sent once: its report is still to come";
  AcknowledgeAll();
  EXPECT_TRUE(disk_.records.empty());
  EXPECT_EQ(cluster_.Stored(1), 1U);
}

TEST_F(KeeperCoreTest, WhileTheClusterIsAwayCommitsAreCommitIntervalApart) {
  Start();
  Probe();
  BreakConnection();
  const size_t before = disk_.appends;
  for (int i = 0; i < 30; ++i) {
    Probe();
    Pass(seconds(1));
    cluster_.queue_records = 0;
  }
  EXPECT_GE(disk_.appends - before, 2U);
  EXPECT_LE(disk_.appends - before, 4U) << "10 s apart, or when the window of 10 is full";
}

TEST_F(KeeperCoreTest, AfterAnOutageThePresentComesFirstAndNothingIsMissing) {
  Start();
  Probe();
  BreakConnection();
  for (int i = 0; i < 40; ++i) {
    Probe();
    Pass(seconds(1));
  }
  EXPECT_LE(cluster_.in_flight.size(), 3U) << "what librdkafka has it does not give back";
  Probe();  // seq 42, the present
  cluster_.Answer(Delivery::kAcknowledged);
  Turn();
  Turn();
  const std::vector<uint64_t> sent = SeqsInFlight();
  ASSERT_GE(sent.size(), 2U);
  EXPECT_GT(sent.front(), 30U) << "what is in RAM only, up to now";
  EXPECT_LT(std::ranges::find(sent, 42U), std::ranges::find(sent, 3U)) << "then what is on disk";
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 42; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
  EXPECT_TRUE(disk_.records.empty());
}

TEST_F(KeeperCoreTest, AFullWindowIsCommittedAtOnce) {
  Start();
  cluster_.queue_records = 0;
  Probe(25);
  EXPECT_GE(disk_.records.size(), 16U);
  EXPECT_EQ(metrics_->evicted, 0U);
}

TEST_F(KeeperCoreTest, ModeAlwaysSendsNothingThatIsNotCommitted) {
  options_.buffer.mode = BufferMode::kAlways;
  disk_.broken = true;
  Start();
  Probe(3);
  EXPECT_TRUE(cluster_.in_flight.empty());
  disk_.broken = false;
  Pass(seconds(3));
  EXPECT_EQ(disk_.records.size(), 4U);
  EXPECT_EQ(cluster_.in_flight.size(), 4U);
  AcknowledgeAll();
  EXPECT_TRUE(disk_.records.empty());
}

TEST_F(KeeperCoreTest, AFailedRecordIsSentAgain) {
  Start();
  Probe(2);
  cluster_.Answer(Delivery::kFailed, "something");
  Turn();
  EXPECT_TRUE(cluster_.in_flight.empty()) << "not at once";
  Pass(seconds(3));
  AcknowledgeAll();
  EXPECT_EQ(cluster_.Stored(1) * cluster_.Stored(2), 1U);
}

TEST_F(KeeperCoreTest, ARefusedTopicIsAskedAboutAndTriedWithOneRecordAtATime) {
  Start();
  AcknowledgeAll();
  Probe(3);
  cluster_.Answer(Delivery::kRefused, "Broker: Topic authorization failed");
  Turn();
  EXPECT_EQ(logger_.Count("topic 't' is refused"), 1U);
  Pass(seconds(2));
  EXPECT_EQ(cluster_.refreshed, (std::vector<std::string>{"t"}));
  EXPECT_EQ(cluster_.in_flight.size(), 1U);
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 3; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
}

TEST_F(KeeperCoreTest, ABrokerThatAnswersAndDoesNotAcknowledgeIsToldFromASilentOne) {
  Start();
  AcknowledgeAll();
  for (int i = 0; i < 130; ++i) {
    Probe();
    ++cluster_.answers;
    Pass(seconds(1));
  }
  EXPECT_EQ(logger_.Count("min.insync.replicas"), 3U) << "once a minute";
  EXPECT_EQ(logger_.Count("no broker acknowledges"), 0U);
  EXPECT_EQ(core_->health().ErrorCounts(), (std::vector<std::pair<std::string, uint64_t>>{{"unacknowledged", 3}}));
  AcknowledgeAll();
  EXPECT_EQ(logger_.Count("acknowledged again"), 1U);
}

TEST_F(KeeperCoreTest, WhoLeadsIsAskedWhileRecordsAreOverdue) {
  Start();
  AcknowledgeAll();
  Probe();
  Pass(seconds(4));
  EXPECT_TRUE(cluster_.refreshed.empty()) << "they may still be acknowledged in time";
  Pass(seconds(7));
  EXPECT_GE(cluster_.refreshed.size(), 2U);
  EXPECT_LE(cluster_.refreshed.size(), 4U) << "every two seconds";
  EXPECT_EQ(cluster_.refreshed.front(), "t");
}

TEST_F(KeeperCoreTest, ALongRefusalLosesNothing) {
  Start();
  AcknowledgeAll();
  for (int i = 0; i < 100; ++i) {
    Probe();
    cluster_.AnswerTopic("t", Delivery::kRefused, "no");
    Pass(seconds(5));
  }
  EXPECT_EQ(metrics_->evicted, 0U);
  AcknowledgeAll();
  Pass(seconds(61));
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 100; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
}

TEST_F(KeeperCoreTest, ARecordRejectedInABatchIsTriedAloneAndThenGivenUpByName) {
  Start();
  AcknowledgeAll();
  Probe(3);
  cluster_.Answer(Delivery::kRejected, "Broker: Message size too large");
  Turn();
  EXPECT_EQ(SeqsInFlight(), (std::vector<uint64_t>{1})) << "alone";
  cluster_.Answer(Delivery::kAcknowledged);
  Turn();
  EXPECT_EQ(SeqsInFlight(), (std::vector<uint64_t>{2}));
  cluster_.Answer(Delivery::kRejected, "Broker: Message size too large");
  Turn();
  AcknowledgeAll();
  EXPECT_EQ(cluster_.Stored(1) * cluster_.Stored(3), 1U);
  EXPECT_EQ(cluster_.Stored(2), 0U);
  EXPECT_EQ(metrics_->rejected, 1U);
  Pass(seconds(10));
  AcknowledgeAll();
  ASSERT_NE(Fact("rejected"), nullptr);
  EXPECT_NE(Fact("rejected")->value.find("\"ranges\":[[2,2]]"), std::string::npos) << Fact("rejected")->value;
}

TEST_F(KeeperCoreTest, ARefusedStatusTopicIsOneWarningAndResultsFlowOn) {
  cluster_.send_errors["t.status"] = {ErrorCode::kPermission, "Broker: Topic authorization failed"};
  Start();
  for (int i = 0; i < 100; ++i) {
    Probe();
    cluster_.Answer(Delivery::kAcknowledged);
    Pass(seconds(30));
  }
  EXPECT_EQ(metrics_->acknowledged_probe, 100U);
  EXPECT_EQ(logger_.Count("t.status"), 1U);
  EXPECT_EQ(disk_.appends, 0U) << "facts that nobody takes wear no flash";
  cluster_.send_errors.clear();
  Pass(std::chrono::minutes(10));
  AcknowledgeAll();
  EXPECT_NE(Fact("start"), nullptr) << "kept and told when the topic is there";
}

TEST_F(KeeperCoreTest, StartsWithARefusedStatusTopicLeaveNothingBehindInTheSpool) {
  cluster_.send_errors["t.status"] = {ErrorCode::kPermission, "Broker: Topic authorization failed"};
  for (int i = 0; i < 5; ++i) {
    Start();
    Probe();
    BreakConnection();  // spills everything
    Pass(seconds(10));
    AcknowledgeAll();
    core_->BeginStop();
    Turn();
    EXPECT_TRUE(core_->Settled());
    ASSERT_TRUE(core_->FinishStop());
  }
  EXPECT_LE(disk_.records.size(), 2U);
}

TEST_F(KeeperCoreTest, AfterAFatalErrorANewProducerGetsEverything) {
  Start();
  Probe(3);
  cluster_.fatal = true;
  cluster_.in_flight.clear();
  Turn();
  for (int i = 0; i < 1'000'000 && cluster_.made < 2; ++i) {
    if (i < 1000) clock_.Advance(seconds(1));
    Turn();
    std::this_thread::yield();  // the old one's destruction is another thread's, late on a busy machine
  }
  ASSERT_EQ(cluster_.made, 2);
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 3; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
}

TEST_F(KeeperCoreTest, WhenTheDiskFailsTooTheOldestAreDroppedCountedAndNamed) {
  Start();
  AcknowledgeAll();
  disk_.broken = true;
  cluster_.queue_records = 0;
  Probe(25);
  EXPECT_EQ(metrics_->evicted, 15U);
  EXPECT_GT(metrics_->spool_errors, 0U);
  disk_.broken = false;
  cluster_.queue_records = SIZE_MAX;
  Pass(seconds(120));
  AcknowledgeAll();
  Pass(seconds(10));
  AcknowledgeAll();
  ASSERT_NE(Fact("evicted"), nullptr);
  EXPECT_NE(Fact("evicted")->value.find("\"ranges\":[[1,15]]"), std::string::npos) << Fact("evicted")->value;
  for (uint64_t seq = 16; seq <= 25; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
}

TEST_F(KeeperCoreTest, ACleanEndSavesWhatIsNotAcknowledgedAndTheNextStartSaysSo) {
  Start();
  const uint64_t epoch = cluster_.in_flight.at(0).epoch;
  AcknowledgeAll();
  Probe(3);
  core_->BeginStop();
  Turn();
  ASSERT_TRUE(core_->FinishStop());
  EXPECT_EQ(disk_.records.size(), 4U) << "with the end fact";
  Start();
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 3; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1U) << seq;
  ASSERT_NE(Fact("end"), nullptr);
  EXPECT_NE(Fact("end")->value.find("\"high\":3"), std::string::npos);
  const std::string& start = Fact("start")->value;
  EXPECT_NE(start.find("\"previous_end\":\"clean\",\"previous_high\":3,\"unaccounted_max\":0"),
            std::string::npos)
      << start;
  EXPECT_NE(Fact("start")->epoch, epoch) << "a new lane each start";
}

TEST_F(KeeperCoreTest, WhatIsRejectedDuringTheLastMomentsIsNamedToo) {
  Start();
  AcknowledgeAll();
  Probe();
  core_->BeginStop();
  for (int i = 0; i < 2; ++i) {
    cluster_.AnswerTopic("t", Delivery::kRejected, "too large");
    cluster_.AnswerTopic("t.status", Delivery::kAcknowledged);
    Turn();
    Turn();
  }
  cluster_.AnswerTopic("t.status", Delivery::kAcknowledged);
  Turn();
  ASSERT_TRUE(core_->FinishStop());
  EXPECT_EQ(metrics_->rejected, 1U);
  ASSERT_EQ(disk_.records.size(), 1U);
  EXPECT_NE(disk_.records[0].envelope.body.find("\"rejected\""), std::string::npos);
}

TEST_F(KeeperCoreTest, AfterSigkillTheSpoolDrainsAndTheStartNamesWhatMayBeMissing) {
  Start();
  Probe(4);
  Pass(seconds(5));
  ASSERT_EQ(disk_.records.size(), 5U);
  Probe(2);  // in RAM only when the kill comes
  options_.buffer.window_records = 500;
  Start();
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 4; ++seq) EXPECT_GE(cluster_.Stored(seq), 1U) << seq;
  EXPECT_TRUE(Told("\"previous_end\":\"unclean\",\"previous_high\":4,\"unaccounted_max\":10"))
      << "the window as it was then";
}

TEST_F(KeeperCoreTest, AfterAKillTheStartIsOnDiskBeforeAnythingElse) {
  Start();
  AcknowledgeAll();
  EXPECT_TRUE(disk_.records.empty()) << "a first start loses nothing that the next one could not say";
  Start();
  EXPECT_TRUE(disk_.Holds("status", 1)) << "how the last run ended";
}

TEST_F(KeeperCoreTest, ALaneIsDrainedOnceTheSpoolHoldsNothingOfIt) {
  Start();
  Probe(3);
  Pass(seconds(5));
  ASSERT_TRUE(disk_.Holds("probe", 3));
  const std::string drained = "\"drained\",\"stream\":\"probe\",\"lane_epoch\":\"" +
                              std::to_string(disk_.lanes[0].lane.epoch) + "\"";
  Start();
  for (int turn = 0; turn < 10; ++turn) {  // sent, and still not known to be with the broker
    Pass(milliseconds(100));
    cluster_.AnswerTopic("t.status", Delivery::kAcknowledged);
  }
  EXPECT_FALSE(Told(drained));
  AcknowledgeAll();
  EXPECT_TRUE(Told(drained));
  EXPECT_EQ(cluster_.Stored(3), 1U);
  const size_t facts = metrics_->stamped_status;
  Probe(20);
  AcknowledgeAll();
  EXPECT_EQ(metrics_->stamped_status, facts) << "told once";
}

TEST_F(KeeperCoreTest, ALaneThatLeftNothingBehindIsDrainedAtTheNextStart) {
  Start();
  Probe(3);
  AcknowledgeAll();
  const uint64_t epoch = disk_.lanes[0].lane.epoch;
  Start();
  AcknowledgeAll();
  EXPECT_TRUE(Told("\"drained\",\"stream\":\"probe\",\"lane_epoch\":\"" + std::to_string(epoch) + "\""));
}

TEST_F(KeeperCoreTest, WithoutEntropyThereIsNoLaneAndNothingIsTakenYet) {
  entropy_.not_ready = 3;
  Start();
  EXPECT_FALSE(core_->Ready());
  Pass(seconds(10));
  EXPECT_TRUE(core_->Ready());
  EXPECT_EQ(logger_.Count("no random numbers yet"), 1U);
}

TEST_F(KeeperCoreTest, ATimeFromBeforeTheClockWasSetIsCorrectedWhenSent) {
  const WallTime right = clock_.wall;
  clock_.wall.us = 0;  // 1970
  Start();
  cluster_.queue_records = 0;
  Probe();
  clock_.wall.us = right.us;
  cluster_.queue_records = SIZE_MAX;
  Pass(seconds(1));
  const auto sent = std::ranges::find(cluster_.in_flight, "t", &FakeCluster::Sent::topic);
  ASSERT_NE(sent, cluster_.in_flight.end());
  EXPECT_NE(sent->value.find("\"clock\":\"corrected\""), std::string::npos) << sent->value;
  EXPECT_NE(sent->value.find(FormatTimestamp(right)), std::string::npos) << sent->value;
}

TEST_F(KeeperCoreTest, BeforeTheFirstContactNothingIsSentWithAClockThatWasNotSet) {
  const WallTime right = clock_.wall;
  clock_.wall.us = 0;  // 1970: no certificate is valid yet
  Start();
  Probe(3);
  Pass(seconds(10));
  EXPECT_TRUE(cluster_.in_flight.empty()) << "a text in librdkafka's queue keeps its wrong time";
  EXPECT_GT(disk_.records.size(), 0U) << "nor do they stay in memory only";
  clock_.wall.us = right.us + 10'000'000;
  Pass(seconds(1));
  EXPECT_EQ(cluster_.in_flight.size(), 4U);  // and the fact of the start
  for (const auto& sent : cluster_.in_flight) {
    EXPECT_NE(sent.value.find("\"clock\":\"corrected\""), std::string::npos) << sent.value;
  }
}

TEST_F(KeeperCoreTest, WhereKafkaCanBeReachedAClockThatIsNeverSetKeepsNothingBack) {
  clock_.wall.us = 0;
  Start();
  cluster_.events.push_back({.kind = ClusterEvent::Kind::kConnected, .error_kind = {}, .text = "connected"});
  Probe(3);
  Pass(seconds(1));
  EXPECT_EQ(cluster_.in_flight.size(), 4U);
}

TEST_F(KeeperCoreTest, WhatTheSpoolDroppedIsToldOnceAndForgottenWhenTheFactIsSafe) {
  Start();
  AcknowledgeAll();
  disk_.evicted.push_back({.lane = 1, .range = {5, 9}});
  disk_.evicted_records = 5;
  Turn();
  ASSERT_NE(Fact("evicted"), nullptr);
  EXPECT_NE(Fact("evicted")->value.find("[[5,9]]"), std::string::npos);
  EXPECT_EQ(disk_.evicted.size(), 1U) << "its fact is not safe yet";
  AcknowledgeAll();
  EXPECT_TRUE(disk_.evicted.empty());
  EXPECT_EQ(metrics_->stamped_status, 2U);
}

TEST_F(KeeperCoreTest, SkippedProbesAreTold) {
  Start();
  AcknowledgeAll();
  metrics_->probes_skipped = 7;
  Pass(seconds(1));
  ASSERT_NE(Fact("skipped"), nullptr);
  EXPECT_NE(Fact("skipped")->value.find("\"count\":7"), std::string::npos);
}

TEST_F(KeeperCoreTest, AnIdleKeeperSleeps) {
  Start();
  AcknowledgeAll();
  EXPECT_EQ(Turn(), std::nullopt);
}

TEST_F(KeeperCoreTest, NewSettingsOfKafkaLoseAndDoubleNothing) {
  Start();
  Probe(3);
  const size_t in_flight = cluster_.in_flight.size();
  ASSERT_GT(in_flight, 0u);
  cluster_.in_flight.clear();  // the old producer goes with what it had
  ASSERT_TRUE(core_->Change({.kafka = {}, .new_producer = true, .buffer = options_.buffer}));
  EXPECT_EQ(cluster_.made, 2);
  Turn();
  EXPECT_EQ(cluster_.in_flight.size(), in_flight);
  AcknowledgeAll();
  for (uint64_t seq = 1; seq <= 3; ++seq) EXPECT_EQ(cluster_.Stored(seq), 1u) << seq;
}

TEST_F(KeeperCoreTest, ARefusedChangeLeavesTheProducerAtWork) {
  Start();
  options_.buffer.spill_after = seconds(1);
  cluster_.refuses = true;
  const Status changed = core_->Change({.kafka = {}, .new_producer = true, .buffer = options_.buffer});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kConfig);
  Probe();
  AcknowledgeAll();
  EXPECT_EQ(cluster_.Stored(1), 1u);
}

TEST_F(KeeperCoreTest, ALoginThatWorksNowOpensATopicThatWasRefused) {
  Start();
  Probe();
  cluster_.Answer(Delivery::kRefused, "denied");
  Turn();
  cluster_.in_flight.clear();
  ASSERT_TRUE(core_->Change({.kafka = {}, .new_producer = true, .buffer = options_.buffer}));
  Turn();
  EXPECT_EQ(SeqsInFlight(), std::vector<uint64_t>{1});
}

TEST_F(KeeperCoreTest, AShorterSpillAfterCountsAtOnce) {
  options_.buffer.spill_after = seconds(60);
  Start();
  Probe();
  Pass(seconds(2));
  EXPECT_FALSE(disk_.Holds("probe", 1));
  options_.buffer.spill_after = seconds(1);
  ASSERT_TRUE(core_->Change({.kafka = {}, .buffer = options_.buffer}));
  Pass(seconds(1));
  EXPECT_TRUE(disk_.Holds("probe", 1));
}

TEST_F(KeeperCoreTest, TheStateOfTheClusterNamesTheLastTrouble) {
  Start();
  EXPECT_EQ(core_->health().State().contact, ClusterState::Contact::kNotYet);
  cluster_.events.push_back({.kind = ClusterEvent::Kind::kAway, .error_kind = "refused", .text = "refused by a:1"});
  clock_.Advance(seconds(5));
  const WallTime broke = clock_.Wall();
  Turn();
  const ClusterState away = core_->health().State();
  EXPECT_EQ(away.contact, ClusterState::Contact::kAway);
  EXPECT_EQ(away.since, broke);
  EXPECT_EQ(away.error_kind, "refused");
  EXPECT_EQ(away.error_text, "refused by a:1");
  Probe();
  AcknowledgeAll();
  const ClusterState connected = core_->health().State();
  EXPECT_EQ(connected.contact, ClusterState::Contact::kConnected);
  EXPECT_EQ(connected.error_at, broke);
}

}  // namespace
}  // namespace picket
