// SQLite behind RAII and Expected: the only file pair that sees sqlite3.h. One connection, one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "port/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace picket::sqlite {

// A compiled statement, to be run any number of times through Query. Lives no longer than its Database.
class Statement {
 public:
  Statement() = default;

 private:
  friend class Database;
  friend class Query;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// One execution of a statement: bind in order, then Run or step with Next. The destructor resets the
// statement, so that no read transaction outlives its scope. One Query a statement at a time.
class Query {
 public:
  explicit Query(const Statement& statement);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Bind the next parameter. Bytes are not copied: they must outlive the Query.
  Query& Int(int64_t value);
  Query& Text(std::string_view text);
  Query& Blob(std::string_view bytes);

  // True when there is a row to read. Errors as in the table in sqlite_db.cc.
  Expected<bool> Next();
  // Runs to the end; rows are passed over.
  Status Run();

  // Columns of the current row, from 0. Bytes are valid until the next step or the end of the Query.
  int64_t GetInt(int column) const;
  std::string_view GetBytes(int column) const;

 private:
  sqlite3_stmt* const statement_;
  int next_parameter_ = 1;
  int bind_result_ = 0;
};

class Database {
 public:
  // Opens or makes `path`, following SQLite's own rules for names (no URIs).
  static Expected<std::unique_ptr<Database>> Open(const std::string& path);
  // Closes with a checkpoint, unless Abandon was called. The WAL file stays, at its size.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One statement or several, without results.
  Status Execute(const char* sql);
  Expected<Statement> Prepare(const char* sql);
  struct Preparation {
    Statement* statement;
    const char* sql;
  };
  Status PrepareAll(std::initializer_list<Preparation> preparations);
  // First column of the first row, for PRAGMAs and counts; kInternal when there is no row.
  Expected<int64_t> QueryInt(const char* sql);
  Expected<std::string> QueryText(const char* sql);

  // Rows inserted or deleted by the statement that ran last.
  int64_t Changes() const;

  // Copies every committed frame of the WAL into the database and syncs both (PASSIVE; complete, because
  // there is no other connection): the next transaction starts the WAL from its beginning.
  Status Checkpoint();
  // Frames of the WAL that a crash now would have to find again: 0 after a checkpoint.
  uint32_t wal_frames() const { return state_->wal_frames; }

  // Makes the file at least `bytes` long, every block allocated, in steps of 32 KiB: pages up to there can
  // be written on a full disk. kResourceExhausted when the disk has no room.
  Status ReserveFile(uint64_t bytes);

  // From here on the connection leaves both files as they are, also when it is closed: for a file that is
  // not ours to touch, or not to be trusted.
  void Abandon();

  // True when a transaction could not be rolled back: the connection is of no more use.
  bool broken() const { return state_->broken; }

 private:
  friend class Transaction;
  struct State {
    uint32_t wal_frames = 0;
    bool broken = false;
  };
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit Database(sqlite3* handle);
  Status Configure();
  std::unexpected<Error> Failure(int result, const char* what) const;

  std::unique_ptr<sqlite3, Close> handle_;
  std::unique_ptr<State> state_;  // the WAL hook points at it
};

// BEGIN IMMEDIATE; rolled back unless Commit succeeded.
class Transaction {
 public:
  explicit Transaction(Database& db) : db_(db) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status Begin();
  Status Commit();

 private:
  Database& db_;
};

}  // namespace picket::sqlite
