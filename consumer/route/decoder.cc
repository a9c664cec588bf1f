#include "consumer/route/decoder.h"

#include <arpa/inet.h>

#include <cstring>
#include <limits>
#include <utility>

#include "consumer/route/fact.h"
#include "consumer/route/placement.h"

namespace picket {
namespace {

std::optional<std::string_view> FindHeader(const Message& message, std::string_view name) {
  for (const MessageHeader& header : message.headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

// Ranges are half open, so the last number of all could not be written down.
bool IsLastNumber(uint64_t seq) {
  return seq == static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

std::optional<RecordId> IdFromHeaders(const Message& message) {
  const auto agent = FindHeader(message, "agent");
  const auto epoch = FindHeader(message, "epoch");
  const auto seq = FindHeader(message, "seq");
  RecordId id;
  if (!agent || !IsAgentId(*agent) || !epoch || !ParsePositiveDecimal(*epoch, &id.lane.epoch) || !seq ||
      !ParsePositiveDecimal(*seq, &id.seq) || IsLastNumber(id.seq)) {
    return std::nullopt;
  }
  id.lane.agent = *agent;
  return id;
}

std::unexpected<Error> BadMember(const char* name, const char* problem) {
  return Fail(ErrorCode::kCorrupt, "member '%s': %s", name, problem);
}

Expected<IpAddress> ParseIp(const std::string& text) {
  IpAddress ip;
  // The zone of a link-local address ("fe80::1%eth0") means something on that machine only.
  const std::string address = text.substr(0, text.find('%'));
  if (inet_pton(AF_INET, address.c_str(), ip.bytes) == 1) {
    ip.length = 4;
  } else if (inet_pton(AF_INET6, address.c_str(), ip.bytes) == 1) {
    ip.length = 16;
  } else {
    return BadMember("ip", "not an address");
  }
  return ip;
}

// The columns are narrower than the contract's types: what does not fit is refused, not bent.
Status CheckRanges(const ProbeFields& fields) {
  constexpr int32_t kSmall = std::numeric_limits<int16_t>::max();
  if (fields.status_code > kSmall) return BadMember("status_code", "out of range");
  if (fields.redirects > kSmall) return BadMember("redirects", "out of range");
  if (fields.attempts > kSmall) return BadMember("attempts", "out of range");
  if (fields.bytes > std::numeric_limits<int32_t>::max()) return BadMember("bytes", "out of range");

  constexpr double kFloat = std::numeric_limits<float>::max();
  const std::pair<const char*, const std::optional<double>&> durations[] = {
      {"response_time", fields.response_time_ms},   {"phases.dns", fields.phases.dns_ms},
      {"phases.connect", fields.phases.connect_ms}, {"phases.tls", fields.phases.tls_ms},
      {"phases.ttfb", fields.phases.ttfb_ms},       {"phases.transfer", fields.phases.transfer_ms},
  };
  for (const auto& [name, value] : durations) {
    if (value > kFloat) return BadMember(name, "out of range");
  }

  if (fields.outcome.size() > kMaxTermBytes) return BadMember("outcome", "too long");
  const std::pair<const char*, const std::optional<std::string>&> terms[] = {
      {"error", fields.error},
      {"http_version", fields.http_version},
      {"tls_version", fields.tls_version},
  };
  for (const auto& [name, value] : terms) {
    if (value && value->size() > kMaxTermBytes) return BadMember(name, "too long");
  }
  return {};
}

Expected<ProbeRow> ReadProbeRow(const JsonValue& root) {
  Expected<ProbeFields> fields = ReadProbeFields(root);
  if (!fields) return std::unexpected(std::move(fields).error());
  if (Status checked = CheckRanges(*fields); !checked) return std::unexpected(std::move(checked).error());
  ProbeRow row;
  row.fields = *std::move(fields);
  if (row.fields.ip) {
    const Expected<IpAddress> ip = ParseIp(*row.fields.ip);
    if (!ip) return std::unexpected(ip.error());
    row.ip = *ip;
    row.fields.ip.reset();
  }
  return row;
}

DeadLetter MakeDeadLetter(const Message& message, std::string reason) {
  DeadLetter letter;
  letter.reason = std::move(reason);
  if (message.key) letter.key = std::string(*message.key);
  if (message.payload) letter.payload = std::string(*message.payload);
  for (const MessageHeader& header : message.headers) {
    std::optional<std::string> value;
    if (header.value) value = std::string(*header.value);
    letter.headers.emplace_back(header.name, std::move(value));
  }
  return letter;
}

}  // namespace

Decoder::Decoder(std::string status_topic, std::optional<std::chrono::microseconds> retention,
                 const Clock& clock)
    : status_topic_(std::move(status_topic)), retention_(retention), clock_(clock) {}

Record Decoder::Begin(const Message& message, size_t slot) const {
  Record record;
  record.slot = slot;
  record.offset = message.offset;
  record.bytes = sizeof record + (message.payload ? message.payload->size() : 0);
  record.append_time = message.append_time.value_or(clock_.Wall());
  record.stream = message.topic == status_topic_ ? kStatusStream : kProbeStream;
  return record;
}

Record Decoder::Refuse(const Message& message, size_t slot, std::string reason) {
  Record record = Begin(message, slot);
  record.id = IdFromHeaders(message);
  record.content = MakeDeadLetter(message, std::move(reason));
  return record;
}

Record Decoder::Decode(const Message& message, size_t slot) {
  Record record = Begin(message, slot);
  if (!message.payload) return Refuse(message, slot, "no value");
  if (Status parsed = document_.Parse(*message.payload); !parsed) {
    return Refuse(message, slot, "not JSON: " + parsed.error().message);
  }
  const JsonValue root = document_.Root();
  const Expected<MessageIdentity> identity = ReadIdentity(root);
  if (!identity) return Refuse(message, slot, identity.error().message);
  if (IsLastNumber(identity->seq)) return Refuse(message, slot, "member 'seq': out of range");
  record.id = RecordId{{identity->agent, identity->epoch}, identity->seq};
  // What is wrong below this line has a name, whether its headers say it or not.
  const auto refuse = [&](Error error) {
    record.content = MakeDeadLetter(message, std::move(error.message));
    return std::move(record);
  };

  if (record.stream == kStatusStream) {
    Expected<Fact> fact = ReadFact(root, *identity);
    if (!fact) return refuse(std::move(fact).error());
    record.content = *std::move(fact);
    return record;
  }
  Expected<ProbeRow> row = ReadProbeRow(root);
  if (!row) return refuse(std::move(row).error());
  const Placement place = Place(identity->timestamp, identity->clock, record.append_time, retention_);
  row->clock = identity->clock;
  row->ts = place.ts;
  row->claimed = place.claimed;
  record.content = *std::move(row);
  return record;
}

}  // namespace picket
