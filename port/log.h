// Lines on stderr, for people or for log collectors.
#pragma once

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <string>
#include <string_view>

#include "port/clock.h"

namespace picket {

enum class LogLevel : uint8_t { kError, kWarning, kInfo, kDebug };

const char* LogLevelName(LogLevel level);
// "error", "warning", "info" or "debug" in any case; false for anything else.
bool ParseLogLevel(std::string_view text, LogLevel* level);

enum class LogFormat : uint8_t { kText, kJson };

// A line without its end, at most kMaxLogLineBytes less one; what does not fit is cut and ends in "...". Pure.
inline constexpr size_t kMaxLogLineBytes = 2048;
using LogLine = std::string (*)(WallTime time, LogLevel level, std::string_view component, std::string_view text);
// For people: "2026-11-21T09:00:00.123Z info    kafka   connected ...". record/log_line.h has the one in JSON.
std::string TextLogLine(WallTime time, LogLevel level, std::string_view component, std::string_view text);

// Thread-safe: one line is one write(2) of at most 2 KiB (longer lines are cut and end in "...").
// Line breaks and control characters in the text are replaced, so that a site's error text cannot
// forge a line. Never put secrets in.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool Enabled(LogLevel level) const = 0;
  // `component` is a short lower-case word: loop, probe, check, keeper, buffer, kafka, config, store.
  virtual void Write(LogLevel level, const char* component, std::string_view text) = 0;

  [[gnu::format(printf, 3, 4)]] void Error(const char* component, const char* format, ...);
  [[gnu::format(printf, 3, 4)]] void Warning(const char* component, const char* format, ...);
  [[gnu::format(printf, 3, 4)]] void Info(const char* component, const char* format, ...);
  [[gnu::format(printf, 3, 4)]] void Debug(const char* component, const char* format, ...);

 private:
  void Format(LogLevel level, const char* component, const char* format, va_list args);
};

// Writes to file descriptor 2. `clock` must outlive it.
class StderrLogger : public Logger {
 public:
  StderrLogger(const Clock& clock, LogLevel level, LogLine line = TextLogLine)
      : clock_(clock), line_(line), level_(level) {}
  // From any thread.
  void SetLevel(LogLevel level) { level_ = level; }
  bool Enabled(LogLevel level) const override { return level <= level_; }
  void Write(LogLevel level, const char* component, std::string_view text) override;

 private:
  const Clock& clock_;
  const LogLine line_;
  std::atomic<LogLevel> level_;
};

}  // namespace picket
