#include "agent/keeper/spiller.h"

#include <algorithm>
#include <utility>

namespace picket {

void Spiller::Spill(bool stalled, BootTime now) {
  const std::optional<BootTime> due = Due(stalled);
  if (!due || *due > now) return;
  // Failures are counted, logged and tried again by SpillAll.
  if (!SpillAll(now)) return;
}

Status Spiller::SpillAll(BootTime now) {
  Window& window = parts_.window;
  const std::vector<WindowId> ids(window.ToSpill().begin(), window.ToSpill().end());
  if (ids.empty()) return {};
  Status stored = WriteLanesDown();
  if (stored) {
    std::vector<Spool::Entry> entries;
    entries.reserve(ids.size());
    for (const WindowId id : ids) {
      const HeldRecord& record = *window.Find(id);
      entries.push_back({.lane = *parts_.lanes[record.key.slot].id, .envelope = &record.envelope});
    }
    stored = parts_.spool.Append(entries);
  }
  if (!stored) {
    policy_.Failed(now);
    parts_.BufferTrouble(stored.error(), "results stay in memory, at most " +
                                             std::to_string(parts_.config.window_records) + " of them");
    return stored;
  }
  if (policy_.Failing()) parts_.logger.Info("buffer", "the buffer takes records again");
  policy_.Committed(now);
  parts_.metrics.spooled += ids.size();
  for (const WindowId id : ids) window.MarkSpooled(id);
  parts_.backlog.Grown();
  return {};
}

Status Spiller::WriteLanesDown() {
  for (const LaneSlot slot : parts_.lanes.Unwritten()) {
    const KnownLane& lane = parts_.lanes[slot];
    const Expected<LaneId> id =
        parts_.spool.BeginLane(lane.lane, lane.topic, lane.boot_id, parts_.config.window_records);
    if (!id) return std::unexpected(id.error());
    parts_.lanes.SetId(slot, *id);
  }
  return {};
}

void Spiller::MakeRoom(BootTime now) {
  Window& window = parts_.window;
  if (!window.Full()) return;
  const std::optional<BootTime> due = Due(true);
  if (due && *due <= now && SpillAll(now)) return;
  while (window.Full()) {
    const std::set<WindowId>& held = window.ToSpill();
    auto oldest = std::ranges::find_if(held, [&window](WindowId id) {
      const HeldRecord& record = *window.Find(id);
      return !record.status && !record.sent;
    });
    if (oldest == held.end()) {
      oldest = std::ranges::find_if(held, [&window](WindowId id) { return !window.Find(id)->status; });
    }
    if (oldest != held.end()) {
      GiveUp(*oldest);
    } else {
      GiveUp(held.empty() ? *window.Parked().begin() : *held.begin());
    }
  }
}

void Spiller::GiveUp(WindowId id) {
  const HeldRecord& record = *parts_.window.Find(id);
  if (record.status) {
    ++parts_.metrics.facts_dropped;
  } else {
    parts_.losses.Evicted(record.key);
    ++parts_.metrics.evicted;
    parts_.health.ComplainAs("buffer", "evicted",
                             "the buffer fails and memory is full: the oldest results are dropped");
  }
  parts_.window.Erase(id);
}

std::vector<Evicted> Spiller::NewEvictions() {
  const uint64_t evicted = parts_.spool.Stats().evicted_records;
  if (!told_.empty() || evicted_before_ == evicted) return {};
  Expected<std::vector<Evicted>> unreported = parts_.spool.UnreportedEvictions();
  if (!unreported) {
    parts_.BufferTrouble(unreported.error(), "what was dropped is told later");
    return {};
  }
  evicted_before_ = evicted;
  return *std::move(unreported);
}

void Spiller::TellsOf(const RecordKey& key, std::vector<Evicted> evictions) {
  told_.push_back({.fact = key, .evictions = std::move(evictions)});
}

bool Spiller::ForgetToldEvictions() {
  const size_t settled = std::erase_if(told_, [this](const Told& told) {
    if (const HeldRecord* fact = parts_.window.Find(told.fact); fact != nullptr && !fact->spooled)
      return false;
    const Status cleared = parts_.spool.ClearEvicted(told.evictions);
    if (!cleared) {  // told again at the next start, which changes nothing for the ledger
      parts_.BufferTrouble(cleared.error(), "what was dropped is told twice");
    }
    return true;
  });
  return settled > 0;
}

}  // namespace picket
