#include "agent/check/regex.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

Regex::Match Search(const std::string& pattern, std::string_view subject) {
  const Expected<Regex> regex = Regex::Compile(pattern);
  if (!regex) {
    ADD_FAILURE() << pattern << ": " << regex.error().message;
    return Regex::Match::kLimit;
  }
  return regex->Search(subject);
}

TEST(Regex, FindsAnywhere) {
  EXPECT_EQ(Search("ok", "all systems ok."), Regex::Match::kYes);
  EXPECT_EQ(Search("ok", "all systems down"), Regex::Match::kNo);
  EXPECT_EQ(Search("^all", "all systems ok"), Regex::Match::kYes);
  EXPECT_EQ(Search("^systems", "all systems ok"), Regex::Match::kNo);
  EXPECT_EQ(Search("(?i)STATUS:\\s+(healthy|ok)\\b", "status:  ok!"), Regex::Match::kYes);
}

TEST(Regex, EmptyBodyIsABody) {
  EXPECT_EQ(Search("ok", ""), Regex::Match::kNo);
  EXPECT_EQ(Search("^$", ""), Regex::Match::kYes);
}

TEST(Regex, PatternAndBodyAreUtf8) {
  EXPECT_EQ(Search("gr.n", "alles grün"), Regex::Match::kYes);
  EXPECT_EQ(Search("^.$", "€"), Regex::Match::kYes);
}

TEST(Regex, BytesThatAreNoUtf8MatchNothingAndHideNothing) {
  EXPECT_EQ(Search("ok", "\xff\xfe ok \x80"), Regex::Match::kYes);
  EXPECT_EQ(Search("a.b",
                   "a\xff"
                   "b"),
            Regex::Match::kNo);
  EXPECT_EQ(Search("ok", "o\xffk"), Regex::Match::kNo);
}

TEST(Regex, NulIsAnOrdinaryByte) {
  EXPECT_EQ(Search("ok", std::string_view("\0\0ok", 4)), Regex::Match::kYes);
  EXPECT_EQ(Search(std::string("a\0b", 3), std::string_view("a\0b", 3)), Regex::Match::kYes);
}

TEST(Regex, ManyGroupsAreNoProblem) {
  EXPECT_EQ(Search("(a)(b)(c)(d)", "abcd"), Regex::Match::kYes);
}

// The last character keeps PCRE2 from seeing at once that a required one is missing.
TEST(Regex, ExponentialPatternsEndUndecided) {
  EXPECT_EQ(Search("^(a+)+$", std::string(50, 'a') + "b"), Regex::Match::kLimit);
  EXPECT_EQ(Search("(x+x+)+y", std::string(5000, 'x') + " y"), Regex::Match::kLimit);
  EXPECT_EQ(Search("^(a|a?)+$", std::string(5000, 'a') + "b"), Regex::Match::kLimit);
}

// PCRE2's own match limit starts anew at each position and would let this run for hours.
TEST(Regex, QuadraticPatternsEndUndecided) {
  EXPECT_EQ(Search("[a-y]+z", std::string(1 << 20, 'a') + " z"), Regex::Match::kLimit);
  EXPECT_EQ(Search("\\w+\\d*!", std::string(1 << 20, 'a') + " !"), Regex::Match::kLimit);
}

TEST(Regex, DeepRecursionEndsUndecided) {
  EXPECT_EQ(Search("(?:(?:a|b)(?:c|d)?)*e", std::string(1 << 20, 'a') + " e"), Regex::Match::kLimit);
  EXPECT_EQ(Search("^(\\((?1)*\\))*$", std::string(1 << 20, '(')), Regex::Match::kLimit);
}

TEST(Regex, OrdinaryPatternsOnLargeBodiesAreDecided) {
  std::string page;
  while (page.size() < (1 << 20)) page += "<p class=\"entry\">lorem ipsum dolor sit amet 12345</p>\n";
  for (const char* pattern :
       {"status", "[Ss]tatus: ok", "\\bok\\b", "\\w+@\\w+", "\\d{6,}", "class='[^']*'",
        "(?i)healthy|alive|running", "<title>.*</title>", "^ok$", "(?m)^ok$", "(?s)begin.*end"}) {
    EXPECT_EQ(Search(pattern, page), Regex::Match::kNo) << pattern;
  }
  EXPECT_EQ(Search("\\d+</p>\\s*$", page), Regex::Match::kYes);
}

TEST(Regex, WrongPatternsNameReasonAndOffset) {
  const Status wrong = ValidateRegex("ok(");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(wrong.error().message.find("at offset 3: "), std::string::npos) << wrong.error().message;
  EXPECT_NE(wrong.error().message.find("parenthesis"), std::string::npos) << wrong.error().message;
  EXPECT_FALSE(ValidateRegex("[z-a]"));
  EXPECT_FALSE(ValidateRegex("*"));
  EXPECT_FALSE(ValidateRegex("\xff"));
  EXPECT_FALSE(ValidateRegex("\\C"));
}

TEST(Regex, PatternsHaveAMaximumLength) {
  EXPECT_TRUE(ValidateRegex(std::string(kMaxRegexBytes, 'a')));
  EXPECT_FALSE(ValidateRegex(std::string(kMaxRegexBytes + 1, 'a')));
}

TEST(Regex, EmptyPatternMatches) {
  EXPECT_EQ(Search("", "anything"), Regex::Match::kYes);
}

}  // namespace
}  // namespace picket
