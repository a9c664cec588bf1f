#include "agent/keeper/cluster_health.h"

namespace picket {
namespace {
constexpr const char* kComponent = "kafka";
}

void ClusterHealth::OnEvent(const ClusterEvent& event) {
  switch (event.kind) {
    case ClusterEvent::Kind::kConnected:
      NowConnected(event.text);
      return;
    case ClusterEvent::Kind::kAway:
      state_ = State::kAway;
      break;
    case ClusterEvent::Kind::kError:
      break;
  }
  Complain(event.error_kind, event.text);
}

void ClusterHealth::OnAcknowledged() {
  if (!Connected()) NowConnected("the cluster takes records again");
}

void ClusterHealth::Complain(const std::string& kind, const std::string& text) {
  Count(kind);
  ComplainAs(kComponent, kind, text);
}

void ClusterHealth::ComplainAs(const char* component, const std::string& kind, const std::string& text) {
  const auto kept_back = throttle_.Admit(kind, clock_.Boot());
  if (kept_back) logger_.Warning(component, "%s%s", text.c_str(), MoreLikeIt(*kept_back).c_str());
}

void ClusterHealth::NowConnected(const std::string& text) {
  state_ = State::kConnected;
  throttle_.Forget("away");
  logger_.Info(kComponent, "%s", text.c_str());
}

void ClusterHealth::Count(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  ++counts_[kind];
}

std::vector<std::pair<std::string, uint64_t>> ClusterHealth::ErrorCounts() const {
  const std::lock_guard lock(mutex_);
  return {counts_.begin(), counts_.end()};
}

}  // namespace picket
