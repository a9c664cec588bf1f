#include "agent/keeper/facts.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(Facts, AFirstStartHasNothingBefore) {
  EXPECT_EQ(
      FactBody(
          StartFact{.stream = "probe", .topic = "t", .version = "0.1.0", .lane_epoch = 9, .previous = {}}),
      R"("fact":"start","stream":"probe","topic":"t","lane_epoch":"9","previous_epoch":null,"previous_end":null,)"
      R"("previous_high":null,"unaccounted_max":null,"version":"0.1.0")");
}

TEST(Facts, AnUncleanEndSaysWhatMayBeMissing) {
  StartFact fact{.stream = "probe", .topic = "t", .version = "0.1.0", .lane_epoch = 9, .previous = {}};
  fact.previous = {.epoch = 8, .clean = false, .high = 40, .unaccounted_max = 1000};
  EXPECT_EQ(
      FactBody(fact),
      R"("fact":"start","stream":"probe","topic":"t","lane_epoch":"9","previous_epoch":"8","previous_end":"unclean",)"
      R"("previous_high":40,"unaccounted_max":1000,"version":"0.1.0")");
}

TEST(Facts, TheOthers) {
  const SeqRange ranges[] = {{1, 2}, {5, 5}};
  EXPECT_EQ(EndFactBody("probe", 9, 40), R"("fact":"end","stream":"probe","lane_epoch":"9","high":40)");
  EXPECT_EQ(EvictedFactBody("probe", 9, ranges),
            R"("fact":"evicted","stream":"probe","lane_epoch":"9","ranges":[[1,2],[5,5]])");
  EXPECT_EQ(SkippedFactBody(3), R"("fact":"skipped","stream":"probe","count":3)");
}

}  // namespace
}  // namespace picket
