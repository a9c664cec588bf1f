#include "doctor/clock_check.h"

#include <stdio.h>
#include <stdlib.h>

namespace picket {
namespace {

constexpr int64_t kYear2000Us = 946'684'800'000'000;
constexpr const char* kSetIt = "set the clock: run an NTP client (ntpd, chrony, systemd-timesyncd)";

std::string Date(WallTime time) {
  return FormatTimestamp(time).substr(0, 10);
}
std::string Time(WallTime time) {
  return Date(time) + " " + FormatTimestamp(time).substr(11, 8) + " UTC";
}

std::string Seconds(int64_t us) {
  char text[32];
  snprintf(text, sizeof text, "%.1f s", static_cast<double>(llabs(us)) / 1e6);
  return text;
}

}  // namespace

void CheckClock(WallTime now, WallTime build, Report* report) {
  if (now >= build) return report->Ok("clock", Time(now));
  const std::string why = now.us < kYear2000Us
                              ? ": it was never set since this machine started"
                              : ", which is before this program was built (" + Date(build) + ")";
  report->Fail(
      "clock", Time(now) + why,
      std::string(kSetIt) + "; until then times are not believed and certificates may look not yet valid");
}

void CheckSkew(const OtherClock& other, Report* report) {
  const int64_t ahead = other.here.us - other.then.us;
  if (other.at_least) {
    if (ahead >= -kMaxSkewUs) {
      return report->Ok("clock", "not behind " + other.name + " (" + Time(other.then) + ")");
    }
  } else if (llabs(ahead) <= kMaxSkewUs) {
    return report->Ok(
        "clock", "agrees with " + other.name + " (" + Seconds(ahead) + (ahead < 0 ? " behind)" : " ahead)"));
  }
  report->Warn("clock",
               "this machine is " + Seconds(ahead) + (ahead < 0 ? " behind " : " ahead of ") + other.name,
               kSetIt);
}

}  // namespace picket
