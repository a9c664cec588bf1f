#include "agent/spool/schema.h"

#include <string>

#include "agent/spool/space.h"

namespace picket {
namespace {

// record: one row a record. `id` is the order of Append; ids are never used twice while a process runs.
// Later formats add tables of packed records beside it.
constexpr const char* kTables = R"sql(
CREATE TABLE lane (
  id             INTEGER PRIMARY KEY,
  agent          TEXT NOT NULL,
  epoch          INTEGER NOT NULL,
  stream         TEXT NOT NULL,
  topic          TEXT NOT NULL,
  boot_id        TEXT NOT NULL,
  ended_clean    INTEGER NOT NULL,
  high           INTEGER NOT NULL,
  window_records INTEGER NOT NULL
);
CREATE TABLE record (
  id      INTEGER PRIMARY KEY,
  lane    INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  wall_us INTEGER NOT NULL,
  boot_us INTEGER NOT NULL,
  clock   INTEGER NOT NULL,
  body    BLOB NOT NULL
);
CREATE UNIQUE INDEX record_key ON record (lane, seq);
CREATE TABLE evicted (
  lane  INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last  INTEGER NOT NULL,
  PRIMARY KEY (lane, first)
) WITHOUT ROWID;
CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counter VALUES ('evicted_records', 0);
)sql";

Status CreateTables(sqlite::Database& db) {
  sqlite::Transaction transaction(db);
  if (Status begun = transaction.Begin(); !begun) return begun;
  const std::string sql = std::string(kTables) + "PRAGMA application_id=" + std::to_string(kApplicationId) +
                          ";PRAGMA user_version=" + std::to_string(kFormatVersion);
  if (Status made = db.Execute(sql.c_str()); !made) return made;
  return transaction.Commit();
}

}  // namespace

Status LockFile(sqlite::Database& db) {
  // locking_mode before the first access: then the WAL index is in this process's memory and no shared
  // memory file is made (JFFS2 has no shared writable mmap). A wait of 200 ms for two agents that start at
  // the same instant: one of them gets the lock.
  const std::string settings = "PRAGMA page_size=" + std::to_string(kPageBytes) +
                               ";PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA busy_timeout=200;"
                               "BEGIN EXCLUSIVE;COMMIT;"
                               "PRAGMA busy_timeout=0";
  return db.Execute(settings.c_str());
}

Status EnsureSchema(sqlite::Database& db) {
  const Expected<int64_t> application = db.QueryInt("PRAGMA application_id");
  if (!application) return std::unexpected(application.error());
  const Expected<int64_t> version = db.QueryInt("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  const Expected<int64_t> objects = db.QueryInt("SELECT count(*) FROM sqlite_schema");
  if (!objects) return std::unexpected(objects.error());
  const Expected<int64_t> page_bytes = db.QueryInt("PRAGMA page_size");
  if (!page_bytes) return std::unexpected(page_bytes.error());

  const bool empty = *objects == 0 && *application == 0 && *version == 0;
  if (!empty && *application != kApplicationId) {
    return Fail(ErrorCode::kUnsupported, "it is another program's database");
  }
  if (!empty && *version != kFormatVersion) {
    return Fail(ErrorCode::kUnsupported, "its format version is %lld, this program knows %d",
                static_cast<long long>(*version), kFormatVersion);
  }
  if (*page_bytes != kPageBytes) {
    return Fail(ErrorCode::kUnsupported, "its pages have %lld bytes, not %u",
                static_cast<long long>(*page_bytes), kPageBytes);
  }
  const Expected<std::string> mode = db.QueryText("PRAGMA journal_mode=WAL");
  if (!mode) return std::unexpected(mode.error());
  if (*mode != "wal") {
    return Fail(ErrorCode::kUnsupported, "SQLite refuses WAL here (journal_mode is %s)", mode->c_str());
  }
  // FULL: a commit is durable when it returns (NORMAL lost commits in simulated power cuts). Dirty pages
  // stay in memory until the commit, so that each is written once and the WAL's bound can be computed.
  // wal_autocheckpoint is off because Database counts frames and the spool checkpoints by its budget.
  if (Status set = db.Execute("PRAGMA synchronous=FULL;"
                              "PRAGMA journal_size_limit=-1;"
                              "PRAGMA temp_store=MEMORY;"
                              "PRAGMA cache_size=-256;"
                              "PRAGMA cache_spill=OFF;"
                              "PRAGMA secure_delete=OFF;"
                              "PRAGMA cell_size_check=ON;"
                              "PRAGMA trusted_schema=OFF;"
                              "PRAGMA mmap_size=0");
      !set) {
    return set;
  }
  if (!empty) return {};
  if (Status made = CreateTables(db); !made) return made;
  return db.Checkpoint();  // the version is in the database file itself from the first moment
}

}  // namespace picket
