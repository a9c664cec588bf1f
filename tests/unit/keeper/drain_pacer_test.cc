#include "agent/keeper/drain_pacer.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::milliseconds;
constexpr BootTime kStart{std::chrono::seconds(1000)};

TEST(DrainPacer, AllowsWhatWasAcknowledgedInTheLastHalfSecondAndAtLeastALittle) {
  DrainPacer pacer(1000);
  EXPECT_EQ(pacer.BytesAllowed(kStart), DrainPacer::kMinBytesInFlight);
  pacer.Acknowledged(30'000, kStart);
  pacer.Acknowledged(20'000, kStart + milliseconds(300));
  EXPECT_EQ(pacer.BytesAllowed(kStart + milliseconds(400)), 50'000U);
  EXPECT_EQ(pacer.BytesAllowed(kStart + milliseconds(600)), 20'000U);
  EXPECT_EQ(pacer.BytesAllowed(kStart + milliseconds(900)), DrainPacer::kMinBytesInFlight);
}

TEST(DrainPacer, KeepsToTheRecordsASecondAndSaysWhenTheNextMayGo) {
  DrainPacer pacer(10);
  EXPECT_TRUE(pacer.TakeRecord(kStart));
  EXPECT_FALSE(pacer.TakeRecord(kStart));
  const BootTime next = pacer.NextRecord();
  EXPECT_GE(next, kStart + milliseconds(100));
  EXPECT_LE(next, kStart + milliseconds(101));
  EXPECT_TRUE(pacer.TakeRecord(next));
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += pacer.TakeRecord(next + milliseconds(10 * i));
  EXPECT_NEAR(taken, 10, 1);
}

TEST(DrainPacer, RightsNotUsedDoNotPileUp) {
  DrainPacer pacer(1000);
  pacer.TakeRecord(kStart);
  int taken = 0;
  while (pacer.TakeRecord(kStart + std::chrono::hours(1))) ++taken;
  EXPECT_EQ(taken, 100);
}

}  // namespace
}  // namespace picket
