#include "agent/spool/spool.h"

#include "spool_fixture.h"

namespace picket {
namespace {

TEST_F(SpoolTest, ARecordComesBackAsItWasStored) {
  const LaneId lane = Begin();
  Envelope envelope = MakeEnvelope(5);
  envelope.stamp.wall = {-62'135'596'800'000'000};
  envelope.stamp.boot = {std::chrono::microseconds(123'456'789)};
  envelope.stamp.clock = ClockState::kUnsynced;
  envelope.body = std::string("\"a\":\"\0\xff\"", 8);
  ASSERT_TRUE(AppendAll(*spool_, lane, {envelope}));

  Reopen();
  const auto records = spool_->Read(std::nullopt, 10, 1000);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  const SpooledRecord& record = records->front();
  EXPECT_EQ(record.key, (SpoolKey{lane, 5}));
  EXPECT_EQ(record.envelope.seq, 5U);
  EXPECT_EQ(record.envelope.stamp.wall, envelope.stamp.wall);
  EXPECT_EQ(record.envelope.stamp.boot, envelope.stamp.boot);
  EXPECT_EQ(record.envelope.stamp.clock, ClockState::kUnsynced);
  EXPECT_EQ(record.envelope.body, envelope.body);
}

TEST_F(SpoolTest, RecordsComeInTheOrderOfAppendAcrossLanes) {
  const LaneId status = Begin(kStatusStream, 1);
  const LaneId probe = Begin(kProbeStream, 2);
  ASSERT_TRUE(AppendRange(*spool_, probe, 1, 3));
  ASSERT_TRUE(AppendRange(*spool_, status, 1, 1));
  ASSERT_TRUE(AppendRange(*spool_, probe, 7, 8));
  ASSERT_TRUE(AppendRange(*spool_, probe, 4, 4));
  const std::vector<SpoolKey> expected = {{probe, 1}, {probe, 2}, {probe, 3}, {status, 1},
                                          {probe, 7}, {probe, 8}, {probe, 4}};
  EXPECT_EQ(AllKeys(*spool_, 2), expected);
  Reopen();
  EXPECT_EQ(AllKeys(*spool_, 3), expected);
}

TEST_F(SpoolTest, ReadHonoursItsLimits) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 10, 300));
  EXPECT_EQ(spool_->Read(std::nullopt, 0, 1000)->size(), 0U);
  EXPECT_EQ(spool_->Read(std::nullopt, 4, 1 << 20)->size(), 4U);
  EXPECT_EQ(spool_->Read(std::nullopt, 10, 900)->size(), 3U);
  EXPECT_EQ(spool_->Read(std::nullopt, 10, 899)->size(), 2U);
  EXPECT_EQ(spool_->Read(std::nullopt, 10, 0)->size(), 1U) << "always one if there is one";
}

TEST_F(SpoolTest, ACursorOutlivesTheRemovalOfItsRecord) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 10));
  const auto first = spool_->Read(std::nullopt, 4, 1 << 20);
  ASSERT_EQ(first->back().key.seq, 4U);
  ASSERT_TRUE(spool_->Remove(Keys(lane, {2, 3, 4})));
  const auto second = spool_->Read(first->back().key, 4, 1 << 20);
  ASSERT_EQ(second->size(), 4U);
  EXPECT_EQ(second->front().key.seq, 5U) << "record 1 is behind the cursor, although still there";
}

TEST_F(SpoolTest, ACursorSeesWhatIsAppendedAfterAllWasRemoved) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 10));
  const auto all = spool_->Read(std::nullopt, 100, 1 << 20);
  ASSERT_TRUE(spool_->Remove(Keys(lane, Seqs(1, 10))));
  ASSERT_TRUE(AppendRange(*spool_, lane, 11, 12));
  const auto next = spool_->Read(all->back().key, 100, 1 << 20);
  ASSERT_EQ(next->size(), 2U);
  EXPECT_EQ(next->front().key.seq, 11U);
}

TEST_F(SpoolTest, AnUnknownCursorStartsFromTheOldest) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 3));
  const auto records = spool_->Read(SpoolKey{lane, 99}, 10, 1 << 20);
  ASSERT_TRUE(records);
  EXPECT_EQ(records->size(), 3U);
}

TEST_F(SpoolTest, AppendingAKeyTwiceChangesNothing) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 3));
  Envelope other = MakeEnvelope(2);
  other.body = "\"other\":1";
  ASSERT_TRUE(AppendAll(*spool_, lane, {other, MakeEnvelope(4), MakeEnvelope(4)}));
  EXPECT_EQ(AllSeqs(*spool_), Seqs(1, 4));
  EXPECT_EQ(spool_->Stats().records, 4U);
  EXPECT_EQ(spool_->Read(SpoolKey{lane, 1}, 1, 1000)->front().envelope.body, MakeEnvelope(2).body);
}

TEST_F(SpoolTest, AppendRefusesWhatCannotBeARecord) {
  const LaneId lane = Begin();
  EXPECT_EQ(AppendRange(*spool_, lane + 1, 1, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(AppendAll(*spool_, lane, {MakeEnvelope(0)}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(AppendAll(*spool_, lane, {MakeEnvelope(uint64_t{1} << 63)}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(AppendAll(*spool_, lane, {MakeEnvelope(1), MakeEnvelope(2, kMaxBodyBytes + 1)}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(spool_->Stats().records, 0U);
  EXPECT_TRUE(AppendAll(*spool_, lane, {MakeEnvelope((uint64_t{1} << 63) - 1, kMaxBodyBytes)}));
  EXPECT_TRUE(spool_->Append({}));
  EXPECT_EQ(logger_.Count("error"), 0U) << "a caller's mistake is no fault of the file";
}

TEST_F(SpoolTest, RemoveTakesRunsGapsDoublesAndUnknownKeys) {
  const LaneId a = Begin(kProbeStream, 1);
  const LaneId b = Begin(kStatusStream, 2);
  ASSERT_TRUE(AppendRange(*spool_, a, 1, 20));
  ASSERT_TRUE(AppendRange(*spool_, b, 1, 5));
  std::vector<SpoolKey> keys = Keys(a, {9, 3, 4, 5, 5, 77, 12, 0});
  keys.push_back({b, 2});
  keys.push_back({b + 5, 1});
  ASSERT_TRUE(spool_->Remove(keys));
  EXPECT_EQ(AllKeys(*spool_).size(), 25U - 6U);
  EXPECT_EQ(spool_->Stats().records, 19U);
  EXPECT_TRUE(spool_->Remove(keys));
  EXPECT_TRUE(spool_->Remove({}));
  EXPECT_EQ(spool_->Stats().records, 19U);
}

TEST_F(SpoolTest, ManyScatteredKeysAreRemoved) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 1500));
  std::vector<uint64_t> odd;
  for (uint64_t seq = 1; seq <= 1500; seq += 2) odd.push_back(seq);
  ASSERT_TRUE(spool_->Remove(Keys(lane, odd)));
  EXPECT_EQ(spool_->Stats().records, 750U);
  EXPECT_LE(spool_->Stats().bytes, options_.max_bytes);
  Reopen();
  EXPECT_EQ(spool_->Stats().records, 750U);
}

TEST_F(SpoolTest, StatsFollowTheRecords) {
  EXPECT_EQ(spool_->Stats().oldest, std::nullopt);
  EXPECT_EQ(spool_->Stats().max_bytes, options_.max_bytes);
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 3));
  EXPECT_EQ(spool_->Stats().records, 3U);
  EXPECT_EQ(spool_->Stats().oldest, MakeEnvelope(1).stamp.wall);
  EXPECT_EQ(spool_->Stats().newest, MakeEnvelope(3).stamp.wall);
  ASSERT_TRUE(spool_->Remove(Keys(lane, {1})));
  EXPECT_EQ(spool_->Stats().oldest, MakeEnvelope(2).stamp.wall);
  Reopen();
  EXPECT_EQ(spool_->Stats().records, 2U);
  EXPECT_EQ(spool_->Stats().oldest, MakeEnvelope(2).stamp.wall);
  EXPECT_GT(spool_->Stats().bytes, 0U);
  ASSERT_TRUE(spool_->Remove(Keys(lane, {2, 3})));
  EXPECT_EQ(spool_->Stats().oldest, std::nullopt);
  EXPECT_EQ(spool_->Stats().newest, std::nullopt);
}

TEST_F(SpoolTest, TheLastLaneOfAStreamTellsHowItEnded) {
  EXPECT_EQ(*spool_->LastLane("probe"), std::nullopt);
  Begin(kProbeStream, 11);
  const LaneId status = Begin(kStatusStream, 12);
  const LaneId probe = Begin(kProbeStream, 13);
  ASSERT_TRUE(AppendRange(*spool_, probe, 1, 40));
  ASSERT_TRUE(spool_->EndLane(status, 3));
  Reopen();

  const auto unclean = *spool_->LastLane("probe");
  ASSERT_TRUE(unclean);
  EXPECT_EQ(unclean->id, probe);
  EXPECT_EQ(unclean->lane, (Lane{"gw-1", 13, "probe"}));
  EXPECT_EQ(unclean->topic, "picket.results");
  EXPECT_EQ(unclean->boot_id, "boot-1");
  EXPECT_EQ(unclean->window_records, 1000U);
  EXPECT_FALSE(unclean->ended_clean);
  EXPECT_EQ(unclean->high, 40U) << "a floor, from the records";

  const auto clean = *spool_->LastLane("status");
  ASSERT_TRUE(clean);
  EXPECT_TRUE(clean->ended_clean);
  EXPECT_EQ(clean->high, 3U);
  EXPECT_EQ(*spool_->LastLane("clicks"), std::nullopt);
}

TEST_F(SpoolTest, TheFloorOfALaneOutlivesItsRecords) {
  const LaneId lane = Begin();
  ASSERT_TRUE(AppendRange(*spool_, lane, 1, 40));
  ASSERT_TRUE(spool_->Remove(Keys(lane, Seqs(1, 40))));
  Reopen();
  EXPECT_EQ(spool_->GetLane(lane)->high, 40U);
}

TEST_F(SpoolTest, LanesWithNothingLeftToSayAreForgotten) {
  const LaneId first = Begin(kProbeStream, 1);
  ASSERT_TRUE(AppendRange(*spool_, first, 1, 2));
  const LaneId second = Begin(kProbeStream, 2);
  const LaneId third = Begin(kProbeStream, 3);
  EXPECT_TRUE(spool_->GetLane(first)) << "it has records";
  EXPECT_TRUE(spool_->GetLane(second)) << "it was the last when the third began";
  ASSERT_TRUE(spool_->Remove(Keys(first, {1, 2})));
  const LaneId fourth = Begin(kProbeStream, 4);
  EXPECT_EQ(spool_->GetLane(first).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(spool_->GetLane(second).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(spool_->GetLane(third));
  EXPECT_TRUE(spool_->GetLane(fourth));
  EXPECT_EQ(spool_->EndLane(first, 2).error().code, ErrorCode::kNotFound);
}

TEST_F(SpoolTest, ALaneIsSettledWhenNothingOfItIsLeft) {
  const auto settled = [this] {
    const std::vector<LaneInfo> lanes = spool_->SettledLanes().value();
    std::vector<LaneId> ids;
    for (const LaneInfo& lane : lanes) ids.push_back(lane.id);
    return ids;
  };
  const LaneId first = Begin(kProbeStream, 1);
  EXPECT_EQ(settled(), std::vector{first});
  ASSERT_TRUE(AppendRange(*spool_, first, 1, 2));
  const LaneId second = Begin(kProbeStream, 2);
  EXPECT_EQ(settled(), std::vector{second});
  ASSERT_TRUE(spool_->Remove(Keys(first, {1, 2})));
  EXPECT_EQ(settled(), (std::vector{first, second}));
}

TEST_F(SpoolTest, LanesAreBounded) {
  for (uint64_t epoch = 1; epoch <= 400; ++epoch) {
    const LaneId lane = Begin(kProbeStream, epoch);
    ASSERT_NE(lane, 0);
    ASSERT_TRUE(AppendRange(*spool_, lane, 1, 2, 50));
  }
  EXPECT_LE(spool_->Stats().records, 2U * 256U);
  EXPECT_GT(spool_->Stats().evicted_records, 0U);
  EXPECT_EQ(spool_->Stats().records + spool_->Stats().evicted_records, 800U);
  EXPECT_GT(logger_.Count("gave up the lane"), 0U);
}

}  // namespace
}  // namespace picket
