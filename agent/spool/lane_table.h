// The lanes of a spool file: table `lane`, held in memory as a whole (at most kMaxLanes).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/spool/spool.h"
#include "agent/spool/sqlite_db.h"

namespace picket {

class LaneTable {
 public:
  // Two lanes a start: this many starts may leave records or evictions that nobody has taken yet.
  static constexpr size_t kMaxLanes = 256;

  // Reads all lanes.
  static Expected<LaneTable> Load(sqlite::Database& db);

  const LaneInfo* Find(LaneId id) const;
  const LaneInfo* LastOf(std::string_view stream) const;
  const std::map<LaneId, LaneInfo>& all() const { return lanes_; }
  LaneId NextId() const { return last_id_ + 1; }

  // Each of these writes one row within the caller's transaction and leaves memory alone; the caller calls
  // Put or Forget after its commit.
  Status Insert(const LaneInfo& lane);
  Status Update(const LaneInfo& lane);
  Status Delete(LaneId id);

  void Put(const LaneInfo& lane);  // as in its row now
  void Forget(LaneId id);
  // A floor for `high` that is known from a record; memory only. The row follows when records are deleted:
  // until then the records themselves show it.
  void RaiseHigh(LaneId id, uint64_t seq);
  bool HighIsStored(LaneId id) const;
  void MarkHighStored(LaneId id);  // after the commit that wrote it

 private:
  std::map<LaneId, LaneInfo> lanes_;
  std::map<LaneId, uint64_t> stored_high_;  // as in the rows
  LaneId last_id_ = 0;
  sqlite::Statement insert_;
  sqlite::Statement update_;
  sqlite::Statement delete_;
};

}  // namespace picket
