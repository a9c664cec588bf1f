// The keeper's view of what lies in the spool: read oldest first, a page at a time; removed in batches once
// acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "agent/spool/spool.h"
#include "port/clock.h"
#include "port/error.h"

namespace picket {

class Backlog {
 public:
  static constexpr size_t kPageRecords = 256;
  static constexpr size_t kPageBytes = 64 << 10;
  // Removals are committed when so many wait, or the oldest waits kRemoveAfter: a commit is a write to flash,
  // and a record removed late is at worst sent twice after a crash.
  static constexpr size_t kRemoveBatch = 1000;
  static constexpr std::chrono::seconds kRemoveAfter{2};

  // `spool` must outlive it.
  explicit Backlog(Spool& spool) : spool_(spool) {}

  // The next record in the order of the spool; nullptr: the end was reached. Stays the same until Pop.
  Expected<const SpooledRecord*> Peek();
  void Pop();
  // Records were appended: the end is no longer known.
  void Grown() { at_end_ = false; }
  // Begins again with the oldest: something passed by is to be sent after all. Commits removals first.
  Status Rewind(BootTime now);
  bool AtEnd() const { return at_end_; }

  // Acknowledged or rejected: to be removed.
  void Remove(const SpoolKey& key, BootTime now);
  // Whether a record that Peek still shows is one of those.
  bool IsRemoved(const SpoolKey& key) const { return removed_.contains(key); }
  std::optional<BootTime> RemovalDue() const;
  size_t RemovalsWaiting() const { return removed_.size(); }
  // Commits what was removed, all of it. After an error all of it still waits.
  Status CommitRemovals(BootTime now);
  // How often removals were committed.
  uint64_t Commits() const { return commits_; }

 private:
  Spool& spool_;
  std::deque<SpooledRecord> page_;
  std::optional<SpoolKey> after_;
  bool at_end_ = false;
  std::set<SpoolKey> removed_;
  BootTime oldest_removal_;
  bool removal_failed_ = false;
  uint64_t commits_ = 0;
};

}  // namespace picket
