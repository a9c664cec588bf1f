// How the byte cap is shared between database and WAL, and what a transaction may cost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace picket {

// Small pages: one record's commit writes few bytes (docs/spool.md).
inline constexpr uint32_t kPageBytes = 1024;

// The smallest cap: room for one record of kMaxBodyBytes beside everything else.
inline constexpr uint64_t kMinSpoolBytes = 256 << 10;

struct SpaceLimits {
  uint64_t wal_bytes = 0;   // the WAL file is allocated at this size and does not grow past it
  uint32_t wal_frames = 0;  // pages that fit into it
  uint32_t max_pages = 0;   // of the database file
  uint32_t slack_pages =
      0;  // of max_pages, kept from records: lanes, evicted ranges and the tree's own growth
};

// `max_bytes` of at least kMinSpoolBytes.
SpaceLimits LimitsFor(uint64_t max_bytes);

// Pages that a transaction dirties besides those of its records: header, roots, interior pages, lanes.
inline constexpr uint32_t kTransactionPages = 24;

// An upper bound of the pages that storing records takes, table and index together. Grows by Add, so that
// a caller stops before a transaction outgrows the WAL.
class AppendCost {
 public:
  // `in_order`: its seq is above all of its lane so far, so that the index grows at one place.
  void Add(size_t body_bytes, bool in_order);
  uint32_t pages() const { return static_cast<uint32_t>((units_ + kUnitsPerPage - 1) / kUnitsPerPage); }

 private:
  static constexpr uint64_t kUnitsPerPage = 1016;  // a page less its header
  uint64_t units_ = 0;
};

// The same for deleting rows: a run of neighbours costs at most a page a row, a jump costs what
// rebalancing two trees may touch.
class DeleteCost {
 public:
  static constexpr uint32_t kJumpPages = 8;
  void AddRun(uint64_t rows) { pages_ += kJumpPages + rows; }
  void AddNeighbour() { ++pages_; }
  uint64_t pages() const { return pages_; }

 private:
  uint64_t pages_ = 0;
};

}  // namespace picket
