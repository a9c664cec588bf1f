#include "agent/keeper/drainer.h"

#include <algorithm>
#include <utility>

namespace picket {
namespace {
constexpr std::chrono::seconds kSpoolRetry{5};
}

void Drainer::Drain(BootTime now) {
  missed_ |= sender_.TakeMissed();
  if (wake_ && now < *wake_) return;
  wake_.reset();
  for (size_t looked_at = 0; looked_at < kMaxATurn; ++looked_at) {
    if (SendNext(now) == Step::kWait) return;
  }
  wake_ = now;  // the rest in the next turn
}

Drainer::Step Drainer::SendNext(BootTime now) {
  Backlog& backlog = parts_.backlog;
  // Results and facts share the file: results that wait make the facts behind them wait too.
  if (!sender_.MaySendBacklog(false, now) || backlog.RemovalsWaiting() >= kMaxRemovalsWaiting)
    return Step::kWait;
  if (parts_.window.BacklogInFlightBytes() >= sender_.pacer().BytesAllowed(now)) return Step::kWait;

  const Expected<const SpooledRecord*> next = backlog.Peek();
  if (!next) {
    SpoolFailed(next.error(), now);
    return Step::kWait;
  }
  if (*next == nullptr) return BeginAgain(now) ? Step::kGoOn : Step::kWait;
  const SpooledRecord& spooled = **next;
  const Expected<LaneSlot> slot = parts_.lanes.Find(spooled.key.lane, parts_.spool);
  if (!slot) {
    SpoolFailed(slot.error(), now);
    return Step::kWait;
  }
  const RecordKey key{.slot = *slot, .seq = spooled.key.seq};
  if (parts_.window.Contains(key) || backlog.IsRemoved(spooled.key)) {
    backlog.Pop();
    return Step::kGoOn;
  }
  const bool status = parts_.lanes[*slot].IsStatus();
  if (status && !sender_.MaySendBacklog(true, now)) {
    if (sender_.StatusRefused() && !parts_.lanes[*slot].this_run) {
      ++parts_.metrics.facts_dropped;
      backlog.Remove(spooled.key, now);
    } else {
      facts_missed_ = true;
    }
    backlog.Pop();
    return Step::kGoOn;
  }
  if (!sender_.pacer().TakeRecord(now)) {
    wake_ = sender_.pacer().NextRecord();
    return Step::kWait;
  }
  const WindowId id = parts_.window.Add({.key = key,
                                         .envelope = spooled.envelope,
                                         .status = status,
                                         .backlog = true,
                                         .spooled = true,
                                         .since = now});
  if (sender_.Send(id, now)) {
    backlog.Pop();
    return Step::kGoOn;
  }
  // Still where it was in the spool; it may have left the window already.
  parts_.window.Erase(id);
  return Step::kWait;
}

bool Drainer::BeginAgain(BootTime now) {
  const bool facts = facts_missed_ && sender_.MaySendBacklog(true, now);
  if (!missed_ && !facts) return false;
  if (Status rewound = parts_.backlog.Rewind(now); !rewound) {
    SpoolFailed(rewound.error(), now);
    return false;
  }
  missed_ = facts_missed_ = false;
  return true;
}

void Drainer::SpoolFailed(const Error& error, BootTime now) {
  parts_.BufferTrouble(error, "what lies in it is sent later");
  wake_ = now + kSpoolRetry;
}

void Drainer::Tidy(BootTime now) {
  const std::optional<BootTime> due = parts_.backlog.RemovalDue();
  if (!due || *due > now) return;
  if (const Status removed = parts_.backlog.CommitRemovals(now); !removed) {
    parts_.BufferTrouble(removed.error(), "what was sent stays in it for now");
  }
}

std::optional<BootTime> Drainer::NextWake() const {
  const std::optional<BootTime> removal = parts_.backlog.RemovalDue();
  if (!wake_ || (removal && *removal < *wake_)) return removal;
  return wake_;
}

}  // namespace picket
