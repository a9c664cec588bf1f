// When each site is probed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "port/clock.h"
#include "port/event_loop.h"

namespace picket {

// Keeps one turn a site and interval, on one timer. Sites are spread over their interval by a hash of seed
// and name, so neither the sites of an agent nor the agents of a fleet start together. A site's turns lie
// on a grid: a late turn does not shift the next (no drift), and after a stall or a suspend the turns that
// were missed are counted and dropped, not made up for (no bunch).
class Scheduler {
 public:
  // The first turn of a site with a longer interval comes within this time, outside its grid.
  static constexpr std::chrono::seconds kMaxFirstDelay{10};
  // Probes begun in one turn of the loop; the sockets get theirs before the next.
  static constexpr size_t kMaxStartsPerTurn = 32;
  // A turn later than a tenth of its interval, or than kMinLateness where that is more, is missed: begun now,
  // it would bunch with others. A stall of a moment costs no result.
  static constexpr int kLatenessDivisor = 10;
  static constexpr std::chrono::seconds kMinLateness{1};

  enum class Skip : uint8_t {
    kStillRunning,  // the site's last probe has not ended
    kNoRoom,        // has_room or start said no
    kMissed,        // the loop came too late
  };

  struct Hooks {
    std::function<bool()> has_room;             // asked before each probe
    std::function<bool(const SitePtr&)> start;  // false: not begun
    std::function<void(Skip reason, uint64_t turns)> skipped;
  };

  // `seed` is the agent's id; names of sites are unique. `loop` and `clock` must outlive the scheduler; every
  // call is on the loop's thread.
  Scheduler(EventLoop& loop, const Clock& clock, std::vector<SitePtr> sites, std::string_view seed,
            Hooks hooks);
  // Starts no more probes.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Turns begin.
  void Start();
  // From now on these sites are probed, told apart by their names. One that was there with the same interval
  // keeps its turns, whatever else of it changed; one that is new, or has another interval, gets its first
  // turn within kMaxFirstDelay. A probe under way goes on, and its site has no other until Finished. Not from
  // inside a hook.
  void Replace(std::vector<SitePtr> sites);
  // A probe that `start` began is over; may be called from inside anything but `start`.
  void Finished(const Site& site);

  // The longest a probe was begun after its turn since the last call. Resets on read.
  std::chrono::microseconds TakeMaxLateness() { return std::exchange(max_lateness_, {}); }

 private:
  struct Entry {
    SitePtr site;
    std::chrono::microseconds offset;  // of its grid from the start; below the interval
    BootTime next;                     // its turn
    SitePtr running;                   // as it was when the probe under way began; null: none is
  };
  using Turn = std::pair<BootTime, size_t>;  // when, index of the entry

  Entry MakeEntry(SitePtr site, BootTime now) const;
  void Index();
  void Run();
  void Take(Turn turn, BootTime now);
  BootTime NextTurn(const Entry& entry, BootTime after, BootTime now);
  void Arm(BootTime when);

  EventLoop& loop_;
  const Clock& clock_;
  const std::string seed_;
  const Hooks hooks_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, size_t> index_;                  // by the site's name
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;  // one an entry
  BootTime begun_;
  EventLoop::TimerId timer_ = 0;
  std::chrono::microseconds max_lateness_{0};
};

}  // namespace picket
