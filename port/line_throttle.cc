#include "port/line_throttle.h"

#include <algorithm>

namespace picket {

std::optional<uint64_t> LineThrottle::Admit(const std::string& kind, BootTime now) {
  if (const auto known = said_.find(kind); known != said_.end()) {
    Said& said = known->second;
    if (now - said.at < kPause) {
      ++said.kept_back;
      return std::nullopt;
    }
    const uint64_t kept_back = said.kept_back;
    said = {.at = now};
    return kept_back;
  }
  if (said_.size() >= kMaxKinds) {
    said_.erase(std::ranges::min_element(said_, {}, [](const auto& entry) { return entry.second.at; }));
  }
  said_[kind] = {.at = now};
  return 0;
}

std::string MoreLikeIt(uint64_t kept_back) {
  return kept_back == 0 ? "" : " (" + std::to_string(kept_back) + " more like it since the last line)";
}

}  // namespace picket
