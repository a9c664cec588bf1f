// Ranges of seqs that were dropped and not yet reported: table `evicted`, kept coalesced and bounded.
#pragma once

#include <span>
#include <vector>

#include "agent/spool/spool.h"
#include "agent/spool/sqlite_db.h"

namespace picket {

class EvictedTable {
 public:
  // Beyond this many ranges a new one is joined to its lane's range before it (or after), and the gap
  // between them is claimed too. That is harmless: in the ledger received and rejected outrank evicted, so
  // the claim changes only what would be missing without a name.
  static constexpr int64_t kMaxRanges = 1024;

  static Expected<EvictedTable> Load(sqlite::Database& db);

  // All within the caller's transaction.
  Status Add(LaneId lane, SeqRange range);
  Status Remove(const Evicted& reported);
  Status RemoveLane(LaneId lane);
  Expected<bool> Has(LaneId lane);

  // In order of lane and seq.
  Expected<std::vector<Evicted>> List();

 private:
  Expected<std::vector<SeqRange>> Touching(LaneId lane, uint64_t first, uint64_t last);
  Status Insert(LaneId lane, SeqRange range);
  Status Delete(LaneId lane, SeqRange range);
  Expected<int64_t> Count();

  sqlite::Statement touching_;
  sqlite::Statement nearest_;
  sqlite::Statement insert_;
  sqlite::Statement delete_;
  sqlite::Statement delete_lane_;
  sqlite::Statement has_;
  sqlite::Statement count_;
  sqlite::Statement list_;
};

}  // namespace picket
