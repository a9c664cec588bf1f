// What to do with a buffer file that cannot be used: who holds it, where a damaged one goes.
#pragma once

#include <optional>
#include <string>

#include "port/clock.h"
#include "port/error.h"

namespace picket {

// Process that holds a lock on the file, as /proc/locks says; nullopt when that cannot be known. Does not
// open the file: closing it would drop this process's own locks on it (fcntl(2)).
std::optional<int> LockOwner(const std::string& path);

// Renames the damaged database, its WAL and its journal to PATH.corrupt-YYYYMMDDTHHMMSSZ and so on, after
// deleting an earlier such copy: one is kept for whoever wants to look, more would fill the flash. Returns
// the new name. kIo, kPermission, kNotFound.
Expected<std::string> SetAside(const std::string& path, WallTime now);

}  // namespace picket
