#include "consumer/store/ledger_rows.h"

#include <string>
#include <utility>

namespace picket {
namespace {

// Columns of (lane_id, kind, lo, hi) rows, for unnest.
struct RangeColumns {
  std::vector<int64_t> lane_ids, los, his;
  std::vector<Param> kinds;

  void Add(int32_t lane_id, const RangeRow& row) {
    lane_ids.push_back(lane_id);
    kinds.push_back(RangeKindName(row.kind));
    los.push_back(static_cast<int64_t>(row.span.lo));
    his.push_back(static_cast<int64_t>(row.span.hi));
  }
};

Status AsStatus(const Expected<QueryResult>& done) {
  if (!done) return std::unexpected(done.error());
  return {};
}

template <typename T>
Param NumberOrNull(const std::optional<T>& value) {
  return value ? Param(std::to_string(*value)) : std::nullopt;
}

}  // namespace

Expected<LedgerRows> LedgerRows::Lock(Connection& connection, const std::vector<int32_t>& lane_ids) {
  LedgerRows rows;
  const std::string ids = ArrayLiteral(std::vector<int64_t>(lane_ids.begin(), lane_ids.end()));
  // A statement of its own: the next one's snapshot then sees what the last holder of the locks committed.
  const Expected<QueryResult> locked =
      connection.Run("SELECT id FROM lane WHERE id = ANY($1::int4[]) ORDER BY id FOR NO KEY UPDATE", {ids});
  if (!locked) return std::unexpected(locked.error());
  if (locked->Rows() != static_cast<int>(lane_ids.size())) {
    return Fail(ErrorCode::kInternal, "%d of %zu lanes are in table lane", locked->Rows(), lane_ids.size());
  }
  for (const int32_t id : lane_ids) rows.lanes_[id];
  const Expected<QueryResult> ranges =
      connection.Run("SELECT lane_id, kind, lo, hi FROM lane_range WHERE lane_id = ANY($1::int4[])", {ids});
  if (!ranges) return std::unexpected(ranges.error());
  for (int row = 0; row < ranges->Rows(); ++row) {
    const std::optional<RangeKind> kind = ParseRangeKind(ranges->Text(row, 1));
    if (!kind) return Fail(ErrorCode::kUnsupported, "lane_range has a kind this version does not know");
    LaneState& lane = rows.lanes_.at(static_cast<int32_t>(ranges->Integer(row, 0)));
    lane.stored.push_back(
        {*kind,
         {static_cast<uint64_t>(ranges->Integer(row, 2)), static_cast<uint64_t>(ranges->Integer(row, 3))}});
  }
  for (auto& [id, lane] : rows.lanes_) lane.ledger = LaneLedger(lane.stored);
  return rows;
}

Status LedgerRows::Save(Connection& connection) const {
  RangeColumns removed, written;
  std::vector<int64_t> lane_ids, redelivered;
  for (const auto& [id, lane] : lanes_) {
    const RangeChanges changes = lane.ledger.ChangesSince(lane.stored);
    for (const RangeRow& row : changes.removed) removed.Add(id, row);
    for (const RangeRow& row : changes.written) written.Add(id, row);
    if (lane.redelivered == 0) continue;
    lane_ids.push_back(id);
    redelivered.push_back(static_cast<int64_t>(lane.redelivered));
  }
  if (!removed.lane_ids.empty()) {
    const Status done = AsStatus(connection.Run(
        "DELETE FROM lane_range r USING unnest($1::int4[], $2::text[], $3::int8[]) AS n(lane_id, kind, lo)"
        " WHERE r.lane_id = n.lane_id AND r.kind = n.kind AND r.lo = n.lo",
        {ArrayLiteral(removed.lane_ids), ArrayLiteral(removed.kinds), ArrayLiteral(removed.los)}));
    if (!done) return done;
  }
  if (!written.lane_ids.empty()) {
    const Status done =
        AsStatus(connection.Run("INSERT INTO lane_range (lane_id, kind, lo, hi)"
                                " SELECT * FROM unnest($1::int4[], $2::text[], $3::int8[], $4::int8[])"
                                " ON CONFLICT (lane_id, kind, lo) DO UPDATE SET hi = excluded.hi",
                                {ArrayLiteral(written.lane_ids), ArrayLiteral(written.kinds),
                                 ArrayLiteral(written.los), ArrayLiteral(written.his)}));
    if (!done) return done;
  }
  if (lane_ids.empty()) return {};
  return AsStatus(
      connection.Run("UPDATE lane l SET redelivered = l.redelivered + n.count FROM unnest($1::int4[], "
                     "$2::int8[]) AS n(id, count)"
                     " WHERE l.id = n.id",
                     {ArrayLiteral(lane_ids), ArrayLiteral(redelivered)}));
}

Status ApplyNews(Connection& connection, int32_t lane_id, const LaneNews& news) {
  Param end;
  if (news.end) end = *news.end == LaneEnd::kClean ? "clean" : "unclean";
  // Facts come in any order: clean wins, numbers only grow, texts that are there stay.
  return AsStatus(connection.Run(
      "UPDATE lane SET stream = $2, topic = coalesce(topic, $3), version = coalesce($4, version),"
      " previous_epoch = coalesce(previous_epoch, $5::int8),"
      " ended = CASE WHEN 'clean' IN (ended, $6) THEN 'clean' ELSE coalesce($6, ended) END,"
      " high = greatest(high, $7::int8), unaccounted_max = greatest(unaccounted_max, $8::int8),"
      " drained = drained OR $9::bool, rejected_reason = coalesce($10, rejected_reason) WHERE id = $1::int4",
      {std::to_string(lane_id), news.stream, news.topic, news.version, NumberOrNull(news.previous_epoch), end,
       NumberOrNull(news.high), NumberOrNull(news.unaccounted_max), news.drained ? "true" : "false",
       news.rejected_reason}));
}

Status AddSkipped(Connection& connection, int32_t lane_id, uint64_t skipped) {
  return AsStatus(connection.Run("UPDATE lane SET skipped = skipped + $2::int8 WHERE id = $1::int4",
                                 {std::to_string(lane_id), std::to_string(skipped)}));
}

}  // namespace picket
