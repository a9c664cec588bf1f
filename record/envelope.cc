#include "record/envelope.h"

#include <charconv>
#include <limits>
#include <utility>

#include "record/json_writer.h"
#include "record/utf8.h"

namespace picket {
namespace {

constexpr size_t kMaxAgentBytes = 128;

constexpr std::pair<ClockState, const char*> kClockStates[] = {
    {ClockState::kOk, "ok"},
    {ClockState::kCorrected, "corrected"},
    {ClockState::kUnsynced, "unsynced"},
};

std::unexpected<Error> BadMember(const char* name, const char* problem) {
  return Fail(ErrorCode::kCorrupt, "member '%s': %s", name, problem);
}

Expected<std::string> ReadText(const JsonValue& root, const char* name) {
  const JsonValue value = root.GetObjectItem(name);
  if (!value.IsPresent()) return BadMember(name, "missing");
  std::optional<std::string> text = value.GetString();
  if (!text) return BadMember(name, "not a string");
  return *std::move(text);
}

}  // namespace

const char* ClockStateName(ClockState state) {
  for (const auto& [value, name] : kClockStates) {
    if (value == state) return name;
  }
  return "unsynced";  // not an enumerator: claim as little as possible
}

bool ParseClockState(std::string_view text, ClockState* state) {
  for (const auto& [value, name] : kClockStates) {
    if (text == name) {
      *state = value;
      return true;
    }
  }
  return false;
}

bool IsAgentId(std::string_view text) {
  if (text.empty() || text.size() > kMaxAgentBytes || !IsUtf8(text)) return false;
  for (const char c : text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

void AppendMessage(const Lane& lane, const Envelope& envelope, std::string* out) {
  out->reserve(out->size() + envelope.body.size() + 192);
  out->push_back('{');
  out->append(envelope.body);
  if (!envelope.body.empty()) out->push_back(',');
  JsonWriter writer(out);
  writer.Key("timestamp");
  writer.String(FormatTimestamp(envelope.stamp.wall));
  writer.Key("clock");
  writer.String(ClockStateName(envelope.stamp.clock));
  writer.Key("agent");
  writer.String(lane.agent);
  writer.Key("epoch");
  writer.String(std::to_string(lane.epoch));
  writer.Key("seq");
  writer.Raw(std::to_string(envelope.seq));
  writer.EndObject();
}

Expected<MessageIdentity> ReadIdentity(const JsonValue& root) {
  if (!root.IsObject()) return Fail(ErrorCode::kCorrupt, "not a JSON object");
  MessageIdentity identity;

  Expected<std::string> agent = ReadText(root, "agent");
  if (!agent) return std::unexpected(agent.error());
  if (!IsAgentId(*agent)) return BadMember("agent", "not 1 to 128 bytes without control characters");
  identity.agent = *std::move(agent);

  const Expected<std::string> epoch = ReadText(root, "epoch");
  if (!epoch) return std::unexpected(epoch.error());
  if (!ParsePositiveDecimal(*epoch, &identity.epoch)) {
    return BadMember("epoch", "not a decimal number from 1 to 2^63-1");
  }

  const JsonValue seq = root.GetObjectItem("seq");
  if (!seq.IsPresent()) return BadMember("seq", "missing");
  if (!seq.IsNumber() || !ParsePositiveDecimal(seq.Raw(), &identity.seq)) {
    return BadMember("seq", "not an integer from 1 to 2^63-1");
  }

  const Expected<std::string> timestamp = ReadText(root, "timestamp");
  if (!timestamp) return std::unexpected(timestamp.error());
  if (!ParseTimestamp(*timestamp, &identity.timestamp)) {
    return BadMember("timestamp", "not an ISO 8601 time in UTC");
  }

  const Expected<std::string> clock = ReadText(root, "clock");
  if (!clock) return std::unexpected(clock.error());
  if (!ParseClockState(*clock, &identity.clock)) {
    return BadMember("clock", "not ok, corrected or unsynced");
  }
  return identity;
}

bool ParsePositiveDecimal(std::string_view text, uint64_t* value) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return false;
  uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return false;
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return false;
  *value = number;
  return true;
}

}  // namespace picket
