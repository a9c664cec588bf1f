#include "port/complaints.h"

#include <optional>

namespace picket {

void Complaints::Tell(LogLevel level, const char* component, const std::string& kind, const std::string& text) {
  std::optional<uint64_t> kept_back;
  {
    const std::lock_guard lock(mutex_);
    ++counts_[kind];
    kept_back = throttle_.Admit(kind, clock_.Boot());
  }
  if (kept_back) logger_.Write(level, component, "[" + kind + "] " + text + MoreLikeIt(*kept_back));
}

void Complaints::Over(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  throttle_.Forget(kind);
}

std::string Complaints::TakeSummary() {
  const std::lock_guard lock(mutex_);
  std::string summary;
  for (const auto& [kind, count] : counts_) {
    if (!summary.empty()) summary += ", ";
    summary += kind + " " + std::to_string(count);
  }
  counts_.clear();
  return summary;
}

}  // namespace picket
