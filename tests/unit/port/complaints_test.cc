#include "port/complaints.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

class Lines : public Logger {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel, const char* component, std::string_view text) override {
    all.push_back(std::string(component) + " " + std::string(text));
  }
  std::vector<std::string> all;
};

class ComplaintsTest : public testing::Test {
 protected:
  FakeClock clock_;
  Lines lines_;
  Complaints complaints_{clock_, lines_};
};

TEST_F(ComplaintsTest, AKindIsSaidOnceAMinuteAndWhatWasKeptBackIsTold) {
  for (int i = 0; i < 3; ++i) complaints_.Tell(LogLevel::kError, "kafka", "auth", "refused");
  complaints_.Tell(LogLevel::kError, "store", "database", "away");
  clock_.Advance(LineThrottle::kPause);
  complaints_.Tell(LogLevel::kError, "kafka", "auth", "refused");
  EXPECT_EQ(lines_.all, (std::vector<std::string>{"kafka [auth] refused", "store [database] away",
                                                  "kafka [auth] refused (2 more like it since the last line)"}));
}

TEST_F(ComplaintsTest, WhatIsOverIsSaidAtOnceWhenItComesAgain) {
  complaints_.Tell(LogLevel::kError, "store", "database", "away");
  complaints_.Over("database");
  complaints_.Tell(LogLevel::kError, "store", "database", "away again");
  EXPECT_EQ(lines_.all.size(), 2U);
}

TEST_F(ComplaintsTest, TheSummaryCountsAllSinceTheLastOne) {
  EXPECT_EQ(complaints_.TakeSummary(), "");
  for (int i = 0; i < 3; ++i) complaints_.Tell(LogLevel::kError, "kafka", "refused", "refused");
  complaints_.Tell(LogLevel::kError, "kafka", "auth", "refused");
  EXPECT_EQ(complaints_.TakeSummary(), "auth 1, refused 3");
  EXPECT_EQ(complaints_.TakeSummary(), "");
}

}  // namespace
}  // namespace picket
