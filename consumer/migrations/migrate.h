// The schema's versions: numbered SQL files in dbmate's format (https://github.com/amacneil/dbmate), which
// are part of the program. dbmate may apply them just as well: both keep their account in table
// schema_migrations.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/store/connection.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// A file NNNN_name.sql.
struct MigrationFile {
  std::string_view file;
  std::string_view text;
};

// In ascending order; made from the files at build time.
std::span<const MigrationFile> EmbeddedMigrations();

struct Migration {
  std::string version;  // "0001"
  std::string name;     // "create_tables"
  std::string up;
  std::string down;
};

// kCorrupt when the file is not in dbmate's format.
Expected<Migration> ParseMigration(const MigrationFile& file);

struct MigrationState {
  std::string version;
  std::string name;
  bool applied = false;
};

// What is applied, changing nothing. kUnsupported: the database has versions that this program does not know.
Expected<std::vector<MigrationState>> ReadMigrationState(Connection& connection);

// Applies what is missing, each migration in a transaction of its own. Programs that do it at once wait for
// each other. Errors as ReadMigrationState and Connection.
Status Migrate(Connection& connection, Logger& logger);

// kUnsupported unless nothing is to be done.
Status CheckMigrated(Connection& connection);

}  // namespace picket
