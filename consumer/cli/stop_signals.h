// SIGTERM and SIGINT as a question that the program asks when it can answer.
#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

#include "port/clock.h"

namespace picket {

// A stop should take less than 5 s: this is what a batch in the making gets of that.
inline constexpr std::chrono::seconds kStopGrace{3};

class StopSignals {
 public:
  // Blocks the signals for this thread and all it starts later, and ignores SIGPIPE: make it before any
  // thread. `clock` must outlive it.
  explicit StopSignals(const Clock& clock) : clock_(clock) {
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // Whether one of them has come.
  bool Requested() {
    const timespec at_once = {};
    if (!since_ && sigtimedwait(&set_, nullptr, &at_once) > 0) since_ = clock_.Boot();
    return since_.has_value();
  }
  // Whether it came so long ago that what is going on must be given up.
  bool GraceIsOver() { return Requested() && clock_.Boot() - *since_ > kStopGrace; }

 private:
  const Clock& clock_;
  sigset_t set_;
  std::optional<BootTime> since_;
};

}  // namespace picket
