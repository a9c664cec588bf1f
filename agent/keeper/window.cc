#include "agent/keeper/window.h"

#include <algorithm>

namespace picket {

// Each record is in the lists its flags say, and nowhere else: every change of flags is Delist, change,
// Enlist.
void Window::Enlist(WindowId id, const HeldRecord& record) {
  if (record.sent) {
    outstanding_.emplace(record.sent_at, id);
    ++in_flight_[record.status ? 1 : 0];
    if (record.backlog) backlog_in_flight_bytes_ += record.Bytes();
  } else if (!record.parked) {
    (record.rejections > 0 ? alone_ : unsent_).insert(id);
  }
  if (!record.spooled) {
    (record.parked ? parked_ : to_spill_).insert(id);
    unspooled_bytes_ += record.Bytes();
  }
}

void Window::Delist(WindowId id, const HeldRecord& record) {
  if (record.sent) {
    outstanding_.erase({record.sent_at, id});
    --in_flight_[record.status ? 1 : 0];
    if (record.backlog) backlog_in_flight_bytes_ -= record.Bytes();
  }
  unsent_.erase(id);
  alone_.erase(id);
  to_spill_.erase(id);
  parked_.erase(id);
  if (!record.spooled) unspooled_bytes_ -= record.Bytes();
}

WindowId Window::Add(HeldRecord record) {
  const WindowId id = next_++;
  ids_[record.key] = id;
  Enlist(id, records_.emplace(id, std::move(record)).first->second);
  return id;
}

HeldRecord* Window::Find(WindowId id) {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

HeldRecord* Window::Find(const RecordKey& key) {
  const auto found = ids_.find(key);
  return found == ids_.end() ? nullptr : Find(found->second);
}

std::optional<WindowId> Window::FindTag(uint32_t tag) const {
  // What is alive was numbered less than 2^32 records ago.
  WindowId id = (next_ & ~WindowId{UINT32_MAX}) | tag;
  if (id >= next_) id -= WindowId{1} << 32;
  if (!records_.contains(id)) return std::nullopt;
  return id;
}

void Window::MarkSent(WindowId id, BootTime now) {
  HeldRecord& record = records_.at(id);
  Delist(id, record);
  record.sent = true;
  record.sent_at = now;
  Enlist(id, record);
}

void Window::MarkUnsent(WindowId id) {
  HeldRecord& record = records_.at(id);
  Delist(id, record);
  record.sent = false;
  Enlist(id, record);
}

void Window::MarkRejected(WindowId id) {
  HeldRecord& record = records_.at(id);
  Delist(id, record);
  record.sent = false;
  ++record.rejections;
  Enlist(id, record);
}

void Window::MarkSpooled(WindowId id) {
  HeldRecord& record = records_.at(id);
  Delist(id, record);
  record.spooled = true;
  record.parked = false;
  Enlist(id, record);
}

void Window::Park(WindowId id) {
  HeldRecord& record = records_.at(id);
  Delist(id, record);
  record.sent = false;
  record.parked = true;
  Enlist(id, record);
}

void Window::UnparkAll(BootTime now) {
  const std::set<WindowId> parked = parked_;
  for (const WindowId id : parked) {
    HeldRecord& record = records_.at(id);
    Delist(id, record);
    record.parked = false;
    record.since = now;
    Enlist(id, record);
  }
}

void Window::Erase(WindowId id) {
  const auto found = records_.find(id);
  if (found == records_.end()) return;
  Delist(id, found->second);
  ids_.erase(found->second.key);
  records_.erase(found);
}

}  // namespace picket
