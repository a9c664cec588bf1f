// When records go from the window to the spool: as rarely as possible, since flash wears, and never too late.
#pragma once

#include <optional>

#include "agent/config/config.h"
#include "agent/keeper/backoff.h"
#include "agent/keeper/window.h"
#include "port/clock.h"

namespace picket {

class SpillPolicy {
 public:
  // `config` must outlive it and may change.
  explicit SpillPolicy(const BufferConfig& config);

  // When the next commit is due; nullopt: nothing to commit. A commit takes all records of window.ToSpill().
  //   mode always    at once
  //   window full    at once
  //   `away`         at once, but commit_interval after the last commit
  //   else           when the oldest is spill_after old, and commit_interval after the last commit
  // After a failed commit: not before a wait of 1 s, doubled up to 1 min.
  std::optional<BootTime> Due(const Window& window, bool away) const;

  void Committed(BootTime now);
  void Failed(BootTime now) { failures_.Fail(now); }
  bool Failing() const { return failures_.Failing(); }

 private:
  BootTime Wanted(const Window& window, const HeldRecord& oldest, bool away) const;

  const BufferConfig& config_;
  Backoff failures_;
  std::optional<BootTime> last_commit_;
};

}  // namespace picket
