#include "port/clock.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

#include "port/build_time.h"
#include "port/files.h"

namespace picket {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
// 0000-01-01T00:00:00Z and the last microsecond of 9999: what a timestamp with a four-digit year can say.
constexpr int64_t kFirstUs = -719'528 * kDay;
constexpr int64_t kLastUs = 2'932'897 * kDay - 1;

// 32 bits of seconds end in 2038, and a gateway lives for fifteen years: a C library that still has them on 32-bit
// machines (glibc before 2.34, musl before 1.2) is not for picket.
static_assert(sizeof(time_t) == 8 && sizeof(timespec::tv_sec) == 8);

int64_t ReadClock(clockid_t id) {
  timespec ts = {};
  clock_gettime(id, &ts);  // cannot fail for these two ids on the kernels we run on (2.6.39 and later)
  return static_cast<int64_t>(ts.tv_sec) * kSecond + ts.tv_nsec / 1000;
}

class RealClock : public Clock {
 public:
  RealClock() {
    // A kernel without procfs gives an empty id: boot times then never count as this boot's.
    if (auto text = ReadFile("/proc/sys/kernel/random/boot_id", 64)) {
      boot_id_ = text->substr(0, text->find('\n'));
    }
  }
  WallTime Wall() const override { return {ReadClock(CLOCK_REALTIME)}; }
  BootTime Boot() const override { return {std::chrono::microseconds(ReadClock(CLOCK_BOOTTIME))}; }
  const std::string& BootId() const override { return boot_id_; }

 private:
  std::string boot_id_;
};

// Days since 1970-01-01 to and from the proleptic Gregorian calendar: Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", civil_from_days and days_from_civil.
struct Civil {
  int64_t year;
  int month, day;
};

Civil CivilFromDays(int64_t days) {
  days += 719'468;  // to 0000-03-01
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;  // March is 0
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Takes exactly `digits` decimal digits off the front of *text.
bool TakeNumber(std::string_view* text, int digits, int* value) {
  if (text->size() < static_cast<size_t>(digits)) return false;
  int sum = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    sum = sum * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  *value = sum;
  return true;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// "Z", "+HH:MM" or "-HH:MM" at the end of the text; *offset_us is what to subtract to get UTC.
bool TakeZone(std::string_view* text, int64_t* offset_us) {
  *offset_us = 0;
  if (TakeChar(text, 'Z')) return text->empty();
  const bool east = TakeChar(text, '+');
  if (!east && !TakeChar(text, '-')) return false;
  int hours = 0, minutes = 0;
  if (!TakeNumber(text, 2, &hours) || !TakeChar(text, ':') || !TakeNumber(text, 2, &minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  *offset_us = (hours * 60 + minutes) * 60 * kSecond * (east ? 1 : -1);
  return text->empty();
}

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

std::string FormatTimestamp(WallTime time) {
  const int64_t us = std::clamp(time.us, kFirstUs, kLastUs);
  const int64_t days = us >= 0 ? us / kDay : -((-us + kDay - 1) / kDay);
  const int64_t in_day = us - days * kDay;
  const Civil date = CivilFromDays(days);
  const int seconds = static_cast<int>(in_day / kSecond);
  char text[64];
  snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year), date.month,
           date.day, seconds / 3600, seconds / 60 % 60, seconds % 60, static_cast<int>(in_day % kSecond));
  return text;
}

bool ParseTimestamp(std::string_view text, WallTime* time) {
  int year, month, day, hour, minute, second;
  if (!TakeNumber(&text, 4, &year) || !TakeChar(&text, '-') || !TakeNumber(&text, 2, &month) ||
      !TakeChar(&text, '-') || !TakeNumber(&text, 2, &day) || !TakeChar(&text, 'T') ||
      !TakeNumber(&text, 2, &hour) || !TakeChar(&text, ':') || !TakeNumber(&text, 2, &minute) ||
      !TakeChar(&text, ':') || !TakeNumber(&text, 2, &second)) {
    return false;
  }
  // A leap second (60) has no place in Unix time, so it is refused like any other number out of range.
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) || hour > 23 || minute > 59 ||
      second > 59) {
    return false;
  }
  int64_t fraction_us = 0;
  if (TakeChar(&text, '.')) {
    int64_t unit = 100'000;
    size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      if (++digits > 6) return false;
      fraction_us += (text[digits - 1] - '0') * unit;
      unit /= 10;
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  int64_t offset_us = 0;
  if (!TakeZone(&text, &offset_us)) return false;
  time->us = DaysFromCivil(year, month, day) * kDay + ((hour * 60 + minute) * 60 + second) * kSecond +
             fraction_us - offset_us;
  return true;
}

WallTime BuildTime() { return {kBuildTimeSeconds * kSecond}; }

}  // namespace picket
