#include "agent/keeper/stamper.h"

#include <gtest/gtest.h>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

TEST(Stamper, CountsFromOneAndTrustsAClockAfterTheBuild) {
  FakeClock clock;
  clock.wall.us = BuildTime().us + 1;
  Stamper stamper(clock);
  EXPECT_EQ(stamper.StampNow("a").seq, 1U);
  const Envelope second = stamper.StampNow("b");
  EXPECT_EQ(second.seq, 2U);
  EXPECT_EQ(second.stamp.clock, ClockState::kOk);
  EXPECT_EQ(second.stamp.wall, clock.wall);
  EXPECT_EQ(stamper.High(), 2U);
}

class CorrectedStampTest : public testing::Test {
 protected:
  CorrectedStampTest() {
    clock_.wall.us = 5'000'000;  // five seconds after 1970 began
    stamp_ = Stamper(clock_).StampNow("x").stamp;
    clock_.Advance(std::chrono::seconds(30));
  }
  FakeClock clock_;
  Stamp stamp_;
};

TEST_F(CorrectedStampTest, ComputesBackFromTheClockThatWasSetInThisBoot) {
  ASSERT_EQ(stamp_.clock, ClockState::kUnsynced);
  clock_.wall.us = BuildTime().us + 1'000'000'000;
  const Stamp corrected = CorrectedStamp(stamp_, clock_.boot_id, clock_);
  EXPECT_EQ(corrected.clock, ClockState::kCorrected);
  EXPECT_EQ(corrected.wall.us, clock_.wall.us - 30'000'000);
}

TEST_F(CorrectedStampTest, StaysUnsyncedWhileTheClockIsWrong) {
  EXPECT_EQ(CorrectedStamp(stamp_, clock_.boot_id, clock_).clock, ClockState::kUnsynced);
}

TEST_F(CorrectedStampTest, StaysUnsyncedWhenItIsOfAnotherBoot) {
  clock_.wall.us = BuildTime().us + 1'000'000'000;
  EXPECT_EQ(CorrectedStamp(stamp_, "another boot", clock_).clock, ClockState::kUnsynced);
}

}  // namespace
}  // namespace picket
