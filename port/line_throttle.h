// Lets a repeated log line through once a minute and counts the others.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "port/clock.h"

namespace picket {

class LineThrottle {
 public:
  static constexpr std::chrono::seconds kPause{60};
  // Kinds of line remembered; when there are more, the one that is longest ago is forgotten.
  static constexpr size_t kMaxKinds = 64;

  // Empty: say nothing now. Else how many lines of this kind were kept back since the last one that was said.
  // `kind` names what makes two lines the same; texts differ in times and counters.
  std::optional<uint64_t> Admit(const std::string& kind, BootTime now);
  // The next line of this kind is said at once: what it was about is over.
  void Forget(const std::string& kind) { said_.erase(kind); }

 private:
  struct Said {
    BootTime at;
    uint64_t kept_back = 0;
  };
  std::map<std::string, Said> said_;
};

// " (12 more like it)" to go behind a line; empty for 0.
std::string MoreLikeIt(uint64_t kept_back);

}  // namespace picket
