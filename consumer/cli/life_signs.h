// What the service manager hears of the consumer. Its one thread does everything, so a sign of life from
// there is one of the program.
#pragma once

#include "port/clock.h"
#include "port/service_manager.h"

namespace picket {

class LifeSigns {
 public:
  // Both must outlive it.
  LifeSigns(ServiceManager& manager, const Clock& clock) : manager_(manager), clock_(clock) {}

  // The poll loop turns: the first time the start is over.
  void Turning() {
    if (!ready_) manager_.Ready("reading from Kafka");
    ready_ = true;
    Waiting();
  }
  // The thread waits, within bounds, for the database.
  void Waiting() {
    const auto period = manager_.AlivePeriod();
    if (!period || clock_.Boot() < next_) return;
    manager_.Alive();
    next_ = clock_.Boot() + *period;
  }
  void Stopping() {
    if (!stopping_) manager_.Stopping();
    stopping_ = true;
  }

 private:
  ServiceManager& manager_;
  const Clock& clock_;
  bool ready_ = false, stopping_ = false;
  BootTime next_;
};

}  // namespace picket
