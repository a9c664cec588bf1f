// Every record the keeper answers for in RAM: not safe yet (neither acknowledged nor in the spool), or with a
// report outstanding. Bounded in count and bytes; what a SIGKILL can take is what is unspooled here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "agent/keeper/lane_directory.h"
#include "port/clock.h"
#include "record/envelope.h"

namespace picket {

// Order of arrival, from 1; its low 32 bits are the message's tag.
using WindowId = uint64_t;

struct HeldRecord {
  RecordKey key;
  Envelope envelope;
  bool status = false;   // of the status stream
  bool backlog = false;  // came back from the spool
  bool spooled = false;  // has a copy on disk
  bool sent = false;     // handed to the producer, report outstanding
  bool parked = false;   // its topic is refused: neither sent nor spilled for now
  int rejections = 0;    // reports that it can never be stored
  BootTime since{};      // entered the window, or left the park
  BootTime sent_at{};
  size_t Bytes() const { return envelope.body.size() + kOverheadBytes; }
  // Of key, headers and what AppendMessage adds; close enough for bounds and pacing.
  static constexpr size_t kOverheadBytes = 160;
};

class Window {
 public:
  // `max_records` and `max_bytes` bound what is neither acknowledged nor spooled; as much again may be
  // spooled with a report outstanding.
  Window(size_t max_records, size_t max_bytes) : max_records_(max_records), max_bytes_(max_bytes) {}

  // True when no unspooled record fits.
  bool Full() const { return Unspooled() >= max_records_ || unspooled_bytes_ >= max_bytes_; }
  bool Contains(const RecordKey& key) const { return ids_.contains(key); }

  WindowId Add(HeldRecord record);
  HeldRecord* Find(WindowId id);
  const HeldRecord* Find(WindowId id) const { return const_cast<Window*>(this)->Find(id); }
  HeldRecord* Find(const RecordKey& key);
  // The record a report is about; nullopt when it has left since.
  std::optional<WindowId> FindTag(uint32_t tag) const;

  void MarkSent(WindowId id, BootTime now);
  void MarkUnsent(WindowId id);
  // Not sent any more, and from now on Alone.
  void MarkRejected(WindowId id);
  void MarkSpooled(WindowId id);
  // A parked record counts as unspooled but is in neither of the two orders below until UnparkAll.
  void Park(WindowId id);
  void UnparkAll(BootTime now);
  void Erase(WindowId id);

  // Not sent, oldest first. Parked ones and those rejected once (see Alone) are not among them.
  const std::set<WindowId>& Unsent() const { return unsent_; }
  // Not in the spool, oldest first; parked ones are not among them.
  const std::set<WindowId>& ToSpill() const { return to_spill_; }
  const std::set<WindowId>& Parked() const { return parked_; }
  // Rejected once and to be sent with nothing beside them, oldest first.
  const std::set<WindowId>& Alone() const { return alone_; }
  // Reports outstanding, the longest waiting first.
  const std::set<std::pair<BootTime, WindowId>>& Outstanding() const { return outstanding_; }

  size_t Records() const { return records_.size(); }
  size_t Unspooled() const { return to_spill_.size() + parked_.size(); }
  size_t BacklogInFlightBytes() const { return backlog_in_flight_bytes_; }
  // Reports outstanding of the status stream, and of all others.
  size_t InFlight(bool status) const { return in_flight_[status ? 1 : 0]; }

 private:
  void Enlist(WindowId id, const HeldRecord& record);
  void Delist(WindowId id, const HeldRecord& record);

  const size_t max_records_, max_bytes_;
  WindowId next_ = 1;
  std::map<WindowId, HeldRecord> records_;
  std::map<RecordKey, WindowId> ids_;
  std::set<WindowId> unsent_, to_spill_, parked_, alone_;
  std::set<std::pair<BootTime, WindowId>> outstanding_;
  size_t unspooled_bytes_ = 0;
  size_t backlog_in_flight_bytes_ = 0;
  size_t in_flight_[2] = {0, 0};
};

}  // namespace picket
