#include "agent/check/checker.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace picket {
namespace {

FinishedProbe Answered(std::optional<std::string> regex, std::string body) {
  FinishedProbe probe;
  probe.result.regex = std::move(regex);
  probe.result.status_code = 200;
  probe.result.outcome = Outcome::kUp;
  probe.body = std::move(body);
  return probe;
}

ProbeResult Check(FinishedProbe probe) {
  Checker().Check(&probe);
  EXPECT_TRUE(probe.body.empty());
  return probe.result;
}

TEST(Checker, WithoutARegexpNothingIsChecked) {
  const ProbeResult result = Check(Answered(std::nullopt, "ok"));
  EXPECT_FALSE(result.regex_check);
  EXPECT_EQ(result.outcome, Outcome::kUp);
}

TEST(Checker, FoundIsUp) {
  const ProbeResult result = Check(Answered("ok", "all ok"));
  EXPECT_EQ(result.regex_check, true);
  EXPECT_EQ(result.outcome, Outcome::kUp);
  EXPECT_EQ(result.error, ProbeError::kNone);
}

TEST(Checker, NotFoundIsDown) {
  const ProbeResult result = Check(Answered("ok", "back soon"));
  EXPECT_EQ(result.regex_check, false);
  EXPECT_EQ(result.outcome, Outcome::kDown);
  EXPECT_EQ(result.error, ProbeError::kRegex);
  EXPECT_FALSE(result.error_detail.empty());
}

TEST(Checker, AnEmptyAnswerIsSearchedToo) {
  EXPECT_EQ(Check(Answered("ok", "")).regex_check, false);
}

TEST(Checker, ABadStatusStandsAndTheBodyIsStillSearched) {
  for (const bool found : {true, false}) {
    FinishedProbe probe = Answered("ok", found ? "ok" : "no");
    probe.result.status_code = 500;
    probe.result.outcome = Outcome::kDown;
    probe.result.error = ProbeError::kStatus;
    const ProbeResult result = Check(std::move(probe));
    EXPECT_EQ(result.regex_check, found);
    EXPECT_EQ(result.outcome, Outcome::kDown);
    EXPECT_EQ(result.error, ProbeError::kStatus);
  }
}

TEST(Checker, NoAnswerHasNoRegexpVerdict) {
  FinishedProbe probe = Answered("ok", "");
  probe.result.status_code.reset();
  probe.result.outcome = Outcome::kDown;
  probe.result.error = ProbeError::kTimeout;
  const ProbeResult result = Check(std::move(probe));
  EXPECT_FALSE(result.regex_check);
  EXPECT_EQ(result.error, ProbeError::kTimeout);
}

TEST(Checker, HalfABodyHasNoRegexpVerdict) {
  FinishedProbe probe = Answered("ok", "o");
  probe.result.outcome = Outcome::kDown;
  probe.result.error = ProbeError::kTooLarge;
  EXPECT_FALSE(Check(std::move(probe)).regex_check);
}

TEST(Checker, UndecidedIsUnknown) {
  const ProbeResult result = Check(Answered("^(a+)+$", std::string(50, 'a') + "b"));
  EXPECT_FALSE(result.regex_check);
  EXPECT_EQ(result.outcome, Outcome::kUnknown);
  EXPECT_EQ(result.error, ProbeError::kRegexLimit);
}

TEST(Checker, APatternThatDoesNotCompileIsOurFault) {
  const ProbeResult result = Check(Answered("(", "ok"));
  EXPECT_FALSE(result.regex_check);
  EXPECT_EQ(result.outcome, Outcome::kUnknown);
  EXPECT_EQ(result.error, ProbeError::kLocal);
}

TEST(Checker, KeepsPatternsApart) {
  Checker checker;
  for (int round = 0; round < 2; ++round) {
    for (const char* word : {"one", "two"}) {
      FinishedProbe probe = Answered(word, "one");
      checker.Check(&probe);
      EXPECT_EQ(probe.result.regex_check, std::string(word) == "one");
    }
  }
}

}  // namespace
}  // namespace picket
