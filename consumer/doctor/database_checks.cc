#include "consumer/doctor/database_checks.h"

#include <memory>
#include <string_view>
#include <vector>

#include "consumer/migrations/migrate.h"
#include "consumer/store/days.h"
#include "doctor/clock_check.h"

namespace picket {
namespace {

// UNIQUE NULLS NOT DISTINCT, in the first migration.
constexpr int64_t kLeastVersion = 150'000;

// Without a statement of its own time-out: the connection has one of 5 s to connect and 30 s a statement.
constexpr const char* kFacts =
    "SELECT current_setting('server_version_num')::int8, current_setting('server_version'),"
    " coalesce((SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), ''),"
    " inet_server_addr() IS NULL OR inet_server_addr() <<= inet '127.0.0.0/8' OR inet_server_addr() = inet "
    "'::1',"
    " (extract(epoch FROM clock_timestamp()) * 1000000)::int8,"
    " current_setting('fsync'), current_setting('full_page_writes'), pg_is_in_recovery(),"
    " coalesce(current_schema(), ''), current_user,"
    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
    " pg_size_pretty(pg_database_size(current_database()))";

enum Column {
  kNumber,
  kVersion,
  kTls,
  kLocal,
  kTime,
  kFsync,
  kFullPages,
  kStandby,
  kSchema,
  kUser,
  kMayCreate,
  kSize
};

std::string Word(const QueryResult& row, Column column) {
  return std::string(row.Text(0, column));
}

void CheckServer(const QueryResult& row, Report* report) {
  if (row.Integer(0, kNumber) < kLeastVersion) {
    report->Fail("version", "PostgreSQL " + Word(row, kVersion) + ": the tables need 15 or later",
                 "upgrade PostgreSQL");
  } else {
    report->Ok("version", "PostgreSQL " + Word(row, kVersion) + ", the database takes " + Word(row, kSize));
  }
  if (!row.Text(0, kTls).empty()) {
    report->Ok("tls", Word(row, kTls));
  } else if (row.Bool(0, kLocal)) {
    report->Ok("tls", "none, and the server is on this machine");
  } else {
    report->Warn("tls", "none: results and the login's exchange can be read on the way",
                 "add sslmode=verify-full (and sslrootcert=FILE) to database.url");
  }
  if (row.Bool(0, kStandby)) {
    report->Fail("durability", "the server is a standby: it takes no rows",
                 "point database.url at the primary");
  } else if (row.Text(0, kFsync) != "on" || row.Text(0, kFullPages) != "on") {
    report->Warn("durability",
                 "fsync " + Word(row, kFsync) + ", full_page_writes " + Word(row, kFullPages) +
                     ": a crash may lose or damage rows that were committed",
                 "set both to on in postgresql.conf");
  } else {
    report->Ok("durability", "fsync on; picket-consumer sets synchronous_commit itself");
  }
}

void CheckRights(const QueryResult& row, bool migrated, Report* report) {
  const std::string user = Word(row, kUser), schema = Word(row, kSchema);
  if (schema.empty()) {
    return report->Fail(
        "permission", "no schema of the search_path exists or is open to " + user,
        "create one: CREATE SCHEMA picket AUTHORIZATION " + user + ", and name it in search_path");
  }
  if (!row.Bool(0, kMayCreate)) {
    return report->Fail(
        "permission",
        user + " may not make tables in schema " + schema + (migrated ? ": no new days can be added" : ""),
        "GRANT USAGE, CREATE ON SCHEMA " + schema + " TO " + user + ", or let it own the database");
  }
  report->Ok("permission", user + " may make tables in schema " + schema);
}

// The tables are there: may we fill them?
void CheckTables(Connection& connection, Report* report) {
  const auto found = connection.Run(
      "SELECT string_agg(t, ', ') FROM unnest(ARRAY['result', 'lane', 'lane_range', 'kafka_position', "
      "'dead_letter']) t "
      "WHERE NOT coalesce(has_table_privilege(to_regclass(t), 'INSERT') AND "
      "has_table_privilege(to_regclass(t), 'SELECT'), false)");
  if (!found) return report->Fail("tables", found.error().message, "see the server's log");
  if (found->IsNull(0, 0)) return report->Ok("tables", "may be read and filled");
  const std::string names(found->Text(0, 0));
  report->Fail("tables", "missing, or not to be read and filled by this user: " + names,
               "GRANT ALL ON " + names + " to the user of database.url; new days want their owner");
}

void CheckDays(Connection& connection, WallTime now, Report* report) {
  std::string missing;
  for (const Day day : {DayOf(now), DayOf(now) + 1}) {
    const auto found = connection.Run("SELECT to_regclass($1) IS NOT NULL", {PartitionName(day)});
    if (!found) return report->Fail("partitions", found.error().message, "see the server's log");
    if (!found->Bool(0, 0)) missing += (missing.empty() ? "" : " and ") + PartitionName(day);
  }
  if (missing.empty()) return report->Ok("partitions", "of today and tomorrow are there");
  report->Ok("partitions", missing + " will be made when a record needs it");
}

// True when the tables are of this version.
bool CheckSchema(Connection& connection, Report* report) {
  const auto state = ReadMigrationState(connection);
  if (!state) {
    report->Fail("schema", state.error().message,
                 "use the picket-consumer of that version, or another database in database.url");
    return false;
  }
  std::string missing;
  size_t applied = 0;
  for (const MigrationState& migration : *state) {
    if (migration.applied)
      ++applied;
    else
      missing += (missing.empty() ? "" : ", ") + migration.version + "_" + migration.name;
  }
  if (missing.empty()) {
    report->Ok("schema", "version " + state->back().version + ", that of this program");
    return true;
  }
  if (applied == 0) {
    report->Ok("schema", "no tables yet: picket-consumer run makes them at its start");
    return false;
  }
  report->Warn(
      "schema", "not yet applied: " + missing,
      "picket-consumer run applies them at its start; with --no-migrate, run picket-consumer migrate");
  return false;
}

}  // namespace

void CheckDatabase(const std::string& url, const Clock& clock, const Budget& budget, Report* report) {
  report->Area("database");
  if (budget.Over()) return report->Skip("connection", kBudgetOver);
  const auto connection = Connection::Open(url, [&budget] { return budget.Left().count() == 0; });
  if (!connection) {
    const bool refused = connection.error().code == ErrorCode::kPermission;
    report->Fail("connection", connection.error().message,
                 refused ? "check user and password in database.url, and the server's pg_hba.conf"
                         : "check host, port and name in database.url, and that PostgreSQL runs");
    return report->Skip("schema", "there is no connection");
  }
  report->Ok("connection", (*connection)->Describe());
  const auto row = (*connection)->Run(kFacts);
  if (!row) return report->Fail("version", row.error().message, "see the server's log");
  CheckServer(*row, report);
  CheckSkew({.name = "the database", .then = {row->Integer(0, kTime)}, .here = clock.Wall()}, report);
  const bool migrated = CheckSchema(**connection, report);
  CheckRights(*row, migrated, report);
  if (!migrated) return;
  CheckTables(**connection, report);
  CheckDays(**connection, clock.Wall(), report);
}

}  // namespace picket
