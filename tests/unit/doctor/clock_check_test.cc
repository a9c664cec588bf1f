#include "doctor/clock_check.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

WallTime At(const char* text) {
  WallTime time;
  EXPECT_TRUE(ParseTimestamp(text, &time));
  return time;
}

const Check& Only(const Report& report) {
  EXPECT_EQ(report.Checks().size(), 1u);
  return report.Checks().front();
}

TEST(CheckClock, AfterTheBuildItIsBelieved) {
  Report report(nullptr, {});
  CheckClock(At("2026-11-21T09:00:00Z"), At("2026-11-20T00:00:00Z"), &report);
  EXPECT_EQ(Only(report).verdict, Verdict::kOk);
  EXPECT_EQ(Only(report).found, "2026-11-21 09:00:00 UTC");
}

TEST(CheckClock, AClockOf1970WasNeverSet) {
  Report report(nullptr, {});
  CheckClock(At("1970-01-01T00:03:00Z"), At("2026-11-20T00:00:00Z"), &report);
  EXPECT_EQ(Only(report).verdict, Verdict::kFailed);
  EXPECT_NE(Only(report).found.find("never set"), std::string::npos);
  EXPECT_NE(Only(report).cure.find("NTP"), std::string::npos);
}

TEST(CheckClock, BeforeTheBuildItIsWrong) {
  Report report(nullptr, {});
  CheckClock(At("2026-11-19T00:00:00Z"), At("2026-11-20T00:00:00Z"), &report);
  EXPECT_EQ(Only(report).verdict, Verdict::kFailed);
  EXPECT_NE(Only(report).found.find("before this program was built (2026-11-20)"), std::string::npos);
}

TEST(CheckSkew, SomeSecondsAreFine) {
  Report report(nullptr, {});
  CheckSkew({"the database", At("2026-11-21T09:00:00Z"), At("2026-11-21T09:00:02Z")}, &report);
  EXPECT_EQ(Only(report).verdict, Verdict::kOk);
  EXPECT_EQ(Only(report).found, "agrees with the database (2.0 s ahead)");
}

TEST(CheckSkew, SaysWhoIsBehind) {
  Report report(nullptr, {});
  CheckSkew({"the database", At("2026-11-21T10:00:00Z"), At("2026-11-21T09:00:00Z")}, &report);
  EXPECT_EQ(Only(report).verdict, Verdict::kWarning);
  EXPECT_EQ(Only(report).found, "this machine is 3600.0 s behind the database");
}

TEST(CheckSkew, AnOldRecordSaysNothingAboutBeingAhead) {
  Report report(nullptr, {});
  OtherClock record = {"the newest record", At("2026-11-01T00:00:00Z"), At("2026-11-21T09:00:00Z"), true};
  CheckSkew(record, &report);
  record.then = At("2026-11-22T00:00:00Z");
  CheckSkew(record, &report);
  ASSERT_EQ(report.Checks().size(), 2u);
  EXPECT_EQ(report.Checks()[0].verdict, Verdict::kOk);
  EXPECT_EQ(report.Checks()[1].verdict, Verdict::kWarning);
}

}  // namespace
}  // namespace picket
