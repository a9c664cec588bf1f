// The result of one probe and its JSON form: a contract with everyone who reads the topic.
// record/record.schema.json is the same contract for machines; it only grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "port/clock.h"
#include "port/error.h"
#include "record/json_reader.h"

namespace picket {

enum class Outcome : uint8_t { kUp, kDown, kUnknown };
const char* OutcomeName(Outcome outcome);
bool ParseOutcome(std::string_view text, Outcome* outcome);

// Why a probe is not up. Readers store names they do not know as they are, so the reader below keeps text.
enum class ProbeError : uint8_t {
  kNone,
  kDns,
  kConnect,
  kTls,
  kTimeout,
  kReset,
  kTooLarge,
  kHttpProtocol,
  kTooManyRedirects,
  kStatus,
  kRegex,
  kRegexLimit,
  kCertificate,
  kClock,
  kLocal,
};
// "dns", "connect", ... "local"; kNone has no name and is null in JSON.
const char* ProbeErrorName(ProbeError error);

// Durations in milliseconds, not cumulative, summed over redirects; empty where a phase was not reached.
struct Phases {
  std::optional<double> dns_ms;
  std::optional<double> connect_ms;
  std::optional<double> tls_ms;
  std::optional<double> ttfb_ms;      // request sent to first byte of the response
  std::optional<double> transfer_ms;  // first byte to last
};

struct ProbeResult {
  std::string name;
  std::string url;
  std::optional<double> response_time_ms;  // total; empty when no response came, never 0 for that
  std::optional<int> status_code;
  std::optional<std::string> regex;  // as configured
  std::optional<bool> regex_check;   // empty: no regexp, or no body to match
  Outcome outcome = Outcome::kUnknown;
  ProbeError error = ProbeError::kNone;
  std::string error_detail;  // at most kMaxErrorDetailBytes, one line, no secrets
  Phases phases;
  std::optional<std::string> ip;            // numeric address of the last connection
  std::optional<std::string> http_version;  // "1.0", "1.1"
  std::optional<std::string> tls_version;   // "1.2", "1.3"
  std::optional<WallTime> cert_not_after;   // leaf certificate, also when its verification failed
  int redirects = 0;
  int64_t bytes = 0;  // of body received, headers not counted
  int attempts = 1;
};

inline constexpr size_t kMaxErrorDetailBytes = 256;

// Appends the members of the record's body (see Envelope::body): the contract's first six keys in order, then
// the rest; "timestamp" is added by AppendMessage. Times are rounded to a microsecond.
void AppendProbeBody(const ProbeResult& result, std::string* out);

// The consumer's view of a probe record: as AppendProbeBody wrote it, or as an older or newer agent did.
// Unknown outcome and error names are kept as text.
struct ProbeFields {
  std::string name, url;
  std::optional<double> response_time_ms;
  std::optional<int32_t> status_code;
  std::optional<std::string> regex;
  std::optional<bool> regex_check;
  std::string outcome;  // "unknown" when the member is missing
  std::optional<std::string> error, error_detail;
  Phases phases;
  std::optional<std::string> ip, http_version, tls_version;
  std::optional<WallTime> cert_not_after;
  std::optional<int32_t> redirects, attempts;
  std::optional<int64_t> bytes;
};

// kCorrupt names the member that is missing, of the wrong type, out of range or has a NUL: exactly what
// becomes the reason of a dead letter. Only name, url and the types of known members are insisted on.
Expected<ProbeFields> ReadProbeFields(const JsonValue& root);

}  // namespace picket
