#include "port/line_throttle.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::seconds;

TEST(LineThrottle, SaysALineOnceAMinuteAndCountsTheOthers) {
  LineThrottle throttle;
  BootTime now{seconds(100)};
  EXPECT_EQ(throttle.Admit("auth", now), 0U);
  EXPECT_EQ(throttle.Admit("auth", now + seconds(1)), std::nullopt);
  EXPECT_EQ(throttle.Admit("auth", now + seconds(59)), std::nullopt);
  EXPECT_EQ(throttle.Admit("auth", now + seconds(60)), 2U);
  EXPECT_EQ(throttle.Admit("auth", now + seconds(61)), std::nullopt);
}

TEST(LineThrottle, KindsDoNotHideEachOther) {
  LineThrottle throttle;
  const BootTime now{seconds(100)};
  EXPECT_EQ(throttle.Admit("auth", now), 0U);
  EXPECT_EQ(throttle.Admit("dns", now), 0U);
}

TEST(LineThrottle, WhatIsOverIsSaidAtOnceWhenItComesBack) {
  LineThrottle throttle;
  const BootTime now{seconds(100)};
  throttle.Admit("away", now);
  throttle.Forget("away");
  EXPECT_EQ(throttle.Admit("away", now), 0U);
}

TEST(LineThrottle, RemembersABoundedNumberOfKinds) {
  LineThrottle throttle;
  const BootTime now{seconds(100)};
  for (size_t i = 0; i <= LineThrottle::kMaxKinds; ++i) {
    throttle.Admit("kind " + std::to_string(i), now + seconds(i / 60));
  }
  EXPECT_EQ(throttle.Admit("kind 0", now + seconds(2)), 0U) << "the oldest was forgotten";
  EXPECT_EQ(throttle.Admit("kind 64", now + seconds(2)), std::nullopt);
}

}  // namespace
}  // namespace picket
