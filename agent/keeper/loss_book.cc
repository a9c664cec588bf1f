#include "agent/keeper/loss_book.h"

#include <iterator>
#include <utility>

#include "agent/keeper/facts.h"

namespace picket {

void SeqRanges::Add(uint64_t seq) {
  const auto after = ranges_.upper_bound(seq);
  auto range = ranges_.end();
  if (after != ranges_.begin()) {
    range = std::prev(after);
    if (seq <= range->second) return;
    if (range->second + 1 == seq) {
      range->second = seq;
    } else {
      range = ranges_.end();
    }
  }
  if (range == ranges_.end()) range = ranges_.emplace(seq, seq).first;
  if (after != ranges_.end() && after->first == range->second + 1) {
    range->second = after->second;
    ranges_.erase(after);
  }
}

std::vector<SeqRange> SeqRanges::Take(size_t max_ranges) {
  std::vector<SeqRange> taken;
  while (!ranges_.empty() && taken.size() < max_ranges) {
    taken.push_back({ranges_.begin()->first, ranges_.begin()->second});
    ranges_.erase(ranges_.begin());
  }
  return taken;
}

std::optional<BootTime> LossBook::Due() const {
  if (Empty()) return std::nullopt;
  return told_ ? *told_ + kPause : BootTime{};
}

std::optional<std::string> LossBook::TakeFact(const LaneDirectory& lanes, BootTime now) {
  if (Empty()) return std::nullopt;
  told_ = now;
  if (!evicted_.empty()) {
    const auto entry = evicted_.begin();
    const Lane& lane = lanes[entry->first].lane;
    const std::string body = EvictedFactBody(lane.stream, lane.epoch, entry->second.Take(kMaxRangesAFact));
    if (entry->second.Empty()) evicted_.erase(entry);
    return body;
  }
  if (!rejected_.empty()) {
    const auto entry = rejected_.begin();
    const Lane& lane = lanes[entry->first.first].lane;
    const std::string body =
        RejectedFactBody(lane.stream, lane.epoch, entry->second.Take(kMaxRangesAFact), entry->first.second);
    if (entry->second.Empty()) rejected_.erase(entry);
    return body;
  }
  return SkippedFactBody(std::exchange(skipped_, 0));
}

}  // namespace picket
