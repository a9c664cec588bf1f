#include "agent/keeper/backlog.h"

#include <iterator>
#include <utility>
#include <vector>

namespace picket {

Expected<const SpooledRecord*> Backlog::Peek() {
  if (page_.empty() && !at_end_) {
    Expected<std::vector<SpooledRecord>> records = spool_.Read(after_, kPageRecords, kPageBytes);
    if (!records) return std::unexpected(std::move(records).error());
    page_.assign(std::make_move_iterator(records->begin()), std::make_move_iterator(records->end()));
    if (page_.empty()) {
      at_end_ = true;
    } else {
      after_ = page_.back().key;
    }
  }
  return page_.empty() ? nullptr : &page_.front();
}

void Backlog::Pop() {
  page_.pop_front();
}

Status Backlog::Rewind(BootTime now) {
  if (Status committed = CommitRemovals(now); !committed) return committed;
  page_.clear();
  after_.reset();
  at_end_ = false;
  return {};
}

void Backlog::Remove(const SpoolKey& key, BootTime now) {
  if (removed_.empty()) oldest_removal_ = now;
  removed_.insert(key);
}

std::optional<BootTime> Backlog::RemovalDue() const {
  if (removed_.empty()) return std::nullopt;
  return removed_.size() >= kRemoveBatch && !removal_failed_ ? oldest_removal_
                                                             : oldest_removal_ + kRemoveAfter;
}

Status Backlog::CommitRemovals(BootTime now) {
  if (removed_.empty()) return {};
  const std::vector<SpoolKey> keys(removed_.begin(), removed_.end());
  if (Status removed = spool_.Remove(keys); !removed) {
    removal_failed_ = true;
    oldest_removal_ = now;  // again after the usual wait
    return removed;
  }
  removal_failed_ = false;
  removed_.clear();
  ++commits_;
  return {};
}

}  // namespace picket
