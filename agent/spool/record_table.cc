#include "agent/spool/record_table.h"

#include <algorithm>
#include <utility>

namespace picket {
namespace {

// Stored in column `clock`: part of the file format, so not simply the value of the enum.
int64_t ClockToColumn(ClockState state) {
  switch (state) {
    case ClockState::kOk:
      return 0;
    case ClockState::kCorrected:
      return 1;
    case ClockState::kUnsynced:
      return 2;
  }
  return 2;
}

ClockState ClockFromColumn(int64_t value) {
  if (value == 0) return ClockState::kOk;
  return value == 1 ? ClockState::kCorrected : ClockState::kUnsynced;
}

}  // namespace

Expected<RecordTable> RecordTable::Load(sqlite::Database& db) {
  RecordTable table;
  const Status prepared = db.PrepareAll(
      {{&table.insert_,
        "INSERT INTO record (id, lane, seq, wall_us, boot_us, clock, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane, seq) DO NOTHING"},
       {&table.delete_range_, "DELETE FROM record WHERE lane = ? AND seq BETWEEN ? AND ?"},
       {&table.delete_id_, "DELETE FROM record WHERE id = ?"},
       {&table.places_, "SELECT id, lane, seq FROM record WHERE id >= ? ORDER BY id LIMIT ?"},
       {&table.has_lane_, "SELECT 1 FROM record WHERE lane = ? LIMIT 1"},
       {&table.keys_of_, "SELECT seq FROM record WHERE lane = ? ORDER BY seq LIMIT ?"},
       {&table.read_,
        "SELECT id, lane, seq, wall_us, boot_us, clock, body FROM record WHERE id > ? ORDER BY id"},
       {&table.position_, "SELECT id FROM record WHERE lane = ? AND seq = ?"},
       {&table.oldest_row_, "SELECT wall_us FROM record ORDER BY id LIMIT 1"},
       {&table.newest_row_, "SELECT wall_us FROM record ORDER BY id DESC LIMIT 1"}});
  if (!prepared) return std::unexpected(prepared.error());
  const Expected<int64_t> count = db.QueryInt("SELECT count(*) FROM record");
  if (!count) return std::unexpected(count.error());
  table.records_ = static_cast<uint64_t>(*count);
  const Expected<int64_t> last = db.QueryInt("SELECT coalesce(max(id), 0) FROM record");
  if (!last) return std::unexpected(last.error());
  table.next_id_ = *last + 1;
  if (Status refreshed = table.RefreshEnds(); !refreshed) return std::unexpected(refreshed.error());
  return table;
}

Expected<bool> RecordTable::Insert(sqlite::Database& db, LaneId lane, const Envelope& envelope) {
  const Status inserted = sqlite::Query(insert_)
                              .Int(next_id_)
                              .Int(lane)
                              .Int(static_cast<int64_t>(envelope.seq))
                              .Int(envelope.stamp.wall.us)
                              .Int(envelope.stamp.boot.since_boot.count())
                              .Int(ClockToColumn(envelope.stamp.clock))
                              .Blob(envelope.body)
                              .Run();
  if (!inserted) return std::unexpected(inserted.error());
  if (db.Changes() == 0) return false;
  ++next_id_;
  return true;
}

Expected<uint64_t> RecordTable::DeleteRange(sqlite::Database& db, LaneId lane, SeqRange range) {
  const Status deleted = sqlite::Query(delete_range_)
                             .Int(lane)
                             .Int(static_cast<int64_t>(range.first))
                             .Int(static_cast<int64_t>(range.last))
                             .Run();
  if (!deleted) return std::unexpected(deleted.error());
  return static_cast<uint64_t>(db.Changes());
}

Status RecordTable::DeleteId(int64_t id) {
  return sqlite::Query(delete_id_).Int(id).Run();
}

Expected<std::vector<RecordTable::Place>> RecordTable::Places(int64_t from_id, size_t max_rows) {
  std::vector<Place> places;
  sqlite::Query query(places_);
  query.Int(from_id).Int(static_cast<int64_t>(max_rows));
  while (true) {
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return places;
    places.push_back({query.GetInt(0), {query.GetInt(1), static_cast<uint64_t>(query.GetInt(2))}});
  }
}

Expected<bool> RecordTable::HasLane(LaneId lane) {
  return sqlite::Query(has_lane_).Int(lane).Next();
}

Expected<std::vector<SpoolKey>> RecordTable::KeysOf(LaneId lane, size_t max_rows) {
  std::vector<SpoolKey> keys;
  sqlite::Query query(keys_of_);
  query.Int(lane).Int(static_cast<int64_t>(max_rows));
  while (true) {
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return keys;
    keys.push_back({lane, static_cast<uint64_t>(query.GetInt(0))});
  }
}

Expected<int64_t> RecordTable::PositionOf(const SpoolKey& key) {
  sqlite::Query query(position_);
  query.Int(key.lane).Int(static_cast<int64_t>(key.seq));
  const Expected<bool> row = query.Next();
  if (!row) return std::unexpected(row.error());
  if (*row) return query.GetInt(0);
  if (last_read_ && last_read_->key == key) return last_read_->id;
  return 0;
}

Expected<std::vector<SpooledRecord>> RecordTable::Read(std::optional<SpoolKey> after, size_t max_records,
                                                       size_t max_bytes) {
  int64_t position = 0;
  if (after) {
    const Expected<int64_t> found = PositionOf(*after);
    if (!found) return std::unexpected(found.error());
    position = *found;
  }
  std::vector<SpooledRecord> records;
  std::optional<Place> last;
  size_t bytes = 0;
  sqlite::Query query(read_);
  query.Int(position);
  while (records.size() < max_records) {
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    const std::string_view body = query.GetBytes(6);
    if (!records.empty() && body.size() > max_bytes - std::min(bytes, max_bytes)) break;
    bytes += body.size();
    SpooledRecord& record = records.emplace_back();
    record.key = {query.GetInt(1), static_cast<uint64_t>(query.GetInt(2))};
    record.envelope.seq = record.key.seq;
    record.envelope.stamp.wall = {query.GetInt(3)};
    record.envelope.stamp.boot = {std::chrono::microseconds(query.GetInt(4))};
    record.envelope.stamp.clock = ClockFromColumn(query.GetInt(5));
    record.envelope.body = body;
    last = Place{query.GetInt(0), record.key};
  }
  if (last) last_read_ = last;
  return records;
}

Status RecordTable::RefreshEnds() {
  for (auto [statement, end] : {std::pair(&oldest_row_, &oldest_), std::pair(&newest_row_, &newest_)}) {
    sqlite::Query query(*statement);
    const Expected<bool> row = query.Next();
    if (!row) return std::unexpected(row.error());
    end->reset();
    if (*row) *end = WallTime{query.GetInt(0)};
  }
  return {};
}

}  // namespace picket
