#include "consumer/route/placement.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr WallTime kNow{1'790'000'000'000'000};
constexpr std::chrono::microseconds kMonth = days(30);

WallTime At(std::chrono::microseconds after_now) {
  return {kNow.us + after_now.count()};
}

TEST(Placement, ARecordLiesAtItsEventTime) {
  const Placement place = Place(At(-seconds(5)), ClockState::kOk, kNow, kMonth);
  EXPECT_EQ(place.ts, At(-seconds(5)));
  EXPECT_FALSE(place.claimed);
}

TEST(Placement, ACorrectedClockIsBelieved) {
  EXPECT_FALSE(Place(At(-days(3)), ClockState::kCorrected, kNow, kMonth).claimed);
}

TEST(Placement, AnUnsyncedClockIsNotAndItsClaimIsKept) {
  const Placement place = Place(At(-seconds(5)), ClockState::kUnsynced, kNow, kMonth);
  EXPECT_EQ(place.ts, kNow);
  EXPECT_EQ(place.claimed, At(-seconds(5)));
}

TEST(Placement, AClockSlightlyAheadIsBelievedAndOneFarAheadIsNot) {
  EXPECT_FALSE(Place(At(kClockTolerance), ClockState::kOk, kNow, kMonth).claimed);
  const WallTime ahead = At(kClockTolerance + std::chrono::microseconds(1));
  EXPECT_EQ(Place(ahead, ClockState::kOk, kNow, kMonth).claimed, ahead);
}

TEST(Placement, WhatIsOlderThanTheRetentionMakesNoPartition) {
  EXPECT_EQ(Place(At(-days(30)), ClockState::kOk, kNow, kMonth).ts, At(-days(30)));
  EXPECT_EQ(Place(At(-days(31)), ClockState::kOk, kNow, kMonth).ts, kNow);
}

TEST(Placement, WithoutRetentionTheOldestPlaceIsStillBounded) {
  EXPECT_EQ(Place(kOldestPlace, ClockState::kOk, kNow, std::nullopt).ts, kOldestPlace);
  EXPECT_EQ(Place({kOldestPlace.us - 1}, ClockState::kOk, kNow, std::nullopt).ts, kNow);
}

}  // namespace
}  // namespace picket
