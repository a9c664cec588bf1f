#include "port/http_connect.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(HttpConnect, AsksForATunnel) {
  EXPECT_EQ(ConnectRequest({.host = "p", .port = 1, .user = {}, .password = {}}, "kafka.example", 9094),
            "CONNECT kafka.example:9094 HTTP/1.1\r\nHost: kafka.example:9094\r\n\r\n");
}

TEST(HttpConnect, LogsInWhereThereIsAUser) {
  const std::string request =
      ConnectRequest({.host = "p", .port = 1, .user = "Aladdin", .password = "open sesame"}, "::1", 9094);
  EXPECT_EQ(request,
            "CONNECT [::1]:9094 HTTP/1.1\r\nHost: [::1]:9094\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");  // RFC 7617's example
}

TEST(HttpConnect, Base64PadsAsRfc4648Does) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64("\xff\xfe"), "//4=");
}

TEST(HttpConnect, AnAnswerMayComeInPieces) {
  const std::string answer = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
  for (size_t size = 0; size < answer.size(); ++size) {
    const auto part = ReadConnectAnswer(answer.substr(0, size));
    ASSERT_TRUE(part) << size;
    EXPECT_FALSE(*part) << size;
  }
  const auto whole = ReadConnectAnswer(answer + "more");
  ASSERT_TRUE(whole && *whole);
  EXPECT_TRUE((*whole)->Good());
  EXPECT_EQ((*whole)->reason, "Connection established");
  EXPECT_EQ((*whole)->bytes, answer.size());
}

TEST(HttpConnect, WhatIsNoAnswerIsRefused) {
  for (const char* text : {"SSH-2.0-x", "HTTP/2 200\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 x00 a\r\n\r\n",
                           "HTTP/1.1 020 a\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "\x15\x03\x01"}) {
    const auto answer = ReadConnectAnswer(text);
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(ReadConnectAnswer("HTTP/1.1 200 " + std::string(kMaxConnectAnswerBytes, 'x')));
}

TEST(HttpConnect, ARefusalNamesItsCauseAndTheSetting) {
  const auto answer = ReadConnectAnswer("HTTP/1.1 407 Who\x01 are you\r\n\r\n");
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(DescribeRefusal(**answer, "k:1", "kafka.proxy"),
            "it refused a tunnel to k:1: 407 Who? are you: set user and password in kafka.proxy");
  EXPECT_NE(DescribeRefusal({.status = 502, .reason = {}, .bytes = 0}, "k:1", "kafka.proxy").find("cannot reach"),
            std::string::npos);
  EXPECT_NE(DescribeRefusal({.status = 500, .reason = {}, .bytes = 0}, "k:1", "kafka.proxy").find("kafka.proxy"),
            std::string::npos);
}

}  // namespace
}  // namespace picket
