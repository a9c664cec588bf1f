#include "consumer/store/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "consumer/store/sqlstate.h"

namespace picket {
namespace {

constexpr int64_t kConnectTimeoutMs = 5'000;
constexpr int64_t kStatementTimeoutMs = 30'000;
// The server's own time-out has its say first.
constexpr int64_t kAnswerTimeoutMs = kStatementTimeoutMs + 5'000;
constexpr int kWaitSliceMs = 100;

// The second frees the locks of a consumer that was stopped in mid-batch.
constexpr const char* kTimeouts =
    "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '10s'";
constexpr const char* kSession =
    "SET synchronous_commit = on; SET timezone = 'UTC'; SET bytea_output = 'hex';"
    "SET client_min_messages = warning";

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

// libpq ends its texts with a line break, may put several lines and indents them.
std::string OneLine(const char* text) {
  std::string line(text != nullptr ? text : "");
  const auto is_gap = [](char c) { return c == '\n' || c == '\t' || c == ' '; };
  while (!line.empty() && is_gap(line.back())) line.pop_back();
  const auto same_gap = [&](char a, char b) { return is_gap(a) && is_gap(b); };
  line.erase(std::unique(line.begin(), line.end(), same_gap), line.end());
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::unexpected<Error> ResultError(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  if (state == nullptr) {
    return Fail(ErrorCode::kUnavailable, "%s", OneLine(PQresultErrorMessage(result)).c_str());
  }
  const std::string cure(CureOfSqlState(state));
  return Fail(CodeOfSqlState(state), "%s%s%s (SQLSTATE %s)%s%s", OneLine(text).c_str(), detail != nullptr ? ": " : "",
              OneLine(detail).c_str(), state, cure.empty() ? "" : ": ", cure.c_str());
}

// Notices (such as "relation already exists, skipping") are no news to us.
void IgnoreNotice(void*, const PGresult*) {}

}  // namespace

void QueryResult::Clear::operator()(pg_result* result) const {
  PQclear(result);
}
int QueryResult::Rows() const {
  return PQntuples(result_.get());
}
bool QueryResult::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view QueryResult::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int64_t QueryResult::Integer(int row, int column) const {
  const std::string_view text = Text(row, column);
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int64_t QueryResult::Affected() const {
  const char* text = PQcmdTuples(result_.get());
  int64_t value = 0;
  std::from_chars(text, text + strlen(text), value);
  return value;
}

void Connection::Finish::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

Connection::Connection(pg_conn* connection, GiveUp give_up)
    : give_up_(std::move(give_up)), connection_(connection), answer_timeout_ms_(kAnswerTimeoutMs) {}
Connection::~Connection() = default;

Expected<std::unique_ptr<Connection>> Connection::Open(const std::string& url, GiveUp give_up) {
  // What the URL says wins over a fallback; the encoding is ours.
  const char* keywords[] = {"dbname", "fallback_application_name", "client_encoding", nullptr};
  const char* values[] = {url.c_str(), "picket-consumer", "UTF8", nullptr};
  pg_conn* raw = PQconnectStartParams(keywords, values, /*expand_dbname=*/1);
  if (raw == nullptr) return Fail(ErrorCode::kResourceExhausted, "out of memory");
  std::unique_ptr<Connection> connection(new Connection(raw, std::move(give_up)));
  PQsetNoticeReceiver(raw, IgnoreNotice, nullptr);
  if (Status connected = connection->FinishConnecting(); !connected) {
    return std::unexpected(std::move(connected).error());
  }
  for (const char* script : {kSession, kTimeouts}) {
    if (Status set = connection->RunScript(script); !set) return std::unexpected(std::move(set).error());
  }
  return connection;
}

Status Connection::FinishConnecting() {
  const int64_t deadline = NowMs() + kConnectTimeoutMs;
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (true) {
    if (PQstatus(connection_.get()) == CONNECTION_BAD)
      return ConnectionError("cannot connect to the database");
    if (wanted == PGRES_POLLING_OK) break;
    if (wanted == PGRES_POLLING_FAILED) return ConnectionError("cannot connect to the database");
    pollfd ready = {PQsocket(connection_.get()),
                    static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    const int count = poll(&ready, 1, kWaitSliceMs);
    if (give_up_()) return Fail(ErrorCode::kUnavailable, "cannot connect to the database: stopping");
    if (NowMs() > deadline)
      return Fail(ErrorCode::kUnavailable, "cannot connect to the database: no answer within 5 s: check the network and database.url");
    if (count > 0) wanted = PQconnectPoll(connection_.get());
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) return ConnectionError("cannot connect to the database");
  return {};
}

std::unexpected<Error> Connection::ConnectionError(const char* what) {
  const std::string text = OneLine(PQerrorMessage(connection_.get()));
  // A refused login has no SQLSTATE here, only its text; all else may pass.
  const bool refused = text.find("authentication failed") != std::string::npos ||
                       text.find("no pg_hba.conf entry") != std::string::npos ||
                       text.find("no password supplied") != std::string::npos;
  const bool absent =
      text.find("database \"") != std::string::npos && text.find("does not exist") != std::string::npos;
  const ErrorCode code = refused  ? ErrorCode::kPermission
                         : absent ? ErrorCode::kUnsupported
                                  : ErrorCode::kUnavailable;
  const char* cure = refused  ? "check user and password in database.url, and the server's pg_hba.conf"
                     : absent ? "create the database, or correct database.url"
                              : "start the database, or correct database.url";
  return Fail(code, "%s: %s: %s", what, text.c_str(), cure);
}

Status Connection::WaitReadable(int64_t deadline_ms) {
  pollfd ready = {PQsocket(connection_.get()), POLLIN, 0};
  while (poll(&ready, 1, kWaitSliceMs) <= 0) {
    if (give_up_()) return Fail(ErrorCode::kUnavailable, "given up: stopping");
    if (NowMs() > deadline_ms) return Fail(ErrorCode::kUnavailable, "no answer from the server");
  }
  if (PQconsumeInput(connection_.get()) == 0) return ConnectionError("connection to the database lost");
  return {};
}

Status Connection::Flush() {
  const int64_t deadline = NowMs() + answer_timeout_ms_;
  while (true) {
    const int left = PQflush(connection_.get());
    if (left == 0) return {};
    if (left < 0) return ConnectionError("connection to the database lost");
    pollfd ready = {PQsocket(connection_.get()), POLLIN | POLLOUT, 0};
    const int count = poll(&ready, 1, kWaitSliceMs);
    // The server may be sending, too, and wait for us to read.
    if (count > 0 && (ready.revents & POLLIN) != 0 && PQconsumeInput(connection_.get()) == 0) {
      return ConnectionError("connection to the database lost");
    }
    if (give_up_()) return Fail(ErrorCode::kUnavailable, "given up: stopping");
    if (NowMs() > deadline) return Fail(ErrorCode::kUnavailable, "the server takes no data");
  }
}

Expected<QueryResult> Connection::Collect() {
  if (Status flushed = Flush(); !flushed) return std::unexpected(std::move(flushed).error());
  const int64_t deadline = NowMs() + answer_timeout_ms_;
  QueryResult last;
  Status failed;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      if (Status ready = WaitReadable(deadline); !ready) return std::unexpected(std::move(ready).error());
    }
    pg_result* raw = PQgetResult(connection_.get());
    if (raw == nullptr) break;
    QueryResult result(raw);
    const ExecStatusType status = PQresultStatus(raw);
    if (status == PGRES_COPY_IN) return result;  // the caller sends the data and collects again
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && failed) failed = ResultError(raw);
    last = std::move(result);
  }
  if (!failed) return std::unexpected(std::move(failed).error());
  return last;
}

Expected<QueryResult> Connection::Run(const char* sql, const std::vector<Param>& params) {
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const Param& param : params) values.push_back(param ? param->c_str() : nullptr);
  if (PQsendQueryParams(connection_.get(), sql, static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, /*resultFormat=*/0) == 0) {
    return ConnectionError("connection to the database lost");
  }
  return Collect();
}

Status Connection::RunScript(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0)
    return ConnectionError("connection to the database lost");
  const Expected<QueryResult> done = Collect();
  if (!done) return std::unexpected(done.error());
  return {};
}

Status Connection::Copy(const char* sql, std::string_view data) {
  if (PQsendQuery(connection_.get(), sql) == 0) return ConnectionError("connection to the database lost");
  if (const Expected<QueryResult> begun = Collect(); !begun) return std::unexpected(begun.error());
  constexpr size_t kPieceBytes = 64 << 10;
  while (!data.empty()) {
    const std::string_view piece = data.substr(0, kPieceBytes);
    const int sent = PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size()));
    if (sent < 0) return ConnectionError("connection to the database lost");
    if (Status flushed = Flush(); !flushed) return flushed;
    if (sent > 0) data.remove_prefix(piece.size());
  }
  int ended;
  while ((ended = PQputCopyEnd(connection_.get(), nullptr)) == 0) {
    if (Status flushed = Flush(); !flushed) return flushed;
  }
  if (ended < 0) return ConnectionError("connection to the database lost");
  const Expected<QueryResult> done = Collect();
  if (!done) return std::unexpected(done.error());
  return {};
}

Status Connection::SetTimeouts(bool on) {
  answer_timeout_ms_ = on ? kAnswerTimeoutMs : std::numeric_limits<int32_t>::max();
  return RunScript(on ? kTimeouts : "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
}

std::string Connection::Describe() const {
  const pg_conn* c = connection_.get();
  const char* version = PQparameterStatus(c, "server_version");
  return std::string("PostgreSQL ") + (version != nullptr ? version : "?") + " at " + PQhost(c) + ":" +
         PQport(c) + "/" + PQdb(c) + " as " + PQuser(c);
}

std::string PostgresClientVersion() {
  const int version = PQlibVersion();  // 150018
  return "libpq " + std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

std::string ArrayLiteral(const std::vector<int64_t>& values) {
  std::string out = "{";
  for (const int64_t value : values) {
    if (out.size() > 1) out += ',';
    out += std::to_string(value);
  }
  return out += '}';
}

std::string ArrayLiteral(const std::vector<Param>& values) {
  std::string out = "{";
  for (const Param& value : values) {
    if (out.size() > 1) out += ',';
    if (!value) {
      out += "NULL";
      continue;
    }
    out += '"';
    for (const char c : *value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out += '}';
}

std::string ByteaLiteral(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\\x";
  out.reserve(2 + 2 * bytes.size());
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

}  // namespace picket
