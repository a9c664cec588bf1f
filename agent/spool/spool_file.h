// One open buffer file: the tables together, within the byte cap. After an error other than
// kResourceExhausted, kInvalidArgument or kNotFound the object is to be closed and the file opened again
// (spool.cc does).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/spool/evicted_table.h"
#include "agent/spool/lane_table.h"
#include "agent/spool/record_table.h"
#include "agent/spool/space.h"
#include "agent/spool/spool.h"
#include "agent/spool/sqlite_db.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// Records of one lane with consecutive seqs.
struct LaneRun {
  LaneId lane = 0;
  SeqRange range;
};

class SpoolFile {
 public:
  // Opens or makes, locks and checks the file. kCorrupt: damaged; `lanes` then holds those that could
  // still be read. On every error the file is left as it was.
  static Expected<std::unique_ptr<SpoolFile>> Open(const std::string& path, const SpaceLimits& limits,
                                                   Logger& logger, std::vector<LaneInfo>* lanes);

  const LaneTable& lanes() const { return lanes_; }
  RecordTable& records() { return records_; }
  EvictedTable& evicted() { return evicted_; }
  uint64_t evicted_records() const { return evicted_records_; }

  Expected<LaneId> BeginLane(const Lane& lane, const std::string& topic, const std::string& boot_id,
                             uint32_t window_records);
  // Takes over lanes of a file that was lost with `records` in it: all their seqs so far count as evicted.
  Status Adopt(std::span<const LaneInfo> lanes, uint64_t records);
  Status EndLane(LaneId id, uint64_t high);
  Expected<std::vector<LaneInfo>> SettledLanes();
  Status Append(std::span<const Spool::Entry> entries);
  Status Remove(std::span<const SpoolKey> keys);
  Status ClearEvicted(std::span<const Evicted> reported);

  // After a failure: nothing of an unfinished commit is left to be read (kIo: that failed too), and the
  // files stay as they are when this object is destroyed.
  Status DiscardUnfinished();
  void Abandon() { db_->Abandon(); }
  bool broken() const { return db_->broken(); }

 private:
  SpoolFile(std::string path, const SpaceLimits& limits, Logger& logger, std::unique_ptr<sqlite::Database> db)
      : path_(std::move(path)), limits_(limits), logger_(logger), db_(std::move(db)) {}
  Status Load(std::vector<LaneInfo>* lanes);
  Status Check();
  Status ShrinkToCap();

  // Space.
  Expected<uint32_t> UsedPages();
  Expected<uint32_t> AllowedPages(uint32_t needed);
  Status MakeRoom(uint32_t pages);
  Expected<uint64_t> Evict(uint32_t status_target_pages, uint32_t target_pages);
  Expected<uint64_t> EvictBatch(bool status_stream, uint32_t target_pages);
  Status PrepareWal(uint64_t pages);
  void AllocateWalOnce();

  Status AppendChunk(std::span<const Spool::Entry> entries);
  Status RemoveRuns(std::span<const LaneRun> runs);
  Status StoreHigh(LaneId id);
  Status CountEvicted(uint64_t records);
  Status ForgetLanes();
  Status DropLane(LaneId id);

  const std::string path_;
  const SpaceLimits limits_;
  Logger& logger_;
  std::unique_ptr<sqlite::Database> db_;  // before the statements: they end first
  LaneTable lanes_;
  RecordTable records_;
  EvictedTable evicted_;
  sqlite::Statement page_count_;
  sqlite::Statement freelist_count_;
  sqlite::Statement count_evicted_;
  uint64_t evicted_records_ = 0;
  bool wal_allocated_ = false;
  bool wal_warned_ = false;
  bool disk_full_told_ = false;
  // Below these ids there is no victim of an eviction any more (records of other streams, of "status").
  int64_t evict_from_ = 0;
  int64_t evict_status_from_ = 0;
};

// Bytes of database and WAL on disk; 0 for what is not there.
uint64_t SpoolBytesOnDisk(const std::string& path);

}  // namespace picket
