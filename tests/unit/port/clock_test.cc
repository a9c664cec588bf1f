#include "port/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace picket {
namespace {

WallTime Parsed(std::string_view text) {
  WallTime time{-1};
  EXPECT_TRUE(ParseTimestamp(text, &time)) << text;
  return time;
}

TEST(FormatTimestamp, WritesMicrosecondsInUtc) {
  EXPECT_EQ(FormatTimestamp({0}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTimestamp({1'763'716'920'123'456}), "2025-11-21T09:22:00.123456Z");
  EXPECT_EQ(FormatTimestamp({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(FormatTimestamp, KnowsLeapDaysAndTheYearsBeyond2038) {
  EXPECT_EQ(FormatTimestamp({951'782'400'000'000}), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(FormatTimestamp({2'234'908'800'000'000}), "2040-10-27T00:00:00.000000Z");
  EXPECT_EQ(FormatTimestamp({4'107'542'400'000'000}), "2100-03-01T00:00:00.000000Z");
}

TEST(FormatTimestamp, ClampsToFourDigitYears) {
  EXPECT_EQ(FormatTimestamp({std::numeric_limits<int64_t>::max()}), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTimestamp({std::numeric_limits<int64_t>::min()}), "0000-01-01T00:00:00.000000Z");
}

TEST(ParseTimestamp, ReadsWhatFormatWrites) {
  for (int64_t us : {int64_t{0}, int64_t{-1}, int64_t{1'763'716'920'123'456}, int64_t{2'234'908'800'000'001}}) {
    EXPECT_EQ(Parsed(FormatTimestamp({us})).us, us);
  }
}

TEST(ParseTimestamp, TakesShorterFractionsAndOffsets) {
  EXPECT_EQ(Parsed("1970-01-01T00:00:01Z").us, 1'000'000);
  EXPECT_EQ(Parsed("1970-01-01T00:00:00.5Z").us, 500'000);
  EXPECT_EQ(Parsed("1970-01-01T02:00:00+02:00").us, 0);
  EXPECT_EQ(Parsed("1969-12-31T23:30:00-00:30").us, 0);
}

TEST(ParseTimestamp, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-13-01T00:00:00Z",
        "1970-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567Z",
        "1970-01-01T00:00:00Zx", "1970-01-01T00:00:00+2:00", "1970-01-01T00:00:00+24:00", "-970-01-01T00:00:00Z"}) {
    WallTime time{7};
    EXPECT_FALSE(ParseTimestamp(text, &time)) << text;
    EXPECT_EQ(time.us, 7) << text;
  }
}

TEST(BuildTime, IsAfterThisTestWasWritten) { EXPECT_GT(BuildTime().us, 1'700'000'000'000'000); }

}  // namespace
}  // namespace picket
