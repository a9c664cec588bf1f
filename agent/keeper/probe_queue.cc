#include "agent/keeper/probe_queue.h"

#include <algorithm>
#include <utility>

namespace picket {
namespace {

void GiveUpBody(FinishedProbe* probe) {
  probe->body = std::string();
  probe->result.outcome = Outcome::kUnknown;
  probe->result.error = ProbeError::kLocal;
  probe->result.error_detail = "the agent is overloaded: body dropped before the regexp was matched";
}

}  // namespace

bool ProbeQueue::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return probes_.size() < max_probes_ && body_bytes_ < max_bytes_;
}

bool ProbeQueue::Push(FinishedProbe probe) {
  const std::lock_guard lock(mutex_);
  if (probes_.size() >= max_probes_ + slack_probes_) return false;
  if (body_bytes_ + probe.body.size() > max_bytes_ && !probe.body.empty()) GiveUpBody(&probe);
  body_bytes_ += probe.body.size();
  probes_.push_back(std::move(probe));
  return true;
}

std::vector<FinishedProbe> ProbeQueue::Take(size_t max_probes) {
  const std::lock_guard lock(mutex_);
  std::vector<FinishedProbe> taken;
  taken.reserve(std::min(max_probes, probes_.size()));
  while (!probes_.empty() && taken.size() < max_probes) {
    body_bytes_ -= probes_.front().body.size();
    taken.push_back(std::move(probes_.front()));
    probes_.pop_front();
  }
  return taken;
}

size_t ProbeQueue::Size() const {
  const std::lock_guard lock(mutex_);
  return probes_.size();
}

}  // namespace picket
