// The records of a spool file: table `record` and its index, with counters kept in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/spool/spool.h"
#include "agent/spool/sqlite_db.h"

namespace picket {

class RecordTable {
 public:
  // Counts what is there (reads the index once).
  static Expected<RecordTable> Load(sqlite::Database& db);

  // Within the caller's transaction. True when it was stored, false when the key was there already.
  Expected<bool> Insert(sqlite::Database& db, LaneId lane, const Envelope& envelope);
  // Deletes the seqs of a range; returns how many there were.
  Expected<uint64_t> DeleteRange(sqlite::Database& db, LaneId lane, SeqRange range);
  Status DeleteId(int64_t id);

  struct Place {
    int64_t id = 0;
    SpoolKey key;
  };
  // Up to `max_rows` places with an id of at least `from_id`, in order.
  Expected<std::vector<Place>> Places(int64_t from_id, size_t max_rows);
  Expected<bool> HasLane(LaneId lane);
  Expected<std::vector<SpoolKey>> KeysOf(LaneId lane, size_t max_rows);

  Expected<std::vector<SpooledRecord>> Read(std::optional<SpoolKey> after, size_t max_records,
                                            size_t max_bytes);

  // After each commit that changed rows.
  void CountStored(uint64_t rows) { records_ += rows; }
  void CountDeleted(uint64_t rows) { records_ -= rows; }
  Status RefreshEnds();

  uint64_t records() const { return records_; }
  std::optional<WallTime> oldest() const { return oldest_; }
  std::optional<WallTime> newest() const { return newest_; }

 private:
  Expected<int64_t> PositionOf(const SpoolKey& key);

  uint64_t records_ = 0;
  int64_t next_id_ =
      1;  // above every id given out by this process, so that a cursor never meets a reused one
  std::optional<WallTime> oldest_, newest_;
  // Where the last Read ended: its last record may be removed before the next Read starts behind it.
  std::optional<Place> last_read_;
  sqlite::Statement insert_;
  sqlite::Statement delete_range_;
  sqlite::Statement delete_id_;
  sqlite::Statement places_;
  sqlite::Statement has_lane_;
  sqlite::Statement keys_of_;
  sqlite::Statement read_;
  sqlite::Statement position_;
  sqlite::Statement oldest_row_, newest_row_;
};

}  // namespace picket
