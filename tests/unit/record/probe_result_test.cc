#include "record/probe_result.h"

#include <gtest/gtest.h>

#include <cmath>

#include "record/envelope.h"

namespace picket {
namespace {

ProbeResult FullResult() {
  ProbeResult result;
  result.name = "shop";
  result.url = "https://shop.example/health?a=\"b\"";
  result.response_time_ms = 123.4567;
  result.status_code = 503;
  result.regex = "ok|\\bfine\\b";
  result.regex_check = false;
  result.outcome = Outcome::kDown;
  result.error = ProbeError::kStatus;
  result.error_detail = "503 Service Unavailable";
  result.phases = {.dns_ms = 1.5, .connect_ms = 2, .tls_ms = 30.25, .ttfb_ms = 80, .transfer_ms = 0};
  result.ip = "2001:db8::1";
  result.http_version = "1.1";
  result.tls_version = "1.3";
  result.cert_not_after = WallTime{1'795'251'600'000'000};
  result.redirects = 2;
  result.bytes = 5'000'000'000;
  result.attempts = 3;
  return result;
}

std::string BodyOf(const ProbeResult& result) {
  std::string body = "{";
  AppendProbeBody(result, &body);
  return body + "}";
}

class ProbeResultTest : public testing::Test {
 protected:
  JsonValue Parse(const std::string& text) {
    text_ = text;
    const Status status = document_.Parse(text_);
    EXPECT_TRUE(status) << text_ << ": " << status.error().message;
    return document_.Root();
  }
  ProbeFields Read(const std::string& text) {
    auto fields = ReadProbeFields(Parse(text));
    EXPECT_TRUE(fields) << fields.error().message;
    return fields ? *fields : ProbeFields{};
  }
  // What is wrong with a good record that has these members as well.
  std::string Problem(const std::string& members) {
    const auto fields = ReadProbeFields(Parse(R"({"name":"n","url":"u",)" + members + "}"));
    if (fields) return "accepted";
    EXPECT_EQ(fields.error().code, ErrorCode::kCorrupt);
    return fields.error().message;
  }

  JsonDocument document_;
  std::string text_;
};

TEST_F(ProbeResultTest, MessagesBeginWithTheContractInItsOrder) {
  std::string body, message;
  AppendProbeBody(FullResult(), &body);
  AppendMessage({.agent = "gw", .epoch = 1, .stream = "probe"}, {.seq = 1, .stamp = {}, .body = body},
                &message);
  std::string names;
  JsonValue v = Parse(message).FirstChild();
  for (int i = 0; i < 6; ++i, v = v.NextSibling()) names += v.Name() + " ";
  EXPECT_EQ(names, "name url response_time status_code regex regex_check ");
  EXPECT_TRUE(document_.Root().GetObjectItem("timestamp").IsString()) << "the seventh";
}

TEST_F(ProbeResultTest, ComesBackAsItWas) {
  const ProbeFields fields = Read(BodyOf(FullResult()));
  EXPECT_EQ(fields.name, "shop");
  EXPECT_EQ(fields.url, "https://shop.example/health?a=\"b\"");
  EXPECT_EQ(fields.response_time_ms, 123.457) << "rounded to a microsecond";
  EXPECT_EQ(fields.status_code, 503);
  EXPECT_EQ(fields.regex, "ok|\\bfine\\b");
  EXPECT_EQ(fields.regex_check, false);
  EXPECT_EQ(fields.outcome, "down");
  EXPECT_EQ(fields.error, "status");
  EXPECT_EQ(fields.error_detail, "503 Service Unavailable");
  EXPECT_EQ(fields.phases.dns_ms, 1.5);
  EXPECT_EQ(fields.phases.connect_ms, 2.0);
  EXPECT_EQ(fields.phases.tls_ms, 30.25);
  EXPECT_EQ(fields.phases.ttfb_ms, 80.0);
  EXPECT_EQ(fields.phases.transfer_ms, 0.0);
  EXPECT_EQ(fields.ip, "2001:db8::1");
  EXPECT_EQ(fields.http_version, "1.1");
  EXPECT_EQ(fields.tls_version, "1.3");
  EXPECT_EQ(fields.cert_not_after, WallTime{1'795'251'600'000'000});
  EXPECT_EQ(fields.redirects, 2);
  EXPECT_EQ(fields.bytes, 5'000'000'000);
  EXPECT_EQ(fields.attempts, 3);
}

TEST_F(ProbeResultTest, WhatIsMissingIsNullAndNeverZero) {
  ProbeResult result;
  result.name = "n";
  result.url = "u";
  const JsonValue root = Parse(BodyOf(result));
  for (const char* name : {"response_time", "status_code", "regex", "regex_check", "error"}) {
    EXPECT_TRUE(root.GetObjectItem(name).IsNull()) << name;
  }
  for (const char* name : {"dns", "connect", "tls", "ttfb", "transfer"}) {
    EXPECT_TRUE(root.GetObjectItem("phases").GetObjectItem(name).IsNull()) << name;
  }
  for (const char* name : {"error_detail", "ip", "http_version", "tls_version", "cert_not_after"}) {
    EXPECT_FALSE(root.GetObjectItem(name).IsPresent()) << name;
  }
  const ProbeFields fields = Read(BodyOf(result));
  EXPECT_FALSE(fields.response_time_ms || fields.status_code || fields.regex || fields.regex_check);
  EXPECT_FALSE(fields.error || fields.error_detail || fields.ip || fields.http_version || fields.tls_version);
  EXPECT_FALSE(fields.phases.dns_ms || fields.phases.transfer_ms || fields.cert_not_after);
}

TEST_F(ProbeResultTest, ATimeThatIsNoNumberIsNull) {
  ProbeResult result = FullResult();
  result.response_time_ms = std::nan("");
  EXPECT_TRUE(Parse(BodyOf(result)).GetObjectItem("response_time").IsNull());
}

TEST_F(ProbeResultTest, NulAndBadBytesInASiteStayReadable) {
  ProbeResult result = FullResult();
  result.error_detail = "a\xFF\nb";
  EXPECT_EQ(Read(BodyOf(result)).error_detail, "a\xEF\xBF\xBD\nb");
}

TEST_F(ProbeResultTest, ErrorDetailIsCutBetweenCharacters) {
  ProbeResult result = FullResult();
  result.error_detail = std::string(kMaxErrorDetailBytes - 1, 'x') + "\xE2\x82\xAC";
  EXPECT_EQ(Read(BodyOf(result)).error_detail, std::string(kMaxErrorDetailBytes - 1, 'x'));
}

TEST_F(ProbeResultTest, AMinimalRecordIsEnough) {
  const ProbeFields fields = Read(R"({"name":"n","url":"u"})");
  EXPECT_EQ(fields.outcome, "unknown");
  EXPECT_FALSE(fields.redirects || fields.attempts || fields.bytes);
}

TEST_F(ProbeResultTest, UnknownMembersAndNamesAreNoError) {
  const ProbeFields fields = Read(
      R"({"name":"n","url":"u","outcome":"degraded","error":"quic","humour":{"a":[1]},"phases":{"quic":"x","dns":1}})");
  EXPECT_EQ(fields.outcome, "degraded");
  EXPECT_EQ(fields.error, "quic");
  EXPECT_EQ(fields.phases.dns_ms, 1.0);
}

TEST_F(ProbeResultTest, NameAndUrlMustBeThere) {
  const auto problem = [this](const std::string& text) {
    const auto fields = ReadProbeFields(Parse(text));
    return fields ? "accepted" : fields.error().message;
  };
  EXPECT_EQ(problem(R"({"url":"u"})"), "member 'name': missing");
  EXPECT_EQ(problem(R"({"name":"n"})"), "member 'url': missing");
  EXPECT_EQ(problem(R"({"name":null,"url":"u"})"), "member 'name': missing");
  EXPECT_EQ(problem(R"({"name":1,"url":"u"})"), "member 'name': not a string");
  EXPECT_EQ(problem(R"([1])"), "not a JSON object");
}

TEST_F(ProbeResultTest, AWrongTypeNamesTheMember) {
  EXPECT_EQ(Problem(R"("response_time":"12")"), "member 'response_time': not a number");
  EXPECT_EQ(Problem(R"("status_code":"200")"), "member 'status_code': not an integer");
  EXPECT_EQ(Problem(R"("status_code":200.5)"), "member 'status_code': not an integer");
  EXPECT_EQ(Problem(R"("regex":1)"), "member 'regex': not a string");
  EXPECT_EQ(Problem(R"("regex_check":"true")"), "member 'regex_check': not a boolean");
  EXPECT_EQ(Problem(R"("outcome":1)"), "member 'outcome': not a string");
  EXPECT_EQ(Problem(R"("error":false)"), "member 'error': not a string");
  EXPECT_EQ(Problem(R"("error_detail":{})"), "member 'error_detail': not a string");
  EXPECT_EQ(Problem(R"("phases":[])"), "member 'phases': not an object");
  EXPECT_EQ(Problem(R"("phases":{"tls":"1"})"), "member 'phases.tls': not a number");
  EXPECT_EQ(Problem(R"("ip":1)"), "member 'ip': not a string");
  EXPECT_EQ(Problem(R"("http_version":1.1)"), "member 'http_version': not a string");
  EXPECT_EQ(Problem(R"("tls_version":1.3)"), "member 'tls_version': not a string");
  EXPECT_EQ(Problem(R"("cert_not_after":1)"), "member 'cert_not_after': not a string");
  EXPECT_EQ(Problem(R"("cert_not_after":"soon")"), "member 'cert_not_after': not an ISO 8601 time in UTC");
  EXPECT_EQ(Problem(R"("redirects":true)"), "member 'redirects': not an integer");
  EXPECT_EQ(Problem(R"("bytes":"1")"), "member 'bytes': not an integer");
  EXPECT_EQ(Problem(R"("attempts":[])"), "member 'attempts': not an integer");
}

TEST_F(ProbeResultTest, ANumberOutOfRangeNamesTheMember) {
  EXPECT_EQ(Problem(R"("response_time":1e999)"), "member 'response_time': out of range");
  EXPECT_EQ(Problem(R"("response_time":-1)"), "member 'response_time': out of range");
  EXPECT_EQ(Problem(R"("status_code":2147483648)"), "member 'status_code': out of range");
  EXPECT_EQ(Problem(R"("status_code":-1)"), "member 'status_code': out of range");
  EXPECT_EQ(Problem(R"("bytes":9223372036854775808)"), "member 'bytes': out of range");
  EXPECT_EQ(Problem(R"("bytes":9223372036854775807)"), "accepted");
  EXPECT_EQ(Problem(R"("phases":{"dns":-0.5})"), "member 'phases.dns': out of range");
}

TEST_F(ProbeResultTest, ANulNamesTheMember) {
  for (const char* name :
       {"regex", "outcome", "error", "error_detail", "ip", "http_version", "tls_version"}) {
    EXPECT_EQ(Problem(std::string("\"") + name + R"(":"a\u0000")"),
              std::string("member '") + name + "': contains NUL (U+0000)");
  }
}

TEST_F(ProbeResultTest, TheFirstThingThatIsWrongIsNamed) {
  EXPECT_EQ(Problem(R"("status_code":"x","bytes":"y")"), "member 'status_code': not an integer");
}

TEST(Outcome, NamesAreReadBack) {
  for (const Outcome outcome : {Outcome::kUp, Outcome::kDown, Outcome::kUnknown}) {
    Outcome parsed{};
    EXPECT_TRUE(ParseOutcome(OutcomeName(outcome), &parsed));
    EXPECT_EQ(parsed, outcome);
  }
  Outcome untouched = Outcome::kDown;
  EXPECT_FALSE(ParseOutcome("UP", &untouched));
  EXPECT_EQ(untouched, Outcome::kDown);
}

}  // namespace
}  // namespace picket
