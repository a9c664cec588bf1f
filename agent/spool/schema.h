// The tables of the buffer file and their version. docs/spool.md describes them.
#pragma once

#include "agent/spool/sqlite_db.h"
#include "port/error.h"

namespace picket {

// "pckt" at offset 68 of the file: tells a buffer from somebody else's database.
inline constexpr int kApplicationId = 0x70636b74;
inline constexpr int kFormatVersion = 1;

// Settings of the connection that must precede its first access, then the lock: from here on no other
// process can read or write the file. kAlreadyExists: another one holds it.
Status LockFile(sqlite::Database& db);

// Makes the tables in an empty file, or accepts those of this version. kUnsupported: a newer format or
// another program's database; nothing has been written then.
Status EnsureSchema(sqlite::Database& db);

}  // namespace picket
