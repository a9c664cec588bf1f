#include "agent/spool/evicted_table.h"

#include <algorithm>
#include <utility>

namespace picket {
namespace {

int64_t Signed(uint64_t seq) {
  return static_cast<int64_t>(seq);
}

}  // namespace

Expected<EvictedTable> EvictedTable::Load(sqlite::Database& db) {
  EvictedTable table;
  const Status prepared = db.PrepareAll(
      {{&table.touching_, "SELECT first, last FROM evicted WHERE lane = ? AND first <= ? AND last >= ?"},
       {&table.nearest_,
        "SELECT first, last FROM"
        " (SELECT first, last FROM evicted WHERE lane = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1)"
        " UNION ALL SELECT first, last FROM"
        " (SELECT first, last FROM evicted WHERE lane = ?1 AND first > ?2 ORDER BY first LIMIT 1) LIMIT 1"},
       {&table.insert_, "INSERT INTO evicted (lane, first, last) VALUES (?, ?, ?)"},
       {&table.delete_, "DELETE FROM evicted WHERE lane = ? AND first = ?"},
       {&table.delete_lane_, "DELETE FROM evicted WHERE lane = ?"},
       {&table.has_, "SELECT 1 FROM evicted WHERE lane = ? LIMIT 1"},
       {&table.count_, "SELECT count(*) FROM evicted"},
       {&table.list_, "SELECT lane, first, last FROM evicted ORDER BY lane, first"}});
  if (!prepared) return std::unexpected(prepared.error());
  return table;
}

Expected<std::vector<SeqRange>> EvictedTable::Touching(LaneId lane, uint64_t first, uint64_t last) {
  std::vector<SeqRange> ranges;
  sqlite::Query query(touching_);
  query.Int(lane).Int(Signed(last)).Int(Signed(first));
  while (true) {
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return ranges;
    ranges.push_back({static_cast<uint64_t>(query.GetInt(0)), static_cast<uint64_t>(query.GetInt(1))});
  }
}

Status EvictedTable::Insert(LaneId lane, SeqRange range) {
  return sqlite::Query(insert_).Int(lane).Int(Signed(range.first)).Int(Signed(range.last)).Run();
}

Status EvictedTable::Delete(LaneId lane, SeqRange range) {
  return sqlite::Query(delete_).Int(lane).Int(Signed(range.first)).Run();
}

Expected<int64_t> EvictedTable::Count() {
  sqlite::Query query(count_);
  const Expected<bool> row = query.Next();
  if (!row) return std::unexpected(row.error());
  return query.GetInt(0);
}

Status EvictedTable::Add(LaneId lane, SeqRange range) {
  const Expected<int64_t> count = Count();
  if (!count) return std::unexpected(count.error());
  if (*count >= kMaxRanges) {
    sqlite::Query query(nearest_);
    query.Int(lane).Int(Signed(range.first));
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (*row) {
      range.first = std::min(range.first, static_cast<uint64_t>(query.GetInt(0)));
      range.last = std::max(range.last, static_cast<uint64_t>(query.GetInt(1)));
    }
  }
  // Neighbours too: 1-3 and 4-6 are 1-6. Seqs begin at 1 and end at 2^63-1.
  const uint64_t before = range.first - 1;
  const uint64_t after = range.last < INT64_MAX ? range.last + 1 : range.last;
  const Expected<std::vector<SeqRange>> touching = Touching(lane, before, after);
  if (!touching) return std::unexpected(touching.error());
  for (const SeqRange& other : *touching) {
    range.first = std::min(range.first, other.first);
    range.last = std::max(range.last, other.last);
    if (Status deleted = Delete(lane, other); !deleted) return deleted;
  }
  return Insert(lane, range);
}

Status EvictedTable::Remove(const Evicted& reported) {
  const SeqRange range = reported.range;
  const Expected<std::vector<SeqRange>> touching = Touching(reported.lane, range.first, range.last);
  if (!touching) return std::unexpected(touching.error());
  for (const SeqRange& other : *touching) {
    if (Status deleted = Delete(reported.lane, other); !deleted) return deleted;
    // What was added since the report stays.
    if (other.first < range.first) {
      if (Status kept = Insert(reported.lane, {other.first, range.first - 1}); !kept) return kept;
    }
    if (other.last > range.last) {
      if (Status kept = Insert(reported.lane, {range.last + 1, other.last}); !kept) return kept;
    }
  }
  return {};
}

Status EvictedTable::RemoveLane(LaneId lane) {
  return sqlite::Query(delete_lane_).Int(lane).Run();
}

Expected<bool> EvictedTable::Has(LaneId lane) {
  return sqlite::Query(has_).Int(lane).Next();
}

Expected<std::vector<Evicted>> EvictedTable::List() {
  std::vector<Evicted> all;
  sqlite::Query query(list_);
  while (true) {
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
    all.push_back(
        {query.GetInt(0), {static_cast<uint64_t>(query.GetInt(1)), static_cast<uint64_t>(query.GetInt(2))}});
  }
}

}  // namespace picket
