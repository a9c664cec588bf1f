// Signs of life for the service manager's watchdog: from the loop's thread, and only while the keeper's turns
// too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "port/clock.h"
#include "port/event_loop.h"
#include "port/service_manager.h"

namespace picket {

class Heartbeat {
 public:
  // How often the manager is told how it goes.
  static constexpr std::chrono::seconds kStatusPeriod{30};

  struct Hooks {
    std::function<void()> ask_keeper;  // for an answer, which is counted
    std::function<uint64_t()> keeper_answers;
    std::function<std::string()> status;  // one line
  };

  // Both must outlive the heartbeat. All on the loop's thread.
  Heartbeat(EventLoop& loop, ServiceManager& manager, Hooks hooks);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  void Beat();
  void ArmBeat();
  void Tell();

  EventLoop& loop_;
  ServiceManager& manager_;
  const Hooks hooks_;
  uint64_t answers_seen_ = 0;
  EventLoop::TimerId beat_timer_ = 0, status_timer_ = 0;
};

}  // namespace picket
