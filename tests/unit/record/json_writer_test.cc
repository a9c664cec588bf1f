#include "record/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "record/json_reader.h"

namespace picket {
namespace {

std::string Write(const std::function<void(JsonWriter&)>& write) {
  std::string out;
  JsonWriter writer(&out);
  write(writer);
  return out;
}

std::string Number(double value, int decimals) {
  return Write([&](JsonWriter& w) { w.Number(value, decimals); });
}

std::string String(std::string_view text) {
  return Write([&](JsonWriter& w) { w.String(text); });
}

TEST(JsonWriter, PutsTheCommas) {
  EXPECT_EQ(Write([](JsonWriter& w) {
              w.BeginObject();
              w.Key("a");
              w.BeginArray();
              w.Integer(1);
              w.BeginArray();
              w.EndArray();
              w.BeginObject();
              w.EndObject();
              w.String("x");
              w.EndArray();
              w.Key("b");
              w.Bool(true);
              w.Key("c");
              w.Null();
              w.Key("d");
              w.Raw("[0]");
              w.EndObject();
            }),
            R"({"a":[1,[],{},"x"],"b":true,"c":null,"d":[0]})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "before ";
  JsonWriter(&out).Integer(7);
  EXPECT_EQ(out, "before 7");
}

TEST(JsonWriter, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(String("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(String(std::string_view("\0\x01\x1F\x7F", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(String("\xE2\x82\xAC"), "\"\xE2\x82\xAC\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(String("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(String("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(String("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, EveryPairOfBytesComesOutAsJson) {
  JsonDocument document;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string text = {static_cast<char>(a), static_cast<char>(b)};
      const std::string json = String(text);
      ASSERT_TRUE(document.Parse(json)) << a << " " << b;
      if (a < 0x80 && b < 0x80) {
        EXPECT_EQ(document.Root().GetString(), text);
      }
    }
  }
}

TEST(JsonWriter, WritesIntegersOf64Bits) {
  const auto integer = [](int64_t value) { return Write([&](JsonWriter& w) { w.Integer(value); }); };
  EXPECT_EQ(integer(INT64_MAX), "9223372036854775807");
  EXPECT_EQ(integer(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(integer(0), "0");
}

TEST(JsonWriter, DropsTrailingZeros) {
  EXPECT_EQ(Number(12.5, 3), "12.5");
  EXPECT_EQ(Number(12.0, 3), "12");
  EXPECT_EQ(Number(100.0, 0), "100");
  EXPECT_EQ(Number(0.0, 3), "0");
  EXPECT_EQ(Number(-0.0, 3), "0");
  EXPECT_EQ(Number(-0.0001, 3), "0");
  EXPECT_EQ(Number(0.0005001, 3), "0.001");
  EXPECT_EQ(Number(1234.5678, 3), "1234.568");
}

TEST(JsonWriter, WritesNoExponent) {
  EXPECT_EQ(Number(1e21, 3), "1000000000000000000000");
}

TEST(JsonWriter, ANumberThatIsNoneIsNull) {
  EXPECT_EQ(Number(std::nan(""), 3), "null");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity(), 3), "null");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity(), 3), "null");
}

TEST(JsonWriter, TheLargestDoubleFits) {
  const std::string text = Number(std::numeric_limits<double>::lowest(), 99);
  JsonDocument document;
  ASSERT_TRUE(document.Parse(text));
  EXPECT_EQ(document.Root().GetNumber(), std::numeric_limits<double>::lowest());
}

TEST(JsonWriter, AnEmptyOptionalIsNull) {
  EXPECT_EQ(Write([](JsonWriter& w) {
              w.BeginArray();
              w.StringOrNull(std::nullopt);
              w.NumberOrNull(std::nullopt, 3);
              w.IntegerOrNull(std::nullopt);
              w.BoolOrNull(std::nullopt);
              w.StringOrNull("");
              w.NumberOrNull(0.0, 3);
              w.IntegerOrNull(0);
              w.BoolOrNull(false);
              w.EndArray();
            }),
            R"([null,null,null,null,"",0,0,false])");
}

}  // namespace
}  // namespace picket
