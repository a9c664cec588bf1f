// The last result of each site, for `picket status`. Thread-safe: the keeper writes, the loop reads.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/probe/prober.h"

namespace picket {

struct SiteState {
  SitePtr site;
  // Empty: no probe has ended yet since the start, or since the site was changed.
  struct Last {
    WallTime at;  // when the probe began
    Outcome outcome = Outcome::kUnknown;
    ProbeError error = ProbeError::kNone;
    std::string detail;
    std::optional<int> status_code;
    std::optional<double> response_time_ms;
  };
  std::optional<Last> last;
};

struct SiteCounts {
  size_t up = 0, down = 0, unknown = 0, waiting = 0;  // waiting: no result yet
};

class SiteBoard {
 public:
  // These are the sites now. One that is the same object keeps its last result.
  void Replace(const std::vector<SitePtr>& sites);
  // A probe, its verdict complete. Of a site that is gone or was changed meanwhile: ignored.
  void Note(const FinishedProbe& probe);

  SiteCounts Counts() const;
  // At most `most`: down first, then unknown, then without a result, then up; by name within each.
  std::vector<SiteState> Worst(size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, SiteState> states_;  // by name
};

}  // namespace picket
