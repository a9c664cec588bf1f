#include "settings/values.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::milliseconds;

TEST(ParseDuration, ReadsUnits) {
  EXPECT_EQ(ParseDuration("500ms"), milliseconds(500));
  EXPECT_EQ(ParseDuration("30s"), milliseconds(30'000));
  EXPECT_EQ(ParseDuration("5m"), milliseconds(300'000));
  EXPECT_EQ(ParseDuration("1h"), milliseconds(3'600'000));
  EXPECT_EQ(ParseDuration("2d"), milliseconds(172'800'000));
  EXPECT_EQ(ParseDuration("0s"), milliseconds(0));
}

TEST(ParseDuration, ABareNumberIsSeconds) {
  EXPECT_EQ(ParseDuration("10"), milliseconds(10'000));
  EXPECT_EQ(ParseDuration("0.25"), milliseconds(250));
}

TEST(ParseDuration, ReadsFractionsAndSums) {
  EXPECT_EQ(ParseDuration("1.5h"), milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("1m0.5s"), milliseconds(60'500));
  EXPECT_EQ(ParseDuration("0.0004s"), milliseconds(0));
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text :
       {"",     " ",    "s",    "5 s",  " 5s",   "5s ", "-5s",    "+5s",
        "5S",   "5min", "5sec", "1e3s", ".5s",   "5.s", "1h30",   "30m1h",
        "5s5s", "0x10", "inf",  "nan",  "10,5s", "5ss", "10001d", "99999999999999999999d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
  EXPECT_TRUE(ParseDuration("10000d"));
}

TEST(ParseSize, ReadsUnits) {
  EXPECT_EQ(ParseSize("4096"), 4096);
  EXPECT_EQ(ParseSize("0"), 0);
  EXPECT_EQ(ParseSize("7B"), 7);
  EXPECT_EQ(ParseSize("64kB"), 64'000);
  EXPECT_EQ(ParseSize("64KB"), 64'000);
  EXPECT_EQ(ParseSize("64KiB"), 65'536);
  EXPECT_EQ(ParseSize("16MiB"), 16'777'216);
  EXPECT_EQ(ParseSize("16MB"), 16'000'000);
  EXPECT_EQ(ParseSize("1.5GiB"), 1'610'612'736);
}

TEST(ParseSize, RefusesEverythingElse) {
  for (const char* text : {"", "-1", "+1", "1 MiB", "1M", "1k", "1mib", "1MIB", "MiB", "1MiB2", "1e3",
                           "9223372036854775808", "9000000000GiB", "1TiB", "0x10"}) {
    EXPECT_FALSE(ParseSize(text)) << text;
  }
}

TEST(ParseInteger, RefusesWhatIsNotWhole) {
  EXPECT_EQ(ParseInteger("42"), 42);
  EXPECT_EQ(ParseInteger("-42"), -42);
  for (const char* text : {"", "4.2", "4 ", " 4", "+4", "0x4", "4k", "9223372036854775808"}) {
    EXPECT_FALSE(ParseInteger(text)) << text;
  }
}

TEST(ParseBool, ReadsTheUsualWords) {
  for (const char* text : {"true", "True", "YES", "on"}) EXPECT_EQ(ParseBool(text), true) << text;
  for (const char* text : {"false", "no", "Off"}) EXPECT_EQ(ParseBool(text), false) << text;
  for (const char* text : {"", "1", "0", "y", "truee"}) EXPECT_FALSE(ParseBool(text).has_value()) << text;
}

TEST(SplitList, DropsSpacesAndEmptyParts) {
  EXPECT_EQ(SplitList("a:1, b:2 ,,c"), (std::vector<std::string>{"a:1", "b:2", "c"}));
  EXPECT_TRUE(SplitList("").empty());
  EXPECT_TRUE(SplitList(" , ").empty());
}

TEST(Format, IsReadBackAsTheSameValue) {
  for (const int64_t ms : {0, 1, 999, 1000, 1500, 60'000, 90'000, 3'600'000, 86'400'000, 172'800'001}) {
    EXPECT_EQ(ParseDuration(FormatDuration(milliseconds(ms))), milliseconds(ms)) << ms;
  }
  for (const int64_t bytes : {int64_t{0}, int64_t{1}, int64_t{1000}, int64_t{1024}, int64_t{16} << 20,
                              int64_t{16} << 30, int64_t{65'000}, int64_t{12'345'678}}) {
    EXPECT_EQ(ParseSize(FormatSize(bytes)), bytes) << bytes;
  }
}

TEST(Format, TakesTheLargestUnit) {
  EXPECT_EQ(FormatDuration(milliseconds(90'000)), "90s");
  EXPECT_EQ(FormatDuration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(FormatDuration(milliseconds(86'400'000)), "1d");
  EXPECT_EQ(FormatSize(16 << 20), "16MiB");
  EXPECT_EQ(FormatSize(1000), "1kB");
  EXPECT_EQ(FormatSize(1001), "1001");
}

TEST(Suggest, FindsTheNearest) {
  const std::vector<std::string_view> names = {"interval", "timeout", "max_body", "max_redirects"};
  EXPECT_EQ(Suggest("intervall", names), "interval");
  EXPECT_EQ(Suggest("inetrval", names), "interval") << "neighbours swapped";
  EXPECT_EQ(Suggest("TIMEOUT", names), "timeout");
  EXPECT_EQ(Suggest("maxbody", names), "max_body");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  const std::vector<std::string_view> names = {"interval", "url"};
  EXPECT_EQ(Suggest("colour", names), "");
  EXPECT_EQ(Suggest("", names), "");
  EXPECT_EQ(Suggest("ab", names), "");
  EXPECT_EQ(Suggest(std::string(100, 'x'), names), "");
  EXPECT_EQ(Suggest("intervalxx", names, 1), "") << "more edits than allowed";
}

}  // namespace
}  // namespace picket
