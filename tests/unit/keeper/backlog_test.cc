#include "agent/keeper/backlog.h"

#include <gtest/gtest.h>

#include "tests/unit/keeper/fakes.h"

namespace picket {
namespace {

using std::chrono::seconds;

class BacklogTest : public testing::Test {
 protected:
  BacklogTest() {
    for (uint64_t seq = 1; seq <= 5; ++seq) Append(seq);
  }
  void Append(uint64_t seq) {
    SpooledRecord record;
    record.key = {.lane = 1, .seq = seq};
    record.envelope.seq = seq;
    disk_.records.push_back(record);
  }
  uint64_t Next() {
    const auto next = backlog_.Peek();
    if (!next || *next == nullptr) return 0;
    const uint64_t seq = (*next)->key.seq;
    backlog_.Pop();
    return seq;
  }

  static constexpr BootTime kNow{seconds(1000)};
  FakeDisk disk_;
  FakeSpool spool_{disk_};
  Backlog backlog_{spool_};
};

TEST_F(BacklogTest, ReadsInOrderUntilTheEndAndGoesOnWhenItGrew) {
  for (uint64_t seq = 1; seq <= 5; ++seq) EXPECT_EQ(Next(), seq);
  EXPECT_EQ(Next(), 0U);
  EXPECT_TRUE(backlog_.AtEnd());
  Append(6);
  EXPECT_EQ(Next(), 0U) << "not asked again before it is told";
  backlog_.Grown();
  EXPECT_EQ(Next(), 6U);
}

TEST_F(BacklogTest, RemovalsAreCommittedTogetherAfterAWait) {
  backlog_.Remove({.lane = 1, .seq = 1}, kNow);
  backlog_.Remove({.lane = 1, .seq = 2}, kNow + seconds(1));
  EXPECT_EQ(backlog_.RemovalDue(), kNow + Backlog::kRemoveAfter);
  ASSERT_TRUE(backlog_.CommitRemovals(kNow + seconds(2)));
  EXPECT_EQ(disk_.removes, 1U);
  EXPECT_EQ(disk_.records.size(), 3U);
  EXPECT_EQ(backlog_.RemovalDue(), std::nullopt);
}

TEST_F(BacklogTest, AFailedRemovalIsTriedAgainLater) {
  disk_.broken = true;
  backlog_.Remove({.lane = 1, .seq = 1}, kNow);
  EXPECT_FALSE(backlog_.CommitRemovals(kNow));
  EXPECT_TRUE(backlog_.IsRemoved({.lane = 1, .seq = 1}));
  EXPECT_EQ(backlog_.RemovalDue(), kNow + Backlog::kRemoveAfter);
}

TEST_F(BacklogTest, RewindingBeginsWithWhatIsStillThere) {
  EXPECT_EQ(Next(), 1U);
  EXPECT_EQ(Next(), 2U);
  backlog_.Remove({.lane = 1, .seq = 2}, kNow);
  ASSERT_TRUE(backlog_.Rewind(kNow));
  EXPECT_EQ(Next(), 1U);
  EXPECT_EQ(Next(), 3U);
}

}  // namespace
}  // namespace picket
