#include "agent/control/heartbeat.h"

#include <utility>

namespace picket {

Heartbeat::Heartbeat(EventLoop& loop, ServiceManager& manager, Hooks hooks)
    : loop_(loop), manager_(manager), hooks_(std::move(hooks)) {
  if (!manager_.Listens()) return;
  Tell();
  if (!manager_.AlivePeriod()) return;
  manager_.Alive();
  answers_seen_ = hooks_.keeper_answers();
  hooks_.ask_keeper();
  ArmBeat();
}

Heartbeat::~Heartbeat() {
  loop_.CancelTimer(beat_timer_);
  loop_.CancelTimer(status_timer_);
}

void Heartbeat::Beat() {
  const uint64_t answers = hooks_.keeper_answers();
  // Without an answer the question stands.
  if (answers != std::exchange(answers_seen_, answers)) {
    manager_.Alive();
    hooks_.ask_keeper();
  }
  ArmBeat();
}

// Twice as often as need be: an answer that has just missed a beat is passed on in time.
void Heartbeat::ArmBeat() {
  beat_timer_ = loop_.AddTimer(loop_.Now() + *manager_.AlivePeriod() / 2, [this] { Beat(); });
}

void Heartbeat::Tell() {
  manager_.Status(hooks_.status());
  status_timer_ = loop_.AddTimer(loop_.Now() + kStatusPeriod, [this] { Tell(); });
}

}  // namespace picket
