// The few operations on small files that config and identity need. SQLite does its own I/O.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "port/error.h"

namespace picket {

// Reads a whole regular file of at most `limit_bytes`. kNotFound, kPermission, kIo,
// or kResourceExhausted when the file is larger.
Expected<std::string> ReadFile(const std::string& path, size_t limit_bytes);

// Replaces `path` so that after a power cut it holds the old or the new bytes, never a mix:
// write to a temporary file beside it, fsync, rename(2), fsync of the directory. Mode 0600.
Status WriteFileAtomically(const std::string& path, std::string_view bytes);

// Creates the directory and its parents (mode 0750); fine when it is there already.
Status MakeDirectories(const std::string& path);

// "/a/b" for "/a/b/c"; "." for a name without a slash.
std::string DirectoryOf(const std::string& path);

}  // namespace picket
