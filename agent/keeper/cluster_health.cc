#include "agent/keeper/cluster_health.h"

namespace picket {
namespace {
constexpr const char* kComponent = "kafka";
constexpr const char* kAwayKind = "away";
constexpr const char* kUnacknowledgedKind = "unacknowledged";
}  // namespace

void ClusterHealth::OnEvent(const ClusterEvent& event) {
  if (event.kind == ClusterEvent::Kind::kConnected) {
    met_ = true;
    // With records overdue, only an acknowledgement says that all is well.
    if (!Away()) SetContact(Contact::kConnected);
    if (throttle_.Admit("connected", clock_.Boot())) logger_.Info(kComponent, "%s", event.text.c_str());
    return;
  }
  troubled_ = true;
  if (event.kind == ClusterEvent::Kind::kAway) SetContact(Contact::kAway);
  Complain(event.error_kind, event.text);
}

void ClusterHealth::OnOverdue() {
  if (Away()) return;
  SetContact(Contact::kAway);
  const char* text =
      "no broker acknowledges: check the network, kafka.brokers and the brokers; results are kept and sent later";
  Count(kAwayKind);
  // An error that came before it says more.
  if (!troubled_) NoteError(kAwayKind, text);
  ComplainAs(kComponent, kAwayKind, text);
}

void ClusterHealth::OnUnacknowledged(std::chrono::microseconds silence) {
  SetContact(Contact::kAway);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
  Complain(kUnacknowledgedKind,
           "no record is acknowledged for " + std::to_string(seconds) +
               " s though a broker answers: fewer replicas are in sync than the topic's min.insync.replicas? Bring its "
               "brokers back, or lower it; results are kept and sent later");
}

void ClusterHealth::OnAcknowledged() {
  troubled_ = false;
  met_ = true;
  if (Away()) {
    throttle_.Forget(kAwayKind);
    throttle_.Forget(kUnacknowledgedKind);
    logger_.Info(kComponent, "records are acknowledged again");
  }
  SetContact(Contact::kConnected);
}

void ClusterHealth::Complain(const std::string& kind, const std::string& text) {
  Count(kind);
  NoteError(kind, text);
  ComplainAs(kComponent, kind, text);
}

void ClusterHealth::ComplainAs(const char* component, const std::string& kind, const std::string& text) {
  const auto kept_back = throttle_.Admit(kind, clock_.Boot());
  if (kept_back) logger_.Warning(component, "%s%s", text.c_str(), MoreLikeIt(*kept_back).c_str());
}

void ClusterHealth::SetContact(Contact contact) {
  if (contact == contact_) return;
  contact_ = contact;
  const std::lock_guard lock(mutex_);
  shown_.contact = contact;
  shown_.since = clock_.Wall();
}

void ClusterHealth::Count(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  ++counts_[kind];
}

void ClusterHealth::NoteError(const std::string& kind, const std::string& text) {
  const std::lock_guard lock(mutex_);
  shown_.error_kind = kind;
  shown_.error_text = text;
  shown_.error_at = clock_.Wall();
}

ClusterState ClusterHealth::State() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

std::vector<std::pair<std::string, uint64_t>> ClusterHealth::ErrorCounts() const {
  const std::lock_guard lock(mutex_);
  return {counts_.begin(), counts_.end()};
}

}  // namespace picket
