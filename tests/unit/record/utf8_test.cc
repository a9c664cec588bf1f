#include "record/utf8.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(Utf8, FirstAndLastCodePointOfEachLengthAreWellFormed) {
  for (const std::string_view text :
       {"\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(Utf8SequenceLength(text), text.size()) << testing::PrintToString(text);
    EXPECT_TRUE(IsUtf8(text));
  }
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  const struct {
    std::string_view text;
    const char* why;
  } kCases[] = {
      {"\x80", "continuation alone"},
      {"\xBF", "continuation alone"},
      {"\xC0\x80", "overlong NUL"},
      {"\xC1\xBF", "overlong in two bytes"},
      {"\xE0\x9F\xBF", "overlong in three bytes"},
      {"\xF0\x8F\xBF\xBF", "overlong in four bytes"},
      {"\xED\xA0\x80", "high surrogate"},
      {"\xED\xBF\xBF", "low surrogate"},
      {"\xF4\x90\x80\x80", "above U+10FFFF"},
      {"\xF5\x80\x80\x80", "above U+10FFFF"},
      {"\xF8\x88\x80\x80\x80", "five bytes"},
      {"\xFE", "never a byte of UTF-8"},
      {"\xFF", "never a byte of UTF-8"},
      {"\xC2", "cut"},
      {"\xE2\x82", "cut"},
      {"\xF0\x9F\x98", "cut"},
      {"\xC2\x41", "no continuation"},
      {"\xE2\x82\x41", "no continuation"},
      {"\xF0\x9F\x98\x41", "no continuation"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Utf8SequenceLength(c.text), 0u) << c.why;
    EXPECT_FALSE(IsUtf8(std::string("ok").append(c.text))) << c.why;
  }
}

TEST(Utf8, AppendEncodesWhatTheDecoderAccepts) {
  for (const uint32_t code_point : {0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    AppendUtf8(code_point, &text);
    EXPECT_EQ(Utf8SequenceLength(text), text.size()) << code_point;
  }
}

TEST(Utf8, AppendReplacesWhatIsNoCharacter) {
  for (const uint32_t code_point : {0xD800u, 0xDFFFu, 0x110000u}) {
    std::string text;
    AppendUtf8(code_point, &text);
    EXPECT_EQ(text, "\xEF\xBF\xBD");
  }
}

TEST(Utf8, PrefixNeverCutsACharacter) {
  EXPECT_EQ(Utf8Prefix("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(Utf8Prefix("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(Utf8Prefix("a\xE2\x82\xAC", 2), "a");
  EXPECT_EQ(Utf8Prefix("a\xE2\x82\xAC", 0), "");
}

}  // namespace
}  // namespace picket
