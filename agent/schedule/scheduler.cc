#include "agent/schedule/scheduler.h"

#include <algorithm>

namespace picket {
namespace {

using std::chrono::microseconds;

// FNV-1a with the finalizer of MurmurHash3 (both public domain): names that differ in one digit must land
// far apart, which FNV alone does not do. Any change moves every site's turn, no more.
uint64_t Hash(std::string_view seed, std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  add(seed);
  add(std::string_view("\0", 1));
  add(name);
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

}  // namespace

Scheduler::Scheduler(EventLoop& loop, const Clock& clock, std::vector<SitePtr> sites, std::string_view seed,
                     Hooks hooks)
    : loop_(loop), clock_(clock), seed_(seed), hooks_(std::move(hooks)) {
  entries_.reserve(sites.size());
  for (SitePtr& site : sites) entries_.push_back(MakeEntry(std::move(site), BootTime{}));
}

Scheduler::~Scheduler() {
  loop_.CancelTimer(timer_);
}

Scheduler::Entry Scheduler::MakeEntry(SitePtr site, BootTime now) const {
  const auto interval = static_cast<uint64_t>(microseconds(site->interval).count());
  const microseconds offset(static_cast<int64_t>(Hash(seed_, site->name) % interval));
  return {.site = std::move(site), .offset = offset, .next = now + offset % kMaxFirstDelay, .running = nullptr};
}

void Scheduler::Start() {
  begun_ = clock_.Boot();
  for (Entry& entry : entries_) entry.next = begun_ + entry.offset % kMaxFirstDelay;
  Index();
}

void Scheduler::Replace(std::vector<SitePtr> sites) {
  const BootTime now = clock_.Boot();
  std::vector<Entry> entries;
  entries.reserve(sites.size());
  for (SitePtr& site : sites) {
    Entry entry = MakeEntry(std::move(site), now);
    if (const auto found = index_.find(entry.site->name); found != index_.end()) {
      Entry& before = entries_[found->second];
      entry.running = std::move(before.running);
      if (before.site->interval == entry.site->interval) entry.next = before.next;
    }
    entries.push_back(std::move(entry));
  }
  entries_ = std::move(entries);
  Index();
}

// What is derived from the entries.
void Scheduler::Index() {
  index_.clear();
  turns_ = {};
  for (size_t i = 0; i < entries_.size(); ++i) {
    index_.emplace(entries_[i].site->name, i);
    turns_.emplace(entries_[i].next, i);
  }
  loop_.CancelTimer(timer_);
  if (!turns_.empty()) Arm(turns_.top().first);
}

void Scheduler::Finished(const Site& site) {
  const auto found = index_.find(site.name);
  if (found == index_.end()) return;
  // Of a site that was taken out and put in again meanwhile there may be a later probe.
  if (SitePtr& running = entries_[found->second].running; running.get() == &site) running.reset();
}

void Scheduler::Arm(BootTime when) {
  timer_ = loop_.AddTimer(when, [this] { Run(); });
}

void Scheduler::Run() {
  const BootTime now = clock_.Boot();
  for (size_t taken = 0; taken < kMaxStartsPerTurn && turns_.top().first <= now; ++taken) {
    const Turn turn = turns_.top();
    turns_.pop();
    Take(turn, now);
    Entry& entry = entries_[turn.second];
    entry.next = NextTurn(entry, turn.first, now);
    turns_.emplace(entry.next, turn.second);
  }
  // Never for the past: the loop would take that for the same turn.
  Arm(std::max(turns_.top().first, now));
}

void Scheduler::Take(Turn turn, BootTime now) {
  Entry& entry = entries_[turn.second];
  const microseconds late = now - turn.first;
  const microseconds limit = std::max<microseconds>(entry.site->interval / kLatenessDivisor, kMinLateness);
  if (late > limit) return hooks_.skipped(Skip::kMissed, 1);
  if (entry.running) return hooks_.skipped(Skip::kStillRunning, 1);
  if (!hooks_.has_room()) return hooks_.skipped(Skip::kNoRoom, 1);
  entry.running = entry.site;
  if (!hooks_.start(entry.site)) {
    entry.running.reset();
    return hooks_.skipped(Skip::kNoRoom, 1);
  }
  max_lateness_ = std::max(max_lateness_, late);
}

// The first point of the site's grid after the turn `after` that is not past; those between are missed.
BootTime Scheduler::NextTurn(const Entry& entry, BootTime after, BootTime now) {
  const microseconds interval = entry.site->interval;
  const BootTime grid = begun_ + entry.offset;
  const auto point_after = [&](BootTime time) {
    return time < grid ? grid : grid + ((time - grid) / interval + 1) * interval;
  };
  const BootTime next = point_after(after);
  if (next > now) return next;
  const int64_t missed = (now - next) / interval + 1;
  hooks_.skipped(Skip::kMissed, static_cast<uint64_t>(missed));
  return next + missed * interval;
}

}  // namespace picket
