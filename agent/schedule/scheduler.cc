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
    : loop_(loop), clock_(clock), hooks_(std::move(hooks)) {
  entries_.reserve(sites.size());
  for (SitePtr& site : sites) {
    const auto interval = static_cast<uint64_t>(microseconds(site->interval).count());
    const microseconds offset(static_cast<int64_t>(Hash(seed, site->name) % interval));
    index_.emplace(site.get(), entries_.size());
    entries_.push_back({std::move(site), offset});
  }
}

Scheduler::~Scheduler() {
  loop_.CancelTimer(timer_);
}

void Scheduler::Start() {
  begun_ = clock_.Boot();
  for (size_t i = 0; i < entries_.size(); ++i)
    turns_.emplace(begun_ + entries_[i].offset % kMaxFirstDelay, i);
  if (!turns_.empty()) Arm(turns_.top().first);
}

void Scheduler::Finished(const Site& site) {
  if (const auto found = index_.find(&site); found != index_.end()) entries_[found->second].running = false;
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
    turns_.emplace(NextTurn(entries_[turn.second], turn.first, now), turn.second);
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
  entry.running = true;
  if (!hooks_.start(entry.site)) {
    entry.running = false;
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
