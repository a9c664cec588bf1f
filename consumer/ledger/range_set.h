// Sets of sequence numbers as ranges: what a lane's account is made of.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace picket {

// Half open: lo <= seq < hi. Never empty.
struct SeqSpan {
  uint64_t lo = 0;
  uint64_t hi = 0;
  auto operator<=>(const SeqSpan&) const = default;
};

// Kept sorted, disjoint and merged: spans that touch are one. Adding at the end is O(1), elsewhere O(spans).
class RangeSet {
 public:
  RangeSet() = default;
  RangeSet(std::initializer_list<SeqSpan> spans) {
    for (const SeqSpan& span : spans) Add(span);
  }

  // An empty or reversed span changes nothing.
  void Add(SeqSpan span);
  void Add(uint64_t seq) { Add({seq, seq + 1}); }
  void Add(const RangeSet& other);
  void Remove(SeqSpan span);
  void Remove(const RangeSet& other);

  bool Contains(uint64_t seq) const;
  bool Empty() const { return spans_.empty(); }
  // How many sequence numbers, not how many spans.
  uint64_t Count() const;
  // The highest number in the set; 0 when it is empty (sequence numbers start at 1).
  uint64_t High() const { return spans_.empty() ? 0 : spans_.back().hi - 1; }
  const std::vector<SeqSpan>& Spans() const { return spans_; }

  bool operator==(const RangeSet&) const = default;

 private:
  std::vector<SeqSpan> spans_;
};

}  // namespace picket
