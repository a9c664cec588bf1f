// Keeps an error that comes again and again from filling the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace picket {

// Lets a text pass when it is new or was silent for `period`. Bounded: at kMaxTexts it starts anew.
class RepeatFilter {
 public:
  static constexpr size_t kMaxTexts = 100;

  explicit RepeatFilter(std::chrono::milliseconds period) : period_(period) {}

  // True when it is to be logged; *suppressed says how often it was held back since the last time.
  bool Pass(const std::string& text, std::chrono::steady_clock::time_point now, uint64_t* suppressed) {
    if (seen_.size() >= kMaxTexts && !seen_.contains(text)) seen_.clear();
    const auto [entry, is_new] = seen_.try_emplace(text, Entry{now, 0});
    *suppressed = entry->second.suppressed;
    if (!is_new && now - entry->second.logged < period_) {
      ++entry->second.suppressed;
      return false;
    }
    entry->second = {now, 0};
    return true;
  }

 private:
  struct Entry {
    std::chrono::steady_clock::time_point logged;
    uint64_t suppressed = 0;
  };
  const std::chrono::milliseconds period_;
  std::map<std::string, Entry> seen_;
};

}  // namespace picket
