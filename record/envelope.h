// What travels: bytes of a stream with an identity and a time. Window, spool, forwarder, ledger and the
// consumer's ingest know this and nothing of what the bytes mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "port/clock.h"
#include "port/error.h"
#include "record/json_reader.h"

namespace picket {

// How far the time of a record is to be believed.
enum class ClockState : uint8_t {
  kOk,         // the wall clock was trusted when the record was made
  kCorrected,  // it was not, but was set later in the same boot: the time is computed back from that
  kUnsynced,   // it never was: the time is a guess and says so
};
const char* ClockStateName(ClockState state);
bool ParseClockState(std::string_view text, ClockState* state);

// Name of a stream of records: "probe", "status"; [a-z0-9_]{1,32}.
inline constexpr std::string_view kProbeStream = "probe";
inline constexpr std::string_view kStatusStream = "status";

// Whether this can name an agent: 1 to 128 bytes of UTF-8 without control characters.
bool IsAgentId(std::string_view text);

// One (agent, epoch): the unit of the ledger. An epoch is drawn for each stream at each agent start.
struct Lane {
  std::string agent;   // see IsAgentId
  uint64_t epoch = 0;  // 1 to 2^63-1
  std::string stream;
  bool operator==(const Lane&) const = default;
};

// When a record was made: enough to say its wall time now or later in the same boot.
struct Stamp {
  WallTime wall;                       // as the wall clock said then, right or wrong
  BootTime boot;                       // time since boot then
  ClockState clock = ClockState::kOk;  // kOk or kUnsynced when stamped; kCorrected only when sent
};

// A record between stamping and the broker. `body` is the inside of a JSON object without braces and
// without the members that AppendMessage adds: `"name":"shop","url":...`.
struct Envelope {
  uint64_t seq = 0;  // from 1 in its lane
  Stamp stamp;
  std::string body;  // at most kMaxBodyBytes
};

inline constexpr size_t kMaxBodyBytes = 64 << 10;

// Appends the message as it goes to Kafka:
// {BODY,"timestamp":...,"clock":...,"agent":...,"epoch":"...","seq":N}.
void AppendMessage(const Lane& lane, const Envelope& envelope, std::string* out);

// Identity and time read back from a message.
struct MessageIdentity {
  std::string agent;
  uint64_t epoch = 0;
  uint64_t seq = 0;
  WallTime timestamp;
  ClockState clock = ClockState::kOk;
};

// kCorrupt names the first member that is missing or wrong: "member 'epoch': ...". `root` must be the
// parsed message.
Expected<MessageIdentity> ReadIdentity(const JsonValue& root);

// 1 to 2^63-1 in decimal digits, no sign, no leading zero (the form of epochs and of the seq header).
bool ParsePositiveDecimal(std::string_view text, uint64_t* value);

}  // namespace picket
