#include "agent/keeper/loss_book.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(SeqRanges, MergesNeighboursInAnyOrder) {
  SeqRanges ranges;
  for (const uint64_t seq : {5, 1, 3, 2, 9, 4, 9, 8}) ranges.Add(seq);
  EXPECT_EQ(ranges.Take(10), (std::vector<SeqRange>{{1, 5}, {8, 9}}));
  EXPECT_TRUE(ranges.Empty());
}

TEST(SeqRanges, AreTakenInParts) {
  SeqRanges ranges;
  for (const uint64_t seq : {1, 3, 5}) ranges.Add(seq);
  EXPECT_EQ(ranges.Take(2), (std::vector<SeqRange>{{1, 1}, {3, 3}}));
  EXPECT_EQ(ranges.Take(2), (std::vector<SeqRange>{{5, 5}}));
}

class LossBookTest : public testing::Test {
 protected:
  LossBookTest() {
    lanes_.Add({.lane = {.agent = "gw", .epoch = 7, .stream = "probe"},
                .topic = "t",
                .boot_id = {},
                .id = {},
                .this_run = true});
  }
  LaneDirectory lanes_;
  LossBook book_;
  static constexpr BootTime kNow{std::chrono::seconds(1000)};
};

TEST_F(LossBookTest, TellsTheFirstLossAtOnceAndLaterOnesWithAPause) {
  EXPECT_EQ(book_.Due(), std::nullopt);
  book_.Evicted({.slot = 0, .seq = 4});
  EXPECT_LE(*book_.Due(), kNow);
  EXPECT_EQ(book_.TakeFact(lanes_, kNow),
            R"("fact":"evicted","stream":"probe","lane_epoch":"7","ranges":[[4,4]])");
  EXPECT_EQ(book_.Due(), std::nullopt);
  book_.Evicted({.slot = 0, .seq = 5});
  EXPECT_EQ(book_.Due(), kNow + LossBook::kPause);
}

TEST_F(LossBookTest, KeepsReasonsApart) {
  book_.Rejected({.slot = 0, .seq = 1}, "too large");
  book_.Rejected({.slot = 0, .seq = 2}, "invalid");
  EXPECT_EQ(book_.TakeFact(lanes_, kNow),
            R"("fact":"rejected","stream":"probe","lane_epoch":"7","ranges":[[2,2]],"reason":"invalid")");
  EXPECT_EQ(book_.TakeFact(lanes_, kNow),
            R"("fact":"rejected","stream":"probe","lane_epoch":"7","ranges":[[1,1]],"reason":"too large")");
  EXPECT_EQ(book_.TakeFact(lanes_, kNow), std::nullopt);
}

TEST_F(LossBookTest, AFactHoldsABoundedNumberOfRanges) {
  for (uint64_t seq = 1; seq < 1000; seq += 2) book_.Evicted({.slot = 0, .seq = seq});
  EXPECT_LT(book_.TakeFact(lanes_, kNow)->size(), 64U << 10);
  EXPECT_FALSE(book_.Empty());
}

}  // namespace
}  // namespace picket
