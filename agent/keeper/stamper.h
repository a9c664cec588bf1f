// Gives records their identity and their time.
#pragma once

#include <cstdint>
#include <string>

#include "port/clock.h"
#include "record/envelope.h"

namespace picket {

// Numbers the records of one lane from 1.
class Stamper {
 public:
  explicit Stamper(const Clock& clock) : clock_(clock) {}

  // A record of something that began at `wall` and `boot`. Its time is trusted when the wall clock is not
  // before the build of this program, as it is on a machine without a battery that has not heard from a time
  // server yet.
  Envelope Stamp(std::string body, WallTime wall, BootTime boot);
  // The same for something that happens now.
  Envelope StampNow(std::string body) { return Stamp(std::move(body), clock_.Wall(), clock_.Boot()); }

  // Seqs given out so far.
  uint64_t High() const { return high_; }

 private:
  const Clock& clock_;
  uint64_t high_ = 0;
};

// The stamp as it is to be sent now: when it was made with an untrusted clock in this boot (`boot_id` is of
// the boot it was made in) and the clock is right by now, the wall time is computed back from boot times:
// kCorrected.
Stamp CorrectedStamp(const Stamp& stamp, const std::string& boot_id, const Clock& clock);

}  // namespace picket
