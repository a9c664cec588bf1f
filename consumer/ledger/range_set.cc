#include "consumer/ledger/range_set.h"

#include <algorithm>

namespace picket {

void RangeSet::Add(SeqSpan span) {
  if (span.lo >= span.hi) return;
  // Records of a lane mostly come in order: extend the last span.
  if (!spans_.empty() && span.lo >= spans_.back().lo && span.lo <= spans_.back().hi) {
    spans_.back().hi = std::max(spans_.back().hi, span.hi);
    return;
  }
  if (spans_.empty() || span.lo > spans_.back().hi) {
    spans_.push_back(span);
    return;
  }
  // All spans that overlap or touch become one.
  const auto first = std::lower_bound(spans_.begin(), spans_.end(), span.lo,
                                      [](const SeqSpan& s, uint64_t lo) { return s.hi < lo; });
  auto last = first;
  while (last != spans_.end() && last->lo <= span.hi) {
    span.lo = std::min(span.lo, last->lo);
    span.hi = std::max(span.hi, last->hi);
    ++last;
  }
  if (first == last) {
    spans_.insert(first, span);
  } else {
    *first = span;
    spans_.erase(first + 1, last);
  }
}

void RangeSet::Add(const RangeSet& other) {
  for (const SeqSpan& span : other.spans_) Add(span);
}

void RangeSet::Remove(SeqSpan span) {
  if (span.lo >= span.hi) return;
  const auto first = std::lower_bound(spans_.begin(), spans_.end(), span.lo,
                                      [](const SeqSpan& s, uint64_t lo) { return s.hi <= lo; });
  auto last = first;
  std::vector<SeqSpan> rest;  // at most what sticks out on either side
  while (last != spans_.end() && last->lo < span.hi) {
    if (last->lo < span.lo) rest.push_back({last->lo, span.lo});
    if (last->hi > span.hi) rest.push_back({span.hi, last->hi});
    ++last;
  }
  const auto gap = spans_.erase(first, last);
  spans_.insert(gap, rest.begin(), rest.end());
}

void RangeSet::Remove(const RangeSet& other) {
  for (const SeqSpan& span : other.spans_) Remove(span);
}

bool RangeSet::Contains(uint64_t seq) const {
  const auto span = std::lower_bound(spans_.begin(), spans_.end(), seq,
                                     [](const SeqSpan& s, uint64_t number) { return s.hi <= number; });
  return span != spans_.end() && span->lo <= seq;
}

uint64_t RangeSet::Count() const {
  uint64_t count = 0;
  for (const SeqSpan& span : spans_) count += span.hi - span.lo;
  return count;
}

}  // namespace picket
