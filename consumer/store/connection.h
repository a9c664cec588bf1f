// libpq, wrapped: one session with PostgreSQL. PGconn and PGresult are named in connection.cc only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "port/error.h"

struct pg_conn;
struct pg_result;

namespace picket {

// What a query gave: rows of text.
class QueryResult {
 public:
  QueryResult() = default;
  explicit QueryResult(pg_result* result) : result_(result) {}

  int Rows() const;
  bool IsNull(int row, int column) const;
  // Empty for NULL. Lives as long as the result.
  std::string_view Text(int row, int column) const;
  // For columns of integer types that are not NULL.
  int64_t Integer(int row, int column) const;
  // "t" is true.
  bool Bool(int row, int column) const { return Text(row, column) == "t"; }
  // Rows that INSERT, UPDATE or DELETE changed.
  int64_t Affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// A parameter in PostgreSQL's text form; absent is NULL.
using Param = std::optional<std::string>;

// Asked every 100 ms of waiting: true ends the wait (the program is stopping, its grace is over).
using GiveUp = std::function<bool()>;

// Not thread-safe. Every wait is bounded by the session's statement_timeout, by the same time and some on
// our side (a host that vanished says nothing), and by GiveUp.
//
// Errors: kUnavailable (connection, server start and stop, disk full, deadlock, time-out, GiveUp: again,
// on a new connection), kCorrupt (SQLSTATE 22..., 23..., 54...: the data), kPermission (28..., 42501),
// kUnsupported (42..., 3D..., 3F..., 0A...: schema or server not as they must be), kInternal (all others).
// The message names the SQLSTATE and the cure. After kUnavailable the connection may be broken: open another.
class Connection {
 public:
  // `url` as libpq takes it: a URI or key=value pairs. The session gets the statement and idle time-outs
  // below, synchronous_commit=on, time zone UTC.
  static Expected<std::unique_ptr<Connection>> Open(const std::string& url, GiveUp give_up);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement.
  Expected<QueryResult> Run(const char* sql, const std::vector<Param>& params = {});
  // Several statements, no parameters; outside of an explicit transaction they are one.
  Status RunScript(const std::string& sql);
  // COPY ... FROM STDIN with all its data.
  Status Copy(const char* sql, std::string_view data);

  // Off for migrations and reports, which may take their time.
  Status SetTimeouts(bool on);

  // "PostgreSQL 15.18 at db.example:5432/metrics as picket": no password.
  std::string Describe() const;

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  Connection(pg_conn* connection, GiveUp give_up);

  Status FinishConnecting();
  Status Flush();
  // Waits for the answer to what was sent; more than one only for scripts and COPY. Returns the last.
  Expected<QueryResult> Collect();
  Status WaitReadable(int64_t deadline_ms);
  std::unexpected<Error> ConnectionError(const char* what);

  const GiveUp give_up_;
  std::unique_ptr<pg_conn, Finish> connection_;
  int64_t answer_timeout_ms_;
};

// "libpq 15.18".
std::string PostgresClientVersion();

// "{1,2,3}" and '{"a","b\"c",NULL}': arrays in text form.
std::string ArrayLiteral(const std::vector<int64_t>& values);
std::string ArrayLiteral(const std::vector<Param>& values);
// "\x00ff...": bytea in text form.
std::string ByteaLiteral(std::string_view bytes);

}  // namespace picket
