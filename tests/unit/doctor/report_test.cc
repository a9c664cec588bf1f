#include "doctor/report.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(StyleFor, ColoursAreForTerminalsThatWantThem) {
  EXPECT_TRUE(StyleFor({.is_terminal = true, .term = "xterm"}).colour);
  EXPECT_FALSE(StyleFor({.is_terminal = false, .term = "xterm"}).colour);
  EXPECT_FALSE(StyleFor({.is_terminal = true, .term = "dumb"}).colour);
  EXPECT_FALSE(StyleFor({.is_terminal = true}).colour);
  EXPECT_FALSE(StyleFor({.is_terminal = true, .no_color = "1", .term = "xterm"}).colour);
  EXPECT_TRUE(StyleFor({.is_terminal = true, .no_color = "", .term = "xterm"}).colour);
}

TEST(StyleFor, TheFirstLocaleThatIsSetNamesTheCharacters) {
  EXPECT_TRUE(StyleFor({.lang = "de_DE.UTF-8"}).utf8);
  EXPECT_TRUE(StyleFor({.lang = "C.utf8"}).utf8);
  EXPECT_FALSE(StyleFor({.lc_all = "C", .lang = "de_DE.UTF-8"}).utf8);
  EXPECT_TRUE(StyleFor({.lc_all = "", .lc_ctype = "en_US.UTF-8", .lang = "C"}).utf8);
  EXPECT_FALSE(StyleFor({}).utf8);
}

TEST(RenderCheck, AlignsAndSaysTheCureBelow) {
  const Check check = {"a", "clock", Verdict::kFailed, "1970", "run an NTP client"};
  EXPECT_EQ(RenderCheck(check, {}),
            "  FAIL  clock           1970\n"
            "                        -> run an NTP client\n");
  EXPECT_EQ(RenderCheck(check, {.utf8 = true}),
            "  \u2717  clock           1970\n"
            "                     \u2192 run an NTP client\n");
  EXPECT_NE(RenderCheck(check, {.colour = true}).find("\033[31m"), std::string::npos);
}

TEST(RenderCheck, AStrangersTextForgesNoLine) {
  EXPECT_EQ(RenderCheck({"a", "tls", Verdict::kOk, "issued by X\n  ok    login", ""}, {}),
            "  ok    tls             issued by X?  ok    login\n");
}

TEST(Report, AWarningIsNoCross) {
  Report report(nullptr, {});
  report.Area("here");
  report.Ok("one", "fine");
  report.Warn("two", "not so fine", "do this");
  EXPECT_TRUE(report.Good());
  report.Fail("three", "bad", "do that");
  EXPECT_FALSE(report.Good());
  EXPECT_EQ(report.Count(Verdict::kWarning), 1u);
}

TEST(Report, Json) {
  Report report(nullptr, {});
  report.Area("here");
  report.Ok("one", "a \"quote\"");
  report.Skip("two", "one is missing");
  EXPECT_EQ(
      report.Json(),
      R"({"ok":true,"checks":[)"
      R"({"area":"here","name":"one","verdict":"ok","found":"a \"quote\"","cure":null},)"
      R"({"area":"here","name":"two","verdict":"skipped","found":"skipped because one is missing","cure":null}]})"
      "\n");
}

}  // namespace
}  // namespace picket
