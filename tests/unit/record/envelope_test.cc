#include "record/envelope.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

constexpr WallTime kTime{1'795'251'600'123'456};  // 2026-11-21T09:00:00.123456Z

Lane TestLane() {
  return {.agent = "gw-1", .epoch = 9223372036854775807u, .stream = "probe"};
}

std::string MessageOf(const Lane& lane, const Envelope& envelope) {
  std::string out;
  AppendMessage(lane, envelope, &out);
  return out;
}

class ReadIdentityTest : public testing::Test {
 protected:
  Expected<MessageIdentity> Read(const std::string& text) {
    text_ = text;
    EXPECT_TRUE(document_.Parse(text_)) << text_;
    return ReadIdentity(document_.Root());
  }
  std::string Problem(const std::string& text) {
    const auto identity = Read(text);
    if (identity) return "accepted";
    EXPECT_EQ(identity.error().code, ErrorCode::kCorrupt);
    return identity.error().message;
  }
  // A good message in which one member is replaced, or left out when `value` is empty.
  static std::string With(const std::string& name, const std::string& value) {
    std::string out;
    for (const auto& [key, good] : {std::pair<std::string, std::string>{"agent", "\"gw-1\""},
                                    {"epoch", "\"42\""},
                                    {"seq", "7"},
                                    {"timestamp", "\"2026-11-21T09:00:00.123456Z\""},
                                    {"clock", "\"ok\""}}) {
      const std::string& text = key == name ? value : good;
      if (!text.empty()) out += (out.empty() ? "" : ",") + ("\"" + key + "\":") + text;
    }
    return "{" + out + "}";
  }

  JsonDocument document_;
  std::string text_;
};

TEST(AppendMessage, ClosesTheBodyWithTimeAndIdentity) {
  const Envelope envelope{
      .seq = 3, .stamp = {.wall = kTime, .boot = {}, .clock = ClockState::kCorrected}, .body = R"("a":1)"};
  EXPECT_EQ(MessageOf(TestLane(), envelope),
            R"({"a":1,"timestamp":"2026-11-21T09:00:00.123456Z","clock":"corrected","agent":"gw-1",)"
            R"("epoch":"9223372036854775807","seq":3})");
}

TEST(AppendMessage, AnEmptyBodyLeavesNoComma) {
  EXPECT_TRUE(MessageOf(TestLane(), {.seq = 1, .stamp = {}, .body = ""}).starts_with(R"({"timestamp":)"));
}

TEST(AppendMessage, AppendsToWhatIsThere) {
  std::string out = "x";
  AppendMessage(TestLane(), {.seq = 1, .stamp = {}, .body = ""}, &out);
  EXPECT_TRUE(out.starts_with("x{"));
}

TEST(AppendMessage, EscapesTheAgent) {
  Lane lane = TestLane();
  lane.agent = "a\"b";
  EXPECT_NE(MessageOf(lane, {.seq = 1, .stamp = {}, .body = ""}).find(R"("agent":"a\"b")"),
            std::string::npos);
}

TEST_F(ReadIdentityTest, ReadsWhatAppendMessageWrote) {
  for (const ClockState clock : {ClockState::kOk, ClockState::kCorrected, ClockState::kUnsynced}) {
    const auto identity = Read(
        MessageOf(TestLane(), {.seq = 5, .stamp = {.wall = kTime, .boot = {}, .clock = clock}, .body = ""}));
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->agent, "gw-1");
    EXPECT_EQ(identity->epoch, 9223372036854775807u);
    EXPECT_EQ(identity->seq, 5u);
    EXPECT_EQ(identity->timestamp, kTime);
    EXPECT_EQ(identity->clock, clock);
  }
}

TEST_F(ReadIdentityTest, NamesTheMemberThatIsMissing) {
  for (const std::string name : {"agent", "epoch", "seq", "timestamp", "clock"}) {
    EXPECT_EQ(Problem(With(name, "")), "member '" + name + "': missing");
  }
}

TEST_F(ReadIdentityTest, NamesTheMemberOfTheWrongType) {
  for (const std::string name : {"agent", "epoch", "timestamp", "clock"}) {
    EXPECT_EQ(Problem(With(name, "17")), "member '" + name + "': not a string");
    EXPECT_EQ(Problem(With(name, "null")), "member '" + name + "': not a string");
  }
  EXPECT_EQ(Problem(With("seq", "\"7\"")), "member 'seq': not an integer from 1 to 2^63-1");
}

TEST_F(ReadIdentityTest, RefusesNumbersOutOfRange) {
  for (const char* bad : {"0", "-1", "1.0", "1e3", "9223372036854775808", "99999999999999999999"}) {
    EXPECT_EQ(Problem(With("seq", bad)), "member 'seq': not an integer from 1 to 2^63-1") << bad;
  }
  for (const char* bad :
       {"\"\"", "\"0\"", "\"-1\"", "\"01\"", "\"+1\"", "\" 1\"", "\"1 \"", "\"9223372036854775808\""}) {
    EXPECT_EQ(Problem(With("epoch", bad)), "member 'epoch': not a decimal number from 1 to 2^63-1") << bad;
  }
}

TEST_F(ReadIdentityTest, RefusesAgentsThatNameNothing) {
  EXPECT_EQ(Problem(With("agent", "\"" + std::string(128, 'a') + "\"")), "accepted");
  for (const std::string& bad : {std::string(), std::string(129, 'a'), std::string("a\\u0000"),
                                 std::string("a\\n"), std::string("\\u007f")}) {
    EXPECT_NE(Problem(With("agent", "\"" + bad + "\"")), "accepted") << bad;
  }
}

TEST_F(ReadIdentityTest, RefusesTimesAndClocksItDoesNotKnow) {
  EXPECT_EQ(Problem(With("timestamp", "\"yesterday\"")), "member 'timestamp': not an ISO 8601 time in UTC");
  EXPECT_EQ(Problem(With("clock", "\"OK\"")), "member 'clock': not ok, corrected or unsynced");
}

TEST_F(ReadIdentityTest, RefusesWhatIsNoObject) {
  EXPECT_EQ(Problem("[]"), "not a JSON object");
  EXPECT_EQ(Problem("null"), "not a JSON object");
}

TEST(ClockState, NamesAreReadBack) {
  for (const ClockState state : {ClockState::kOk, ClockState::kCorrected, ClockState::kUnsynced}) {
    ClockState parsed{};
    EXPECT_TRUE(ParseClockState(ClockStateName(state), &parsed));
    EXPECT_EQ(parsed, state);
  }
  ClockState untouched = ClockState::kCorrected;
  EXPECT_FALSE(ParseClockState("", &untouched));
  EXPECT_EQ(untouched, ClockState::kCorrected);
}

TEST(ParsePositiveDecimal, TakesOneFormOnly) {
  uint64_t value = 99;
  EXPECT_TRUE(ParsePositiveDecimal("1", &value));
  EXPECT_EQ(value, 1u);
  EXPECT_TRUE(ParsePositiveDecimal("9223372036854775807", &value));
  EXPECT_EQ(value, 9223372036854775807u);
  for (const char* bad :
       {"", "0", "01", "+1", "-1", "1a", "1 ", " 1", "0x1", "9223372036854775808", "18446744073709551616"}) {
    EXPECT_FALSE(ParsePositiveDecimal(bad, &value)) << bad;
  }
  EXPECT_EQ(value, 9223372036854775807u) << "left alone when refused";
}

}  // namespace
}  // namespace picket
