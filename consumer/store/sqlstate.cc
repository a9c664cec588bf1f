#include "consumer/store/sqlstate.h"

#include <utility>

namespace picket {
namespace {

// The first that `state` begins with.
constexpr std::pair<std::string_view, ErrorCode> kCodes[] = {
    {"08", ErrorCode::kUnavailable},     // connection exceptions
    {"57", ErrorCode::kUnavailable},     // operator intervention: shutdown, statement time-out
    {"53", ErrorCode::kUnavailable},     // insufficient resources: disk full, too many connections
    {"58", ErrorCode::kUnavailable},     // system error: I/O
    {"40", ErrorCode::kUnavailable},     // transaction rollback: serialization, deadlock
    {"55P03", ErrorCode::kUnavailable},  // lock not available
    {"55006", ErrorCode::kUnavailable},  // object in use
    {"25P03", ErrorCode::kUnavailable},  // idle in transaction for too long
    {"25006", ErrorCode::kUnavailable},  // read-only: a standby, until it is promoted
    {"22", ErrorCode::kCorrupt},         // data exceptions
    {"23", ErrorCode::kCorrupt},         // constraints
    {"54", ErrorCode::kCorrupt},         // program limits: a row or an index entry too large
    {"28", ErrorCode::kPermission},      // login refused
    {"42501", ErrorCode::kPermission},   // insufficient privilege
    {"42", ErrorCode::kUnsupported},     // a table or column is not there
    {"3D", ErrorCode::kUnsupported},     // no such database
    {"3F", ErrorCode::kUnsupported},     // no such schema
    {"0A", ErrorCode::kUnsupported},     // feature the server lacks
};

// The same order of precedence.
constexpr std::pair<std::string_view, std::string_view> kCures[] = {
    {"53100", "free space on the database's disk"},
    {"53300", "raise max_connections of the database, or close other sessions"},
    {"25006", "let database.url name the primary, not a standby"},
    {"28", "check user and password in database.url"},
    {"42501",
     "make the user of database.url the owner of the database, or grant it CREATE on the schema and SELECT, INSERT, "
     "UPDATE and DELETE on its tables"},
    {"42P01", "run picket-consumer migrate"},
    {"3D", "create the database, or correct database.url"},
    {"3F", "create the schema, or correct database.url"},
};

}  // namespace

std::string_view CureOfSqlState(std::string_view state) {
  for (const auto& [prefix, cure] : kCures) {
    if (state.starts_with(prefix)) return cure;
  }
  return {};
}

ErrorCode CodeOfSqlState(std::string_view state) {
  for (const auto& [prefix, code] : kCodes) {
    if (state.starts_with(prefix)) return code;
  }
  return ErrorCode::kInternal;
}

}  // namespace picket
