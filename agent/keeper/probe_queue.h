// What stands between the loop thread and the keeper thread: the one queue, bounded in count and bytes.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "agent/probe/prober.h"

namespace picket {

class ProbeQueue {
 public:
  // A probe that was started with room may end when the room is gone, so Push takes `slack_probes` more than
  // `max_probes`: at least as many as can be in flight at once. `max_bytes` bounds the bodies that wait for
  // their regexp.
  ProbeQueue(size_t max_probes, size_t slack_probes, size_t max_bytes)
      : max_probes_(max_probes), slack_probes_(slack_probes), max_bytes_(max_bytes) {}

  // Thread-safe, all of them.

  // Whether a due probe should be started.
  bool HasRoom() const;
  // False: the slack is used up too and the probe is dropped; the caller counts it. A body that does not fit
  // is given up and the result says so (outcome unknown, error local): the record itself is never lost for
  // it.
  [[nodiscard]] bool Push(FinishedProbe probe);
  // The oldest up to `max_probes`.
  std::vector<FinishedProbe> Take(size_t max_probes);
  size_t Size() const;

 private:
  const size_t max_probes_, slack_probes_, max_bytes_;
  mutable std::mutex mutex_;
  std::deque<FinishedProbe> probes_;
  size_t body_bytes_ = 0;
};

}  // namespace picket
