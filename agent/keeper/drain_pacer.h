// How fast the spool may be drained: behind the present, so that after a long outage the current state is
// visible within seconds. Two limits at once: bytes in flight, from what the broker took lately (as a
// congestion window does), and records a second, from the configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "port/clock.h"

namespace picket {

class DrainPacer {
 public:
  static constexpr size_t kMinBytesInFlight = 16 << 10;
  static constexpr std::chrono::milliseconds kMemory{500};

  // `records_per_second`: 1 to 1,000,000.
  explicit DrainPacer(uint32_t records_per_second) : records_per_second_(records_per_second) {}

  void SetRate(uint32_t records_per_second) { records_per_second_ = records_per_second; }

  // The broker acknowledged so many bytes, of the backlog or not.
  void Acknowledged(size_t bytes, BootTime now);
  // Most bytes of backlog that may be in flight: what was acknowledged in the last 500 ms, at least 16 KiB.
  size_t BytesAllowed(BootTime now);

  // Takes the right to send one record. False: not before NextRecord().
  bool TakeRecord(BootTime now);
  BootTime NextRecord() const;

 private:
  void Refill(BootTime now);
  void Forget(BootTime now);

  uint32_t records_per_second_;
  // Sums of about 10 ms each, so that there are never many.
  std::deque<std::pair<BootTime, size_t>> acknowledged_;
  size_t acknowledged_bytes_ = 0;
  double tokens_ = 1;
  BootTime refilled_;
};

}  // namespace picket
