// How long a doctor may take: each check has a limit of its own, and all together have one.
#pragma once

#include <algorithm>
#include <chrono>

#include "port/clock.h"

namespace picket {

inline constexpr std::chrono::milliseconds kDoctorLimit{30'000};

class Budget {
 public:
  // `clock` must outlive the budget.
  explicit Budget(const Clock& clock, std::chrono::milliseconds whole = kDoctorLimit)
      : clock_(clock), end_(clock.Boot() + whole) {}

  std::chrono::milliseconds Left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - clock_.Boot());
    return std::max(left, std::chrono::milliseconds(0));
  }
  // What one check may take that would like `wanted`.
  std::chrono::milliseconds Share(std::chrono::milliseconds wanted) const { return std::min(wanted, Left()); }
  // Too little is left for a check that waits for others.
  bool Over() const { return Left() < std::chrono::milliseconds(500); }

 private:
  const Clock& clock_;
  const BootTime end_;
};

inline constexpr const char* kBudgetOver = "the 30 s of the whole run are over";

}  // namespace picket
