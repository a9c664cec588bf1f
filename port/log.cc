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

constexpr size_t kMaxLineBytes = 2048;
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
  char text[kMaxLineBytes];
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

void StderrLogger::Write(LogLevel level, const char* component, std::string_view text) {
  if (!Enabled(level)) return;
  std::string stamp = FormatTimestamp(clock_.Wall());
  stamp.resize(23);  // milliseconds are enough for people
  char head[96];
  const int head_length =
      snprintf(head, sizeof head, "%sZ %-7s %-7s ", stamp.c_str(), LogLevelName(level), component);
  std::string line(head, static_cast<size_t>(head_length));
  const bool cut = line.size() + text.size() + 1 > kMaxLineBytes;
  if (cut) text = text.substr(0, kMaxLineBytes - line.size() - 4);
  for (char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  if (cut) line += "...";
  line += '\n';
  // One write: lines of several threads do not mix. A closed or full stderr must not stop a monitor.
  ssize_t written;
  do {
    written = write(STDERR_FILENO, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
}

}  // namespace picket
