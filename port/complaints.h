// Troubles that people must hear of: counted by kind, said at most once a minute.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "port/clock.h"
#include "port/line_throttle.h"
#include "port/log.h"

namespace picket {

// Thread-safe. `clock` and `logger` must outlive it.
class Complaints {
 public:
  Complaints(const Clock& clock, Logger& logger) : clock_(clock), logger_(logger) {}

  // Counts, and logs "[kind] text"; when the last line of that kind is not a minute old it only counts, and the next
  // line says how many were kept back. `kind` is one of a small, fixed vocabulary.
  void Tell(LogLevel level, const char* component, const std::string& kind, const std::string& text);
  // It is over: the next one of that kind is said at once.
  void Over(const std::string& kind);
  // What was told since the last call, as "auth 12, refused 3"; empty when nothing was.
  std::string TakeSummary();

 private:
  const Clock& clock_;
  Logger& logger_;
  std::mutex mutex_;
  LineThrottle throttle_;
  std::map<std::string, uint64_t> counts_;
};

}  // namespace picket
