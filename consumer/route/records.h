// What messages become: rows, facts and dead letters, each with its place in Kafka and its identity.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "consumer/ledger/lane_ledger.h"
#include "port/clock.h"
#include "record/envelope.h"
#include "record/probe_result.h"

namespace picket {

// Names a lane before the database has given it a number.
struct LaneKey {
  std::string agent;
  uint64_t epoch = 0;
  auto operator<=>(const LaneKey&) const = default;
};

// (agent, epoch, seq) names a record for ever; stream and topic say what kind it is.
struct RecordId {
  LaneKey lane;
  uint64_t seq = 0;
};

// An address as PostgreSQL's inet wants it.
struct IpAddress {
  uint8_t bytes[16] = {};
  uint8_t length = 0;  // 4 or 16
};

// One row of table `result`.
struct ProbeRow {
  ProbeFields fields;  // `fields.ip` is replaced by `ip`
  std::optional<IpAddress> ip;
  ClockState clock = ClockState::kOk;
  WallTime ts;                      // decides the row's day
  std::optional<WallTime> claimed;  // what the record said, when ts is not that
};

// How a lane ended, as its agent says.
enum class LaneEnd : uint8_t {
  kClean,    // every seq up to `high` was stamped, and went to Kafka or the buffer
  kUnclean,  // killed: at most `unaccounted_max` records are neither received nor in the buffer
};

// What facts say of one lane. Applying is commutative: clean wins over unclean, numbers only grow.
struct LaneNews {
  LaneKey lane;
  std::string stream;
  std::optional<std::string> topic;
  std::optional<std::string> version;  // of the agent; set: the lane's start was reported
  std::optional<uint64_t> previous_epoch;
  std::optional<LaneEnd> end;
  std::optional<uint64_t> high;
  std::optional<uint64_t> unaccounted_max;
  bool drained = false;  // nothing of it is left in the agent's buffer
  std::vector<std::pair<RangeKind, SeqSpan>> ranges;
  std::optional<std::string> rejected_reason;
};

// A record of the status stream.
struct Fact {
  std::vector<LaneNews> news;  // none for a fact of a kind this version does not know
  uint64_t skipped = 0;        // due probes that were not started
};

// A message that cannot be stored, whole, with the reason.
struct DeadLetter {
  std::string reason;
  std::optional<std::string> key;
  std::optional<std::string> payload;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

// A message, decoded. `slot` says which partition of the batch it came from.
struct Record {
  size_t slot = 0;
  int64_t offset = 0;
  size_t bytes = 0;  // about what it holds in memory
  WallTime append_time;
  std::string_view stream;     // kProbeStream or kStatusStream
  std::optional<RecordId> id;  // empty only for dead letters that nothing names
  std::variant<ProbeRow, Fact, DeadLetter> content;
};

}  // namespace picket
