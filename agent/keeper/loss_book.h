// What was given up and is not told in a fact yet. Ranges, so that an hour of losses is a few numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/keeper/lane_directory.h"
#include "agent/spool/spool.h"
#include "port/clock.h"

namespace picket {

// A set of sequence numbers as closed ranges in ascending order.
class SeqRanges {
 public:
  void Add(uint64_t seq);
  bool Empty() const { return ranges_.empty(); }
  size_t Size() const { return ranges_.size(); }
  // Up to `max_ranges` of the lowest, taken out.
  std::vector<SeqRange> Take(size_t max_ranges);

 private:
  std::map<uint64_t, uint64_t> ranges_;  // first -> last
};

class LossBook {
 public:
  // Ranges in one fact: keeps a fact far below the bound on a record's body.
  static constexpr size_t kMaxRangesAFact = 256;
  // While losses go on they are told this often: facts take room, too.
  static constexpr std::chrono::seconds kPause{10};

  void Evicted(const RecordKey& key) { evicted_[key.slot].Add(key.seq); }
  void Rejected(const RecordKey& key, const std::string& reason) {
    rejected_[{key.slot, reason}].Add(key.seq);
  }
  void Skipped(uint64_t count) { skipped_ += count; }
  bool Empty() const { return evicted_.empty() && rejected_.empty() && skipped_ == 0; }

  // When the next fact should be made; nullopt: nothing to tell.
  std::optional<BootTime> Due() const;
  // The body of the next fact, taken out of the book; nullopt: nothing to tell. Regardless of Due.
  std::optional<std::string> TakeFact(const LaneDirectory& lanes, BootTime now);

 private:
  std::map<LaneSlot, SeqRanges> evicted_;
  std::map<std::pair<LaneSlot, std::string>, SeqRanges> rejected_;
  uint64_t skipped_ = 0;
  std::optional<BootTime> told_;
};

}  // namespace picket
