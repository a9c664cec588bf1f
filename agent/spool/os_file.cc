#include "agent/spool/os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

namespace picket {

OsFile::OsFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}

OsFile::~OsFile() {
  if (fd_ >= 0) close(fd_);
}

std::unexpected<Error> SystemError(const char* what, const std::string& path) {
  const int error = errno;
  ErrorCode code = ErrorCode::kIo;
  if (error == ENOENT || error == ENOTDIR) code = ErrorCode::kNotFound;
  if (error == EACCES || error == EPERM || error == EROFS) code = ErrorCode::kPermission;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::kResourceExhausted;
  return Fail(code, "cannot %s %s: %s", what, path.c_str(), strerror(error));
}

}  // namespace picket
