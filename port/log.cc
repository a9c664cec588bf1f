#include "port/log.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

namespace picket {
namespace {

constexpr const char* kLevelNames[] = {"error", "warning", "info", "debug"};

}  // namespace

const char* LogLevelName(LogLevel level) { return kLevelNames[static_cast<int>(level)]; }

bool ParseLogLevel(std::string_view text, LogLevel* level) {
  for (int i = 0; i < 4; ++i) {
    if (text.size() == strlen(kLevelNames[i]) && strncasecmp(text.data(), kLevelNames[i], text.size()) == 0) {
      *level = static_cast<LogLevel>(i);
      return true;
    }
  }
  return false;
}

void Logger::Format(LogLevel level, const char* component, const char* format, va_list args) {
  if (!Enabled(level)) return;
  char text[kMaxLogLineBytes];
  const int length = vsnprintf(text, sizeof text, format, args);
  if (length < 0) return Write(level, component, format);
  Write(level, component, std::string_view(text, std::min(static_cast<size_t>(length), sizeof text - 1)));
}

#define PICKET_LOG_METHOD(Name, level)                          \
  void Logger::Name(const char* component, const char* format, ...) { \
    va_list args;                                               \
    va_start(args, format);                                     \
    Format(level, component, format, args);                     \
    va_end(args);                                               \
  }
PICKET_LOG_METHOD(Error, LogLevel::kError)
PICKET_LOG_METHOD(Warning, LogLevel::kWarning)
PICKET_LOG_METHOD(Info, LogLevel::kInfo)
PICKET_LOG_METHOD(Debug, LogLevel::kDebug)
#undef PICKET_LOG_METHOD

std::string TextLogLine(WallTime time, LogLevel level, std::string_view component, std::string_view text) {
  std::string line = FormatTimestamp(time);
  line.resize(23);  // milliseconds are enough for people
  const auto column = [&line](std::string_view word, size_t width) {
    line += ' ';
    line += word;
    if (word.size() < width) line.append(width - word.size(), ' ');
  };
  line += 'Z';
  column(LogLevelName(level), 7);
  column(component, 7);
  line += ' ';
  const bool cut = line.size() + text.size() >= kMaxLogLineBytes;
  if (cut) text = text.substr(0, kMaxLogLineBytes - line.size() - 4);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  if (cut) line += "...";
  return line;
}

void StderrLogger::Write(LogLevel level, const char* component, std::string_view text) {
  if (!Enabled(level)) return;
  const std::string line = line_(clock_.Wall(), level, component, text) + '\n';
  // One write: lines of several threads do not mix. A closed or full stderr must not stop a monitor.
  ssize_t written;
  do {
    written = write(STDERR_FILENO, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
}

}  // namespace picket
