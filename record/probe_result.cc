#include "record/probe_result.h"

#include <cmath>
#include <limits>
#include <utility>

#include "record/json_writer.h"
#include "record/utf8.h"

namespace picket {
namespace {

constexpr int kMillisecondDecimals = 3;  // microseconds

constexpr std::pair<Outcome, const char*> kOutcomes[] = {
    {Outcome::kUp, "up"},
    {Outcome::kDown, "down"},
    {Outcome::kUnknown, "unknown"},
};

constexpr struct {
  const char* name;
  std::optional<double> Phases::* member;
} kPhases[] = {
    {"dns", &Phases::dns_ms},   {"connect", &Phases::connect_ms},   {"tls", &Phases::tls_ms},
    {"ttfb", &Phases::ttfb_ms}, {"transfer", &Phases::transfer_ms},
};

void AppendOptional(const char* name, const std::optional<std::string>& text, JsonWriter* writer) {
  if (!text) return;
  writer->Key(name);
  writer->String(*text);
}

void AppendPhases(const Phases& phases, JsonWriter* writer) {
  writer->Key("phases");
  writer->BeginObject();
  for (const auto& phase : kPhases) {
    writer->Key(phase.name);
    writer->NumberOrNull(phases.*phase.member, kMillisecondDecimals);
  }
  writer->EndObject();
}

// Reads the known members of one object and keeps the first thing that is wrong. Each Read leaves *out as
// it is when the member is missing or null.
class MemberReader {
 public:
  MemberReader(const JsonValue& object, const char* prefix) : object_(object), prefix_(prefix) {}

  void RequireText(const char* name, std::string* out) {
    std::optional<std::string> text;
    Read(name, &text);
    if (text) {
      *out = *std::move(text);
    } else {
      Refuse(name, "missing");
    }
  }

  void Read(const char* name, std::optional<std::string>* out) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return;
    if (!value.IsString()) return Refuse(name, "not a string");
    if (value.HasNul()) return Refuse(name, "contains NUL (U+0000)");
    *out = value.GetString();
  }

  void Read(const char* name, std::optional<bool>* out) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return;
    *out = value.GetBool();
    if (!*out) Refuse(name, "not a boolean");
  }

  // A duration in milliseconds.
  void Read(const char* name, std::optional<double>* out) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return;
    if (!value.IsNumber()) return Refuse(name, "not a number");
    const std::optional<double> number = value.GetNumber();
    if (!number || *number < 0) return Refuse(name, "out of range");
    *out = number;
  }

  template <typename Integer>
  void ReadInteger(const char* name, Integer lowest, std::optional<Integer>* out) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return;
    if (!value.IsNumber()) return Refuse(name, "not an integer");
    if (value.Raw().find_first_of(".eE") != std::string_view::npos) return Refuse(name, "not an integer");
    const std::optional<int64_t> number = value.GetInteger();
    if (!number || *number < lowest || *number > std::numeric_limits<Integer>::max()) {
      return Refuse(name, "out of range");
    }
    *out = static_cast<Integer>(*number);
  }

  void Read(const char* name, std::optional<WallTime>* out) {
    std::optional<std::string> text;
    Read(name, &text);
    if (!text) return;
    WallTime time;
    if (!ParseTimestamp(*text, &time)) return Refuse(name, "not an ISO 8601 time in UTC");
    *out = time;
  }

  void Read(const char* name, Phases* out) {
    const JsonValue value = Find(name);
    if (!value.IsPresent()) return;
    if (!value.IsObject()) return Refuse(name, "not an object");
    MemberReader phases(value, "phases.");
    for (const auto& phase : kPhases) phases.Read(phase.name, &(out->*phase.member));
    if (!phases.result_ && result_) result_ = phases.result_;
  }

  const Status& Result() const { return result_; }

 private:
  // Absent as well when the member is null or something was wrong before.
  JsonValue Find(const char* name) const {
    if (!result_) return {};
    const JsonValue value = object_.GetObjectItem(name);
    return value.IsNull() ? JsonValue() : value;
  }

  void Refuse(const char* name, const char* problem) {
    if (result_) result_ = Fail(ErrorCode::kCorrupt, "member '%s%s': %s", prefix_, name, problem);
  }

  const JsonValue object_;
  const char* const prefix_;
  Status result_;
};

}  // namespace

const char* OutcomeName(Outcome outcome) {
  for (const auto& [value, name] : kOutcomes) {
    if (value == outcome) return name;
  }
  return "unknown";
}

bool ParseOutcome(std::string_view text, Outcome* outcome) {
  for (const auto& [value, name] : kOutcomes) {
    if (text == name) {
      *outcome = value;
      return true;
    }
  }
  return false;
}

const char* ProbeErrorName(ProbeError error) {
  switch (error) {
    case ProbeError::kNone:
      return "";
    case ProbeError::kDns:
      return "dns";
    case ProbeError::kConnect:
      return "connect";
    case ProbeError::kTls:
      return "tls";
    case ProbeError::kTimeout:
      return "timeout";
    case ProbeError::kReset:
      return "reset";
    case ProbeError::kTooLarge:
      return "too_large";
    case ProbeError::kHttpProtocol:
      return "http_protocol";
    case ProbeError::kTooManyRedirects:
      return "too_many_redirects";
    case ProbeError::kStatus:
      return "status";
    case ProbeError::kRegex:
      return "regex";
    case ProbeError::kRegexLimit:
      return "regex_limit";
    case ProbeError::kCertificate:
      return "certificate";
    case ProbeError::kClock:
      return "clock";
    case ProbeError::kLocal:
      return "local";
  }
  return "local";
}

void AppendProbeBody(const ProbeResult& result, std::string* out) {
  JsonWriter writer(out);
  // The published contract, in its order.
  writer.Key("name");
  writer.String(result.name);
  writer.Key("url");
  writer.String(result.url);
  writer.Key("response_time");
  writer.NumberOrNull(result.response_time_ms, kMillisecondDecimals);
  writer.Key("status_code");
  writer.IntegerOrNull(result.status_code);
  writer.Key("regex");
  writer.StringOrNull(result.regex);
  writer.Key("regex_check");
  writer.BoolOrNull(result.regex_check);

  writer.Key("outcome");
  writer.String(OutcomeName(result.outcome));
  writer.Key("error");
  if (result.error == ProbeError::kNone) {
    writer.Null();
  } else {
    writer.String(ProbeErrorName(result.error));
  }
  if (!result.error_detail.empty()) {
    writer.Key("error_detail");
    writer.String(Utf8Prefix(result.error_detail, kMaxErrorDetailBytes));
  }
  AppendPhases(result.phases, &writer);
  AppendOptional("ip", result.ip, &writer);
  AppendOptional("http_version", result.http_version, &writer);
  AppendOptional("tls_version", result.tls_version, &writer);
  if (result.cert_not_after) {
    writer.Key("cert_not_after");
    writer.String(FormatTimestamp(*result.cert_not_after));
  }
  writer.Key("redirects");
  writer.Integer(result.redirects);
  writer.Key("bytes");
  writer.Integer(result.bytes);
  writer.Key("attempts");
  writer.Integer(result.attempts);
}

Expected<ProbeFields> ReadProbeFields(const JsonValue& root) {
  if (!root.IsObject()) return Fail(ErrorCode::kCorrupt, "not a JSON object");
  ProbeFields fields;
  MemberReader reader(root, "");
  reader.RequireText("name", &fields.name);
  reader.RequireText("url", &fields.url);
  reader.Read("response_time", &fields.response_time_ms);
  reader.ReadInteger<int32_t>("status_code", 0, &fields.status_code);
  reader.Read("regex", &fields.regex);
  reader.Read("regex_check", &fields.regex_check);
  std::optional<std::string> outcome;
  reader.Read("outcome", &outcome);
  fields.outcome = std::move(outcome).value_or(OutcomeName(Outcome::kUnknown));
  reader.Read("error", &fields.error);
  reader.Read("error_detail", &fields.error_detail);
  reader.Read("phases", &fields.phases);
  reader.Read("ip", &fields.ip);
  reader.Read("http_version", &fields.http_version);
  reader.Read("tls_version", &fields.tls_version);
  reader.Read("cert_not_after", &fields.cert_not_after);
  reader.ReadInteger<int32_t>("redirects", 0, &fields.redirects);
  reader.ReadInteger<int64_t>("bytes", 0, &fields.bytes);
  reader.ReadInteger<int32_t>("attempts", 0, &fields.attempts);
  if (!reader.Result()) return std::unexpected(reader.Result().error());
  return fields;
}

}  // namespace picket
