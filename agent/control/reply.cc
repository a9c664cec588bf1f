#include "agent/control/reply.h"

#include <utility>

namespace picket {
namespace {

constexpr ErrorCode kCodes[] = {
    ErrorCode::kInvalidArgument, ErrorCode::kConfig,      ErrorCode::kNotFound,
    ErrorCode::kAlreadyExists,   ErrorCode::kPermission,  ErrorCode::kUnavailable,
    ErrorCode::kResourceExhausted, ErrorCode::kCorrupt,   ErrorCode::kUnsupported,
    ErrorCode::kIo,              ErrorCode::kInternal,
};

void BeginReply(JsonWriter* json, bool ok) {
  json->BeginObject();
  json->Key("format");
  json->Integer(kControlFormat);
  json->Key("ok");
  json->Bool(ok);
}

}  // namespace

std::string SuccessReply(const std::function<void(JsonWriter& json)>& members) {
  std::string text;
  JsonWriter json(&text);
  BeginReply(&json, true);
  members(json);
  json.EndObject();
  return text;
}

std::string FailureReply(const Error& error) {
  std::string text;
  JsonWriter json(&text);
  BeginReply(&json, false);
  json.Key("error");
  json.BeginObject();
  json.Key("kind");
  json.String(ErrorCodeName(error.code));
  json.Key("text");
  json.String(error.message);
  json.EndObject();
  json.EndObject();
  return text;
}

Expected<JsonValue> ReadReply(std::string_view text, JsonDocument* document) {
  if (Status parsed = document->Parse(text); !parsed) {
    return std::unexpected(std::move(parsed).error().WithContext("the agent's reply"));
  }
  const JsonValue reply = document->Root();
  const auto format = reply.GetObjectItem("format").GetInteger();
  if (!format) return Fail(ErrorCode::kCorrupt, "what answers on the socket is no picket agent");
  if (*format != kControlFormat) {
    return Fail(ErrorCode::kUnsupported,
                "the agent speaks format %lld, this picket %d: use the agent's own version",
                static_cast<long long>(*format), kControlFormat);
  }
  if (reply.GetObjectItem("ok").GetBool() == true) return reply;
  const JsonValue error = reply.GetObjectItem("error");
  const std::string kind = error.GetObjectItem("kind").GetString().value_or("");
  for (const ErrorCode code : kCodes) {
    if (kind == ErrorCodeName(code)) {
      return std::unexpected(Error{code, error.GetObjectItem("text").GetString().value_or("")});
    }
  }
  return Fail(ErrorCode::kCorrupt, "the agent's reply names an error that is not known: %s", kind.c_str());
}

}  // namespace picket
