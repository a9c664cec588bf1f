#include "agent/control/reply.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

Expected<JsonValue> Read(std::string_view text, JsonDocument* document) {
  return ReadReply(text, document);
}

TEST(Reply, ASuccessIsReadBack) {
  const std::string text = SuccessReply([](JsonWriter& json) {
    json.Key("answer");
    json.Integer(42);
  });
  EXPECT_EQ(text, R"({"format":1,"ok":true,"answer":42})");
  JsonDocument document;
  const auto reply = Read(text, &document);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->GetObjectItem("answer").GetInteger(), 42);
}

TEST(Reply, AnErrorComesBackAsItWas) {
  for (const Error& error : {Error{ErrorCode::kConfig, "f:1:1: error: one\nf:2:1: error: two"},
                             Error{ErrorCode::kUnavailable, "away"}, Error{ErrorCode::kInternal, ""}}) {
    JsonDocument document;
    const std::string text = FailureReply(error);
    EXPECT_EQ(text.find('\n'), std::string::npos) << "a reply is one line";
    const auto reply = Read(text, &document);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, error.code);
    EXPECT_EQ(reply.error().message, error.message);
  }
}

TEST(Reply, WhatIsNoReplyIsSaidToBeNone) {
  JsonDocument document;
  EXPECT_EQ(Read("hello", &document).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Read("{}", &document).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Read(R"({"format":2,"ok":true})", &document).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(Read(R"({"format":1,"ok":false,"error":{"kind":"odd"}})", &document).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace picket
