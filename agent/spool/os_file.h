// The two things that direct file access of this folder shares.
#pragma once

#include <string>

#include "port/error.h"

namespace picket {

// Closes on every way out.
class OsFile {
 public:
  // open(2) with O_CLOEXEC; fd() < 0 and errno tell a failure. A file that is made is its owner's alone.
  OsFile(const std::string& path, int flags);
  ~OsFile();
  OsFile(const OsFile&) = delete;
  OsFile& operator=(const OsFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// "cannot WHAT PATH: TEXT" for errno as it is now.
std::unexpected<Error> SystemError(const char* what, const std::string& path);

}  // namespace picket
