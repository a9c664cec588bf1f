#include "agent/keeper/drain_pacer.h"

#include <algorithm>

namespace picket {
namespace {
constexpr std::chrono::milliseconds kGrain{10};
// Unused rights do not pile up for longer than this.
constexpr double kBurstSeconds = 0.1;
}  // namespace

void DrainPacer::Acknowledged(size_t bytes, BootTime now) {
  Forget(now);
  if (acknowledged_.empty() || now - acknowledged_.back().first >= kGrain) acknowledged_.emplace_back(now, 0);
  acknowledged_.back().second += bytes;
  acknowledged_bytes_ += bytes;
}

size_t DrainPacer::BytesAllowed(BootTime now) {
  Forget(now);
  return std::max(acknowledged_bytes_, kMinBytesInFlight);
}

void DrainPacer::Forget(BootTime now) {
  while (!acknowledged_.empty() && now - acknowledged_.front().first >= kMemory) {
    acknowledged_bytes_ -= acknowledged_.front().second;
    acknowledged_.pop_front();
  }
}

bool DrainPacer::TakeRecord(BootTime now) {
  Refill(now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

BootTime DrainPacer::NextRecord() const {
  const double seconds = std::max(0.0, (1 - tokens_) / records_per_second_);
  return refilled_ + std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6) + 1);
}

void DrainPacer::Refill(BootTime now) {
  const double seconds = static_cast<double>((now - refilled_).count()) / 1e6;
  tokens_ =
      std::min(tokens_ + seconds * records_per_second_, std::max(1.0, kBurstSeconds * records_per_second_));
  refilled_ = now;
}

}  // namespace picket
