// Waiting longer after each failure in a row.
#pragma once

#include <algorithm>
#include <chrono>

#include "port/clock.h"

namespace picket {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap)
      : first_(first), cap_(cap), next_(first) {}

  // Failed now: not again before Until(). Failures reported while waiting belong to the same attempt.
  void Fail(BootTime now) {
    if (failing_ && now < until_) return;
    failing_ = true;
    until_ = now + next_;
    next_ = std::min(next_ * 2, cap_);
  }
  void Reset() {
    failing_ = false;
    next_ = first_;
  }
  bool Failing() const { return failing_; }
  bool Waiting(BootTime now) const { return failing_ && now < until_; }
  BootTime Until() const { return until_; }

 private:
  const std::chrono::milliseconds first_, cap_;
  std::chrono::milliseconds next_;
  BootTime until_;
  bool failing_ = false;
};

}  // namespace picket
