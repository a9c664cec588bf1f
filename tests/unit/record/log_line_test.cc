#include "record/log_line.h"

#include <gtest/gtest.h>

#include "record/json_reader.h"
#include "record/utf8.h"

namespace picket {
namespace {

constexpr WallTime kTime{1'795'251'600'123'456};  // 2026-11-21T09:00:00.123456Z

TEST(TextLogLine, IsForPeople) {
  EXPECT_EQ(TextLogLine(kTime, LogLevel::kInfo, "kafka", "connected"),
            "2026-11-21T09:00:00.123Z info    kafka   connected");
}

TEST(TextLogLine, ATextCannotForgeALine) {
  const std::string line = TextLogLine(kTime, LogLevel::kError, "probe", "one\ntwo\rthree\x1b[2J");
  EXPECT_TRUE(line.ends_with("one two three [2J")) << line;
}

TEST(TextLogLine, ALongTextIsCut) {
  const std::string line = TextLogLine(kTime, LogLevel::kError, "probe", std::string(10'000, 'x'));
  EXPECT_EQ(line.size(), kMaxLogLineBytes - 1);
  EXPECT_TRUE(line.ends_with("x..."));
}

TEST(JsonLogLine, IsOneObject) {
  EXPECT_EQ(JsonLogLine(kTime, LogLevel::kWarning, "kafka", "user \"gw\" refused"),
            R"({"ts":"2026-11-21T09:00:00.123456Z","level":"warning","component":"kafka",)"
            R"("msg":"user \"gw\" refused"})");
}

TEST(JsonLogLine, AnyBytesMakeValidJsonInUtf8WithinTheLimit) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  const std::string controls(4'000, '\x01');
  const std::string broken = std::string(2'047, 'x') + "\xE2\x82";
  std::string euros;
  while (euros.size() < 5'000) euros += "\xE2\x82\xAC";
  for (const std::string& text : {all_bytes, controls, broken, euros, std::string()}) {
    const std::string line = JsonLogLine(kTime, LogLevel::kDebug, "kafka", text);
    EXPECT_LT(line.size(), kMaxLogLineBytes);
    EXPECT_TRUE(IsUtf8(line));
    EXPECT_EQ(line.find('\n'), line.npos);
    JsonDocument document;
    EXPECT_TRUE(document.Parse(line).has_value()) << line;
  }
}

TEST(JsonLogLine, ACutTextEndsInDots) {
  EXPECT_TRUE(JsonLogLine(kTime, LogLevel::kInfo, "probe", std::string(3'000, 'x')).ends_with("x...\"}"));
}

TEST(LogLineOf, TheFormatChoosesTheLine) {
  EXPECT_EQ(LogLineOf(LogFormat::kJson), &JsonLogLine);
  EXPECT_EQ(LogLineOf(LogFormat::kText), &TextLogLine);
}

}  // namespace
}  // namespace picket
