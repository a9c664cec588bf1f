#include "consumer/ledger/range_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace picket {
namespace {

using Spans = std::vector<SeqSpan>;

TEST(RangeSet, TouchingSpansBecomeOne) {
  RangeSet set;
  set.Add({1, 5});
  set.Add({5, 9});
  EXPECT_EQ(set.Spans(), (Spans{{1, 9}}));
}

TEST(RangeSet, AFilledGapJoinsItsNeighbours) {
  RangeSet set{{1, 3}, {4, 6}};
  set.Add(3);
  EXPECT_EQ(set.Spans(), (Spans{{1, 6}}));
}

TEST(RangeSet, AnEmptySpanChangesNothing) {
  RangeSet set{{1, 3}};
  set.Add({7, 7});
  set.Remove({2, 2});
  EXPECT_EQ(set.Spans(), (Spans{{1, 3}}));
}

TEST(RangeSet, RemovingTheMiddleLeavesBothEnds) {
  RangeSet set{{1, 10}};
  set.Remove({4, 6});
  EXPECT_EQ(set.Spans(), (Spans{{1, 4}, {6, 10}}));
  EXPECT_EQ(set.Count(), 7u);
  EXPECT_EQ(set.High(), 9u);
}

TEST(RangeSet, HighOfTheEmptySetIsZero) {
  EXPECT_EQ(RangeSet().High(), 0u);
}

// Against the simplest thing that could be right.
TEST(RangeSet, BehavesLikeASetOfNumbersUnderRandomChanges) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 200; ++round) {
    RangeSet set;
    std::set<uint64_t> model;
    for (int step = 0; step < 40; ++step) {
      const uint64_t lo = 1 + random() % 60;
      const uint64_t hi = lo + random() % 12;
      const bool add = random() % 3 != 0;
      add ? set.Add({lo, hi}) : set.Remove({lo, hi});
      for (uint64_t seq = lo; seq < hi; ++seq) add ? (void)model.insert(seq) : (void)model.erase(seq);
      ASSERT_EQ(set.Count(), model.size());
      for (uint64_t seq = 0; seq < 80; ++seq) ASSERT_EQ(set.Contains(seq), model.contains(seq)) << seq;
      for (size_t i = 1; i < set.Spans().size(); ++i) ASSERT_LT(set.Spans()[i - 1].hi, set.Spans()[i].lo);
    }
  }
}

}  // namespace
}  // namespace picket
