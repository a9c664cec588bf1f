#include "agent/keeper/spill_policy.h"

#include <algorithm>

namespace picket {

SpillPolicy::SpillPolicy(const BufferConfig& config)
    : config_(config), failures_(std::chrono::seconds(1), std::chrono::minutes(1)) {}

BootTime SpillPolicy::Wanted(const Window& window, const HeldRecord& oldest, bool away) const {
  if (config_.mode == BufferMode::kAlways || window.Full()) return oldest.since;
  const BootTime wanted = away ? oldest.since : oldest.since + config_.spill_after;
  return last_commit_ ? std::max(wanted, *last_commit_ + config_.commit_interval) : wanted;
}

std::optional<BootTime> SpillPolicy::Due(const Window& window, bool away) const {
  if (window.ToSpill().empty()) return std::nullopt;
  const HeldRecord* oldest = window.Find(*window.ToSpill().begin());
  const BootTime wanted = Wanted(window, *oldest, away);
  return failures_.Failing() ? std::max(wanted, failures_.Until()) : wanted;
}

void SpillPolicy::Committed(BootTime now) {
  last_commit_ = now;
  failures_.Reset();
}

}  // namespace picket
