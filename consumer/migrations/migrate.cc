#include "consumer/migrations/migrate.h"

#include <algorithm>
#include <set>

namespace picket {
namespace {

constexpr std::string_view kUpMark = "-- migrate:up";
constexpr std::string_view kDownMark = "-- migrate:down";

// As dbmate makes it.
constexpr const char* kCreateAccount =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)";
constexpr const char* kLock =
    "SELECT pg_advisory_lock(hashtextextended('picket migrations of ' || current_schema(), 0))";
constexpr const char* kUnlock =
    "SELECT pg_advisory_unlock(hashtextextended('picket migrations of ' || current_schema(), 0))";

Expected<std::vector<Migration>> KnownMigrations() {
  std::vector<Migration> known;
  for (const MigrationFile& file : EmbeddedMigrations()) {
    Expected<Migration> migration = ParseMigration(file);
    if (!migration) return std::unexpected(std::move(migration).error());
    known.push_back(*std::move(migration));
  }
  return known;
}

Expected<std::set<std::string>> AppliedVersions(Connection& connection) {
  std::set<std::string> versions;
  const Expected<QueryResult> found = connection.Run("SELECT to_regclass('schema_migrations') IS NOT NULL");
  if (!found) return std::unexpected(found.error());
  if (!found->Bool(0, 0)) return versions;
  const Expected<QueryResult> rows = connection.Run("SELECT version FROM schema_migrations");
  if (!rows) return std::unexpected(rows.error());
  for (int row = 0; row < rows->Rows(); ++row) versions.emplace(rows->Text(row, 0));
  return versions;
}

Status Apply(Connection& connection, const Migration& migration) {
  // The version is a number (ParseMigration): nothing to quote.
  const Status applied =
      connection.RunScript("BEGIN;\n" + migration.up + ";\nINSERT INTO schema_migrations VALUES ('" +
                           migration.version + "');\nCOMMIT");
  if (applied) return applied;
  (void)connection.Run(
      "ROLLBACK");  // when this fails, too, the connection is gone and the transaction with it
  Error error = applied.error();
  return std::unexpected(
      std::move(error).WithContext("migration " + migration.version + "_" + migration.name));
}

Status ApplyMissing(Connection& connection, Logger& logger) {
  if (const auto made = connection.Run(kCreateAccount); !made) return std::unexpected(made.error());
  const Expected<std::vector<MigrationState>> state = ReadMigrationState(connection);
  if (!state) return std::unexpected(state.error());
  const Expected<std::vector<Migration>> known = KnownMigrations();
  if (!known) return std::unexpected(known.error());
  for (size_t i = 0; i < known->size(); ++i) {
    if ((*state)[i].applied) continue;
    if (Status applied = Apply(connection, (*known)[i]); !applied) return applied;
    logger.Info("store", "applied migration %s_%s", (*known)[i].version.c_str(), (*known)[i].name.c_str());
  }
  return {};
}

}  // namespace

Expected<Migration> ParseMigration(const MigrationFile& file) {
  const size_t digits = std::min(file.file.find_first_not_of("0123456789"), file.file.size());
  const size_t up = file.text.find(kUpMark);
  const size_t down = file.text.find(kDownMark);
  if (digits == 0 || file.file.substr(digits, 1) != "_" || !file.file.ends_with(".sql") || up != 0 ||
      down == std::string_view::npos) {
    return Fail(ErrorCode::kCorrupt, "%.*s is no migration: NNNN_name.sql with '%s' first and '%s' later is",
                static_cast<int>(file.file.size()), file.file.data(), kUpMark.data(), kDownMark.data());
  }
  Migration migration;
  migration.version = file.file.substr(0, digits);
  migration.name =
      file.file.substr(digits + 1, file.file.size() - digits - 1 - std::string_view(".sql").size());
  migration.up = file.text.substr(kUpMark.size(), down - kUpMark.size());
  migration.down = file.text.substr(down + kDownMark.size());
  return migration;
}

Expected<std::vector<MigrationState>> ReadMigrationState(Connection& connection) {
  Expected<std::set<std::string>> applied = AppliedVersions(connection);
  if (!applied) return std::unexpected(std::move(applied).error());
  const Expected<std::vector<Migration>> known = KnownMigrations();
  if (!known) return std::unexpected(known.error());
  std::vector<MigrationState> state;
  for (const Migration& migration : *known) {
    state.push_back({migration.version, migration.name, applied->erase(migration.version) > 0});
  }
  if (!applied->empty()) {
    return Fail(
        ErrorCode::kUnsupported,
        "the database is at version %s, this program knows versions up to %s: install a newer picket-consumer",
        applied->rbegin()->c_str(), known->back().version.c_str());
  }
  return state;
}

Status Migrate(Connection& connection, Logger& logger) {
  // Nothing to do is the usual case, and needs no lock.
  const Expected<std::vector<MigrationState>> state = ReadMigrationState(connection);
  if (!state) return std::unexpected(state.error());
  if (std::ranges::all_of(*state, &MigrationState::applied)) return {};

  if (Status off = connection.SetTimeouts(false); !off) return off;
  if (const auto locked = connection.Run(kLock); !locked) return std::unexpected(locked.error());
  const Status applied = ApplyMissing(connection, logger);
  const auto unlocked = connection.Run(kUnlock);
  if (!applied) return applied;
  if (!unlocked) return std::unexpected(unlocked.error());
  return connection.SetTimeouts(true);
}

Status CheckMigrated(Connection& connection) {
  const Expected<std::vector<MigrationState>> state = ReadMigrationState(connection);
  if (!state) return std::unexpected(state.error());
  for (const MigrationState& migration : *state) {
    if (!migration.applied) {
      return Fail(ErrorCode::kUnsupported, "migration %s_%s is not applied: run picket-consumer migrate",
                  migration.version.c_str(), migration.name.c_str());
    }
  }
  return {};
}

}  // namespace picket
