#include "consumer/report/audit_query.h"

#include <map>

namespace picket {
namespace {

constexpr const char* kLanes =
    "SELECT l.id, a.name, l.epoch, l.stream, l.version, l.ended, coalesce(l.high, 0), "
    "coalesce(l.unaccounted_max, 0),"
    " l.drained, l.redelivered, l.skipped, l.expired, l.rejected_reason"
    " FROM lane l JOIN agent a ON a.id = l.agent_id ORDER BY a.name, l.stream, l.first_seen, l.id";
constexpr const char* kRanges = "SELECT lane_id, kind, lo, hi FROM lane_range";
constexpr const char* kRows =
    "SELECT lane_id, sum(n), count(*) FROM (SELECT lane_id, seq, count(*) AS n FROM result GROUP BY lane_id, "
    "seq) r"
    " GROUP BY lane_id";
constexpr const char* kDeadLetters = "SELECT count(*), count(*) FILTER (WHERE seq IS NULL) FROM dead_letter";

std::optional<std::string> TextOrNull(const QueryResult& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  return std::string(rows.Text(row, column));
}

uint64_t Count(const QueryResult& rows, int row, int column) {
  return static_cast<uint64_t>(rows.Integer(row, column));
}

LaneAccount AccountOf(const QueryResult& rows, int row) {
  LaneAccount account;
  account.lane = {std::string(rows.Text(row, 1)), Count(rows, row, 2)};
  account.stream = rows.Text(row, 3);
  account.version = TextOrNull(rows, row, 4);
  if (!rows.IsNull(row, 5)) account.end = rows.Text(row, 5) == "clean" ? LaneEnd::kClean : LaneEnd::kUnclean;
  account.high = Count(rows, row, 6);
  account.unaccounted_max = Count(rows, row, 7);
  account.drained = rows.Bool(row, 8);
  account.redelivered = Count(rows, row, 9);
  account.skipped = Count(rows, row, 10);
  account.expired = Count(rows, row, 11);
  account.rejected_reason = TextOrNull(rows, row, 12);
  return account;
}

}  // namespace

Expected<AuditInput> ReadAuditInput(Connection& connection) {
  if (Status off = connection.SetTimeouts(false); !off) return std::unexpected(off.error());
  const auto begun = connection.Run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (!begun) return std::unexpected(begun.error());
  const auto lanes = connection.Run(kLanes);
  if (!lanes) return std::unexpected(lanes.error());
  const auto ranges = connection.Run(kRanges);
  if (!ranges) return std::unexpected(ranges.error());
  const auto rows = connection.Run(kRows);
  if (!rows) return std::unexpected(rows.error());
  const auto letters = connection.Run(kDeadLetters);
  if (!letters) return std::unexpected(letters.error());
  const auto done = connection.Run("COMMIT");
  if (!done) return std::unexpected(done.error());

  AuditInput input;
  std::map<int64_t, size_t> index;
  for (int row = 0; row < lanes->Rows(); ++row) {
    index[lanes->Integer(row, 0)] = input.lanes.size();
    input.lanes.push_back(AccountOf(*lanes, row));
  }
  for (int row = 0; row < ranges->Rows(); ++row) {
    const std::optional<RangeKind> kind = ParseRangeKind(ranges->Text(row, 1));
    if (!kind) return Fail(ErrorCode::kUnsupported, "lane_range has a kind this version does not know");
    input.lanes[index.at(ranges->Integer(row, 0))].ledger.Note(
        *kind, {Count(*ranges, row, 2), Count(*ranges, row, 3)});
  }
  for (int row = 0; row < rows->Rows(); ++row) {
    const auto found = index.find(rows->Integer(row, 0));
    if (found == index.end()) {
      return Fail(ErrorCode::kCorrupt, "table result has rows of lane %lld, which is not in table lane",
                  static_cast<long long>(rows->Integer(row, 0)));
    }
    input.lanes[found->second].rows = Count(*rows, row, 1);
    input.lanes[found->second].distinct_rows = Count(*rows, row, 2);
  }
  input.dead_letters = Count(*letters, 0, 0);
  input.nameless_dead_letters = Count(*letters, 0, 1);
  return input;
}

}  // namespace picket
