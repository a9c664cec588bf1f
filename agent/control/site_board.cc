#include "agent/control/site_board.h"

#include <algorithm>
#include <utility>

namespace picket {
namespace {

// Small: bad.
int Rank(const SiteState& state) {
  if (!state.last) return 2;
  switch (state.last->outcome) {
    case Outcome::kDown: return 0;
    case Outcome::kUnknown: return 1;
    case Outcome::kUp: break;
  }
  return 3;
}

}  // namespace

void SiteBoard::Replace(const std::vector<SitePtr>& sites) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, SiteState> states;
  for (const SitePtr& site : sites) {
    SiteState& state = states[site->name];
    const auto before = states_.find(site->name);
    if (before != states_.end() && before->second.site == site) {
      state = std::move(before->second);
    } else {
      state.site = site;
    }
  }
  states_ = std::move(states);
}

void SiteBoard::Note(const FinishedProbe& probe) {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(probe.site->name);
  if (found == states_.end() || found->second.site != probe.site) return;
  const ProbeResult& result = probe.result;
  found->second.last = SiteState::Last{.at = probe.started_wall,
                                       .outcome = result.outcome,
                                       .error = result.error,
                                       .detail = result.error_detail,
                                       .status_code = result.status_code,
                                       .response_time_ms = result.response_time_ms};
}

SiteCounts SiteBoard::Counts() const {
  const std::lock_guard lock(mutex_);
  SiteCounts counts;
  size_t* const by_rank[] = {&counts.down, &counts.unknown, &counts.waiting, &counts.up};
  for (const auto& [name, state] : states_) ++*by_rank[Rank(state)];
  return counts;
}

std::vector<SiteState> SiteBoard::Worst(size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<SiteState> worst;
  for (int rank = 0; rank <= 3; ++rank) {
    for (auto state = states_.begin(); state != states_.end() && worst.size() < most; ++state) {
      if (Rank(state->second) == rank) worst.push_back(state->second);
    }
  }
  return worst;
}

}  // namespace picket
