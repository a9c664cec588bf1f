#include "agent/cli/probe_command.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

constexpr WallTime kNow{1'793'491'200'000'000};  // 2026-11-01
constexpr int64_t kDay = 86'400'000'000;

ProbeResult Up() {
  ProbeResult result;
  result.url = "https://shop.example/";
  result.outcome = Outcome::kUp;
  result.status_code = 200;
  result.response_time_ms = 20;
  result.phases = {.dns_ms = 5, .connect_ms = 5, .tls_ms = 5, .ttfb_ms = 5, .transfer_ms = 0};
  result.ip = "192.0.2.1";
  result.http_version = "1.1";
  result.tls_version = "1.3";
  result.cert_not_after = WallTime{kNow.us + 10 * kDay};
  return result;
}

// The line that begins with `start`; empty when there is none.
std::string LineOf(const std::string& text, const std::string& start) {
  const size_t begin = ("\n" + text).find("\n" + start);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(DescribeProbe, BeginsWithTheVerdict) {
  const std::string text = DescribeProbe(Up(), kNow);
  EXPECT_EQ(text.substr(0, text.find('\n')), "up  HTTP 200  20.0 ms  https://shop.example/");
}

TEST(DescribeProbe, SaysWhyNot) {
  ProbeResult result = Up();
  result.outcome = Outcome::kDown;
  result.error = ProbeError::kTimeout;
  result.error_detail = "no end after 10 ms";
  EXPECT_EQ(LineOf(DescribeProbe(result, kNow), "  timeout"), "  timeout: no end after 10 ms");
}

TEST(DescribeProbe, EachBarBeginsWhereTheOneBeforeEnded) {
  const std::string text = DescribeProbe(Up(), kNow);
  EXPECT_EQ(LineOf(text, "  dns"), "  dns             5.0 ms  ##########");
  EXPECT_EQ(LineOf(text, "  tls"), "  tls             5.0 ms  " + std::string(20, ' ') + "##########");
  // Even the shortest phase is seen.
  EXPECT_EQ(LineOf(text, "  transfer"), "  transfer        0.0 ms  " + std::string(39, ' ') + "#");
}

TEST(DescribeProbe, LeavesOutWhatIsNotKnown) {
  ProbeResult result;
  result.url = "http://shop.example/";
  result.outcome = Outcome::kDown;
  result.error = ProbeError::kDns;
  result.error_detail = "cannot resolve shop.example";
  EXPECT_EQ(DescribeProbe(result, kNow), "down  http://shop.example/\n  dns: cannot resolve shop.example\n");
}

TEST(DescribeProbe, CountsTheCertificatesDays) {
  ProbeResult result = Up();
  EXPECT_EQ(LineOf(DescribeProbe(result, kNow), "  cert"), "  cert      valid to 2026-11-11, 10 more days");
  result.cert_not_after = WallTime{kNow.us - 3 * kDay};
  EXPECT_EQ(LineOf(DescribeProbe(result, kNow), "  cert"), "  cert      expired on 2026-10-29, 3 days ago");
}

TEST(DescribeProbe, TakesTheLongestUrl) {
  ProbeResult result = Up();
  result.url += std::string(2000, 'a');
  EXPECT_NE(DescribeProbe(result, kNow).find(result.url + "\n"), std::string::npos);
}

}  // namespace
}  // namespace picket
