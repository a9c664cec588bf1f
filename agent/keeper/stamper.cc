#include "agent/keeper/stamper.h"

#include <utility>

namespace picket {

Envelope Stamper::Stamp(std::string body, WallTime wall, BootTime boot) {
  Envelope envelope;
  envelope.seq = ++high_;
  envelope.stamp = {
      .wall = wall, .boot = boot, .clock = wall >= BuildTime() ? ClockState::kOk : ClockState::kUnsynced};
  envelope.body = std::move(body);
  return envelope;
}

Stamp CorrectedStamp(const Stamp& stamp, const std::string& boot_id, const Clock& clock) {
  const WallTime now = clock.Wall();
  if (stamp.clock != ClockState::kUnsynced || boot_id != clock.BootId() || now < BuildTime()) return stamp;
  Stamp corrected = stamp;
  corrected.wall.us = now.us - (clock.Boot() - stamp.boot).count();
  corrected.clock = ClockState::kCorrected;
  return corrected;
}

}  // namespace picket
