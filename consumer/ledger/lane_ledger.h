// The account of one lane: what became of each sequence number. Pure; the store keeps its rows.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "consumer/ledger/range_set.h"

namespace picket {

// What is known of a sequence number, strongest first: a record that was received stays received
// whatever else is said of it. "Missing" is not stored: it is what none of these says.
enum class RangeKind : uint8_t {
  kReceived,  // its row was stored
  kRejected,  // it arrived and cannot be stored (dead_letter has it), or no broker would take it
  kEvicted,   // the agent's buffer was full and dropped it, and said so
};
inline constexpr size_t kRangeKinds = 3;

// "received", "rejected", "evicted": the values of lane_range.kind.
const char* RangeKindName(RangeKind kind);
std::optional<RangeKind> ParseRangeKind(std::string_view name);

// One row of lane_range, less the lane.
struct RangeRow {
  RangeKind kind = RangeKind::kReceived;
  SeqSpan span;
  auto operator<=>(const RangeRow&) const = default;
};

// What to do to the stored rows, whose key is (kind, lo).
struct RangeChanges {
  std::vector<RangeRow> removed;  // rows whose (kind, lo) is no more
  std::vector<RangeRow> written;  // rows that are new or have another hi
};

// Each sequence number has at most one kind. Note is commutative, associative and idempotent: whatever
// order news comes in, and however often, the account is the same.
class LaneLedger {
 public:
  LaneLedger() = default;
  // From stored rows, in any order.
  explicit LaneLedger(const std::vector<RangeRow>& rows);

  void Note(RangeKind kind, SeqSpan span);
  // True when the record was stored before: the row that comes now is a duplicate.
  bool IsReceived(uint64_t seq) const { return Of(RangeKind::kReceived).Contains(seq); }

  const RangeSet& Of(RangeKind kind) const { return sets_[static_cast<size_t>(kind)]; }
  // Highest sequence number that anything is known of; 0 for none.
  uint64_t High() const;
  // What nothing is known of, from 1 to `high`.
  RangeSet Holes(uint64_t high) const;

  // Sorted by kind, then lo.
  std::vector<RangeRow> Rows() const;
  // What turns the rows of `before` into the rows of this ledger.
  RangeChanges ChangesSince(const std::vector<RangeRow>& before) const;

  bool operator==(const LaneLedger&) const = default;

 private:
  std::array<RangeSet, kRangeKinds> sets_;
};

}  // namespace picket
