#include "consumer/store/days.h"

#include <charconv>
#include <cstdio>

namespace picket {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;
constexpr std::string_view kPrefix = "result_";

// A lock of this schema's partitions: databases may hold several schemas with a picket each.
constexpr const char* kLockKey = "hashtextextended('picket partitions of ' || current_schema(), 0)";

std::string IsoDate(Day day) {
  return FormatTimestamp({day * kDayUs}).substr(0, 10);
}

Status RunAll(Connection& connection, const std::vector<std::string>& statements) {
  for (const std::string& sql : statements) {
    if (Expected<QueryResult> done = connection.Run(sql.c_str()); !done) return std::unexpected(done.error());
  }
  return {};
}

// Partition names are built from a number here, or checked to be of that form: nothing to quote.
Status Attach(Connection& connection, Day day) {
  const std::string name = PartitionName(day);
  const std::string from = "timestamptz '" + IsoDate(day) + " 00:00:00+00'";
  const std::string to = "timestamptz '" + IsoDate(day + 1) + " 00:00:00+00'";
  // The check constraint says what ATTACH would otherwise scan for; it has no use after.
  return RunAll(connection,
                {
                    "CREATE TABLE " + name + " (LIKE result INCLUDING ALL, CONSTRAINT day CHECK (ts >= " +
                        from + " AND ts < " + to + "))",
                    "ALTER TABLE result ATTACH PARTITION " + name + " FOR VALUES FROM ('" + IsoDate(day) +
                        " 00:00:00+00') TO ('" + IsoDate(day + 1) + " 00:00:00+00')",
                    "ALTER TABLE " + name + " DROP CONSTRAINT day",
                });
}

Status EnsureOne(Connection& connection, Day day) {
  const std::string sql = std::string("SELECT pg_advisory_xact_lock(") + kLockKey + ")";
  if (Status begun = RunAll(connection, {"BEGIN", sql}); !begun) return begun;
  const std::string name = PartitionName(day);
  const Expected<QueryResult> found = connection.Run(
      "SELECT inhrelid FROM pg_inherits WHERE inhparent = 'result'::regclass AND inhrelid = to_regclass($1)",
      {name});
  if (!found) return std::unexpected(found.error());
  if (found->Rows() == 0) {
    if (Status attached = Attach(connection, day); !attached) return attached;
  }
  return RunAll(connection, {"COMMIT"});
}

// The lanes keep count of what goes, so that an audit still adds up.
Status Drop(Connection& connection, const std::string& name) {
  return RunAll(
      connection,
      {
          "BEGIN",
          "UPDATE lane l SET expired = l.expired + n.rows FROM (SELECT lane_id, count(*) AS rows FROM " +
              name + " GROUP BY lane_id ORDER BY lane_id) n WHERE l.id = n.lane_id",
          "DROP TABLE " + name,
          "COMMIT",
      });
}

}  // namespace

Day DayOf(WallTime time) {
  return time.us >= 0 ? time.us / kDayUs : -((-time.us + kDayUs - 1) / kDayUs);
}

std::string PartitionName(Day day) {
  const std::string date = IsoDate(day);
  return std::string(kPrefix) + date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2);
}

std::optional<Day> DayOfPartition(std::string_view name) {
  if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + 8) return std::nullopt;
  const std::string digits(name.substr(kPrefix.size()));
  WallTime time;
  const std::string text =
      digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2) + "T00:00:00Z";
  if (!ParseTimestamp(text, &time)) return std::nullopt;
  return DayOf(time);
}

Status DayPartitions::Ensure(Connection& connection, const std::set<Day>& days) {
  for (const Day day : days) {
    if (known_.contains(day)) continue;
    if (Status made = EnsureOne(connection, day); !made) {
      return std::unexpected(
          std::move(made).error().WithContext("cannot make partition " + PartitionName(day)));
    }
    known_.insert(day);
  }
  return {};
}

Expected<std::vector<std::string>> DropDaysBefore(Connection& connection, Day oldest) {
  const std::string lock = std::string("SELECT pg_try_advisory_lock(") + kLockKey + " + 1)";
  const std::string unlock = std::string("SELECT pg_advisory_unlock(") + kLockKey + " + 1)";
  const Expected<QueryResult> locked = connection.Run(lock.c_str());
  if (!locked) return std::unexpected(locked.error());
  std::vector<std::string> dropped;
  if (!locked->Bool(0, 0)) return dropped;

  // A drop that was cut short leaves a partition whose detach is pending, or a table that is no partition.
  const Expected<QueryResult> tables = connection.Run(
      "SELECT c.relname, i.inhrelid IS NOT NULL, coalesce(i.inhdetachpending, false) FROM pg_class c"
      " LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relkind = 'r' AND c.relname LIKE 'result\\_%'"
      " AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'result'::regclass)"
      " ORDER BY 3 DESC, 1");
  if (!tables) return std::unexpected(tables.error());
  for (int row = 0; row < tables->Rows(); ++row) {
    const std::string name(tables->Text(row, 0));
    const std::optional<Day> day = DayOfPartition(name);
    if (!day || *day >= oldest) continue;
    Status done;
    if (tables->Bool(row, 1)) {
      const std::string detach = "ALTER TABLE result DETACH PARTITION " + name;
      done = RunAll(connection, {detach + (tables->Bool(row, 2) ? " FINALIZE" : " CONCURRENTLY")});
    }
    if (done) done = Drop(connection, name);
    if (!done) {
      // The lock goes with the connection, which the caller closes.
      return std::unexpected(std::move(done).error().WithContext("cannot drop " + name));
    }
    dropped.push_back(name);
  }
  if (const Expected<QueryResult> done = connection.Run(unlock.c_str()); !done)
    return std::unexpected(done.error());
  return dropped;
}

}  // namespace picket
