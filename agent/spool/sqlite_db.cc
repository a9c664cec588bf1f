#include "agent/spool/sqlite_db.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include <utility>

#include "agent/spool/spool.h"

namespace picket::sqlite {
namespace {

// The database grows in these steps (SQLITE_FCNTL_CHUNK_SIZE).
constexpr int kFileStepBytes = 32 << 10;

// Result codes of SQLite (https://www.sqlite.org/rescode.html) as ours. `system_errno` is the errno of the
// system call that failed, where there was one.
ErrorCode CodeFor(int result, int system_errno) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kAlreadyExists;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return ErrorCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kPermission;
    case SQLITE_CANTOPEN:
      if (system_errno == EACCES || system_errno == EPERM || system_errno == EROFS) {
        return ErrorCode::kPermission;
      }
      return system_errno == ENOENT || system_errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo;
    case SQLITE_IOERR:
      if (result == SQLITE_IOERR_NOMEM) return ErrorCode::kResourceExhausted;
      return system_errno == ENOSPC || system_errno == EDQUOT ? ErrorCode::kResourceExhausted
                                                              : ErrorCode::kIo;
    case SQLITE_TOOBIG:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kInternal;
  }
}

std::unexpected<Error> MakeError(sqlite3* db, int result, const char* what) {
  const int system_errno = db != nullptr ? sqlite3_system_errno(db) : 0;
  const bool from_system = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;
  if (from_system && system_errno != 0) {
    return Fail(CodeFor(result, system_errno), "%s: %s (SQLite %d, %s)", what, sqlite3_errstr(result), result,
                strerror(system_errno));
  }
  // The connection's own text says more than the code's, as long as it belongs to this error.
  const bool own_text = db != nullptr && sqlite3_extended_errcode(db) == result;
  return Fail(CodeFor(result, 0), "%s: %s (SQLite %d)", what,
              own_text ? sqlite3_errmsg(db) : sqlite3_errstr(result), result);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);  // repeats the error of the last step, which was handled then
}

Query::Query(const Statement& statement) : statement_(statement.handle_.get()) {}

Query::~Query() {
  sqlite3_reset(statement_);  // repeats the error of the last step
  sqlite3_clear_bindings(statement_);
}

Query& Query::Int(int64_t value) {
  const int result = sqlite3_bind_int64(statement_, next_parameter_++, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Query& Query::Text(std::string_view text) {
  const int result = sqlite3_bind_text64(statement_, next_parameter_++, text.data(), text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Query& Query::Blob(std::string_view bytes) {
  // A null pointer would store NULL, not an empty blob.
  const int result = sqlite3_bind_blob64(statement_, next_parameter_++, bytes.empty() ? "" : bytes.data(),
                                         bytes.size(), SQLITE_STATIC);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Expected<bool> Query::Next() {
  sqlite3* const db = sqlite3_db_handle(statement_);
  if (bind_result_ != SQLITE_OK) return MakeError(db, bind_result_, sqlite3_sql(statement_));
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return MakeError(db, result, sqlite3_sql(statement_));
}

Status Query::Run() {
  while (true) {
    const Expected<bool> row = Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

int64_t Query::GetInt(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Query::GetBytes(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

void Database::Close::operator()(sqlite3* db) const {
  // _v2: statements that are finalized later (members destroyed after us) do not make this fail.
  sqlite3_close_v2(db);
}

Database::Database(sqlite3* handle) : handle_(handle), state_(std::make_unique<State>()) {}

Database::~Database() = default;

Expected<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  // "./" keeps a relative name that begins with "file:" or ":" a name.
  const std::string name = path.starts_with('/') ? path : "./" + path;
  const int result = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  auto database = std::unique_ptr<Database>(new Database(handle));  // also after an error: it is closed
  if (result != SQLITE_OK) return MakeError(handle, result, ("cannot open " + path).c_str());
  if (Status configured = database->Configure(); !configured) return std::unexpected(configured.error());
  return database;
}

Status Database::Configure() {
  sqlite3* const db = handle_.get();
  int keep_wal = 1;  // an allocated WAL is what lets a full disk be cleaned up
  int result = sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_wal);
  if (result != SQLITE_OK) return Failure(result, "cannot keep the WAL");
  int step = kFileStepBytes;
  result = sqlite3_file_control(db, "main", SQLITE_FCNTL_CHUNK_SIZE, &step);
  if (result != SQLITE_OK) return Failure(result, "cannot set the growth step");
  sqlite3_wal_hook(
      db,
      [](void* state, sqlite3*, const char*, int frames) {
        static_cast<State*>(state)->wal_frames = static_cast<uint32_t>(frames);
        return SQLITE_OK;
      },
      state_.get());
  return {};
}

std::unexpected<Error> Database::Failure(int result, const char* what) const {
  return MakeError(handle_.get(), result, what);
}

Status Database::Execute(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return Failure(result, sql);
  return {};
}

Expected<Statement> Database::Prepare(const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  Statement statement;
  statement.handle_.reset(handle);
  if (result != SQLITE_OK) return Failure(result, sql);
  return statement;
}

Status Database::PrepareAll(std::initializer_list<Preparation> preparations) {
  for (const auto& [statement, sql] : preparations) {
    Expected<Statement> prepared = Prepare(sql);
    if (!prepared) return std::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return {};
}

Expected<int64_t> Database::QueryInt(const char* sql) {
  Expected<Statement> statement = Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  Query query(*statement);
  const Expected<bool> row = query.Next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Fail(ErrorCode::kInternal, "%s: no row", sql);
  return query.GetInt(0);
}

Expected<std::string> Database::QueryText(const char* sql) {
  Expected<Statement> statement = Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  Query query(*statement);
  const Expected<bool> row = query.Next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Fail(ErrorCode::kInternal, "%s: no row", sql);
  return std::string(query.GetBytes(0));
}

int64_t Database::Changes() const {
  return sqlite3_changes64(handle_.get());
}

Status Database::Checkpoint() {
  int frames = 0;
  int copied = 0;
  const int result =
      sqlite3_wal_checkpoint_v2(handle_.get(), "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
  if (result != SQLITE_OK) return Failure(result, "checkpoint");
  if (copied != frames) {
    return Fail(ErrorCode::kInternal, "checkpoint: %d of %d frames copied", copied, frames);
  }
  state_->wal_frames = 0;
  return {};
}

Status Database::ReserveFile(uint64_t bytes) {
  auto size = static_cast<sqlite3_int64>(bytes);
  const int result = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_SIZE_HINT, &size);
  if (result == SQLITE_OK) return {};
  // The hint reports a full disk as a failed write; if the device is failing, the next real write says so.
  if (result == SQLITE_IOERR_WRITE) {
    return Fail(ErrorCode::kResourceExhausted, "no room for %llu bytes",
                static_cast<unsigned long long>(bytes));
  }
  return Failure(result, "cannot extend the file");
}

void Database::Abandon() {
  // Cannot fail for an open connection: it sets a flag.
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Transaction::~Transaction() {
  sqlite3* const db = db_.handle_.get();
  if (sqlite3_get_autocommit(db) != 0) return;  // committed, never begun, or rolled back by SQLite itself
  if (sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK &&
      sqlite3_get_autocommit(db) == 0) {
    db_.state_->broken = true;
  }
}

Status Transaction::Begin() {
  return db_.Execute("BEGIN IMMEDIATE");
}

Status Transaction::Commit() {
  return db_.Execute("COMMIT");
}

}  // namespace picket::sqlite

namespace picket {

std::string SpoolLibraryVersion() {
  return std::string("SQLite ") + sqlite3_libversion();
}

}  // namespace picket
