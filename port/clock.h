// Time comes in through this interface, so that tests own it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// Microseconds since 1970-01-01T00:00:00Z, as the wall clock says. 64 bits: good for 292,000 years.
struct WallTime {
  int64_t us = 0;
  auto operator<=>(const WallTime&) const = default;
};

// Time since boot, suspend included (CLOCK_BOOTTIME). Never steps; comparable within one boot only.
struct BootTime {
  std::chrono::microseconds since_boot{0};
  auto operator<=>(const BootTime&) const = default;
  BootTime operator+(std::chrono::microseconds d) const { return {since_boot + d}; }
  BootTime operator-(std::chrono::microseconds d) const { return {since_boot - d}; }
  std::chrono::microseconds operator-(BootTime other) const { return since_boot - other.since_boot; }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Wall() const = 0;
  virtual BootTime Boot() const = 0;
  // Identifies this boot of the machine: /proc/sys/kernel/random/boot_id, 36 characters. Same value
  // for the life of the object.
  virtual const std::string& BootId() const = 0;
};

// The machine's own clocks (clock_gettime). Thread-safe.
const Clock& SystemClock();

// "2026-11-21T09:00:00.123456Z": ISO 8601 UTC with microseconds, 27 characters for years 0000-9999;
// earlier and later times are clamped to that range. Needs no locale and no time zone data.
std::string FormatTimestamp(WallTime time);

// The reverse, strict: exactly the form above with 0 to 6 fraction digits, or "+HH:MM" for "Z".
// Returns false and leaves *time alone when the text is no such time.
bool ParseTimestamp(std::string_view text, WallTime* time);

// Start of the build, for "a clock before this is wrong": seconds precision, from SOURCE_DATE_EPOCH
// when the build is reproducible, else from the configure step.
WallTime BuildTime();

}  // namespace picket
