#include "consumer/ledger/lane_ledger.h"

#include <algorithm>
#include <map>
#include <utility>

namespace picket {
namespace {

constexpr const char* kNames[kRangeKinds] = {"received", "rejected", "evicted"};

}  // namespace

const char* RangeKindName(RangeKind kind) {
  return kNames[static_cast<size_t>(kind)];
}

std::optional<RangeKind> ParseRangeKind(std::string_view name) {
  for (size_t i = 0; i < kRangeKinds; ++i) {
    if (name == kNames[i]) return static_cast<RangeKind>(i);
  }
  return std::nullopt;
}

LaneLedger::LaneLedger(const std::vector<RangeRow>& rows) {
  for (const RangeRow& row : rows) Note(row.kind, row.span);
}

void LaneLedger::Note(RangeKind kind, SeqSpan span) {
  if (span.lo >= span.hi) return;
  const size_t rank = static_cast<size_t>(kind);
  RangeSet news{span};
  for (size_t stronger = 0; stronger < rank; ++stronger) news.Remove(sets_[stronger]);
  for (size_t weaker = rank + 1; weaker < kRangeKinds; ++weaker) sets_[weaker].Remove(news);
  sets_[rank].Add(news);
}

uint64_t LaneLedger::High() const {
  uint64_t high = 0;
  for (const RangeSet& set : sets_) high = std::max(high, set.High());
  return high;
}

RangeSet LaneLedger::Holes(uint64_t high) const {
  RangeSet holes{{1, high + 1}};
  for (const RangeSet& set : sets_) holes.Remove(set);
  return holes;
}

std::vector<RangeRow> LaneLedger::Rows() const {
  std::vector<RangeRow> rows;
  for (size_t kind = 0; kind < kRangeKinds; ++kind) {
    for (const SeqSpan& span : sets_[kind].Spans()) rows.push_back({static_cast<RangeKind>(kind), span});
  }
  return rows;
}

RangeChanges LaneLedger::ChangesSince(const std::vector<RangeRow>& before) const {
  std::map<std::pair<RangeKind, uint64_t>, uint64_t> old;
  for (const RangeRow& row : before) old[{row.kind, row.span.lo}] = row.span.hi;

  RangeChanges changes;
  for (const RangeRow& row : Rows()) {
    const auto found = old.find({row.kind, row.span.lo});
    if (found == old.end()) {
      changes.written.push_back(row);
      continue;
    }
    if (found->second != row.span.hi) changes.written.push_back(row);
    old.erase(found);
  }
  for (const auto& [key, hi] : old) changes.removed.push_back({key.first, {key.second, hi}});
  return changes;
}

}  // namespace picket
