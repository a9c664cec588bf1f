// One stream's topic after its records were refused or failed: waits, asks the cluster about the topic again,
// tries one record, and opens when that is acknowledged.
#pragma once

#include <cstddef>

#include "agent/keeper/backoff.h"
#include "port/clock.h"

namespace picket {

class StreamGate {
 public:
  // How long before a trial the topic is asked about: the answer must be there by then.
  static constexpr std::chrono::milliseconds kRefreshBefore{1000};

  // The waits: `first`, doubled up to `cap`; each at least kRefreshBefore.
  StreamGate(std::chrono::milliseconds first, std::chrono::milliseconds cap) : backoff_(first, cap) {}

  // Whether a record may be sent now, with `in_flight` of the stream outstanding.
  bool MaySend(size_t in_flight, BootTime now) const {
    return !backoff_.Failing() || (in_flight == 0 && !backoff_.Waiting(now));
  }
  bool Closed() const { return backoff_.Failing(); }
  // True once before each trial: the topic is to be asked about.
  bool TakeRefresh(BootTime now) {
    if (!backoff_.Failing() || refreshed_ || now < RefreshAt()) return false;
    refreshed_ = true;
    return true;
  }
  // When MaySend or TakeRefresh may change by time alone. Only when Closed.
  BootTime NextChange() const { return refreshed_ ? backoff_.Until() : RefreshAt(); }

  void Failed(BootTime now) {
    if (!backoff_.Waiting(now)) refreshed_ = false;
    backoff_.Fail(now);
  }
  void Acknowledged() { backoff_.Reset(); }
  // There is a new login: what was refused may be granted now.
  void Open() { backoff_.Reset(); }

 private:
  BootTime RefreshAt() const { return backoff_.Until() - kRefreshBefore; }
  Backoff backoff_;
  bool refreshed_ = false;
};

}  // namespace picket
