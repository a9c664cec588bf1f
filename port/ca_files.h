// Where CA certificates lie on disk: one file, a directory of them, or the system's bundle.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "port/error.h"

namespace picket {

inline constexpr size_t kMaxCaFileBytes = 4 << 20;
inline constexpr size_t kMaxCaFiles = 4096;

// The system's bundle, from where distributions keep it; empty when there is none.
std::string FindSystemCaBundle();

// `path` itself, or the regular files of the directory `path` (not of those in it), each once where links lead to
// others, in the order of their names, at most kMaxCaFiles. kNotFound, kPermission, kIo: cannot be looked at.
Expected<std::vector<std::string>> ListCaFiles(const std::string& path);

// A number made of inode, size and times of the file or of all files in the directory: another one than before
// says that something was changed. Reads no contents. 0 when there is nothing.
uint64_t CaFilesStamp(const std::string& path);

}  // namespace picket
