#include "port/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace picket {
namespace {

// Closes on every way out.
class OpenFile {
 public:
  OpenFile(const char* path, int flags, mode_t mode = 0) : fd_(open(path, flags | O_CLOEXEC, mode)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

std::unexpected<Error> SystemError(const char* what, const std::string& path) {
  const int error = errno;
  ErrorCode code = ErrorCode::kIo;
  if (error == ENOENT || error == ENOTDIR) code = ErrorCode::kNotFound;
  if (error == EACCES || error == EPERM || error == EROFS) code = ErrorCode::kPermission;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::kResourceExhausted;
  return Fail(code, "cannot %s %s: %s", what, path.c_str(), strerror(error));
}

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  if (fsync(fd) != 0) return SystemError("fsync", path);
  return {};
}

Status SyncDirectory(const std::string& path) {
  const OpenFile directory(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (directory.fd() < 0) return SystemError("open", path);
  // EINVAL: file systems that have no fsync for directories order the rename themselves.
  if (fsync(directory.fd()) != 0 && errno != EINVAL) return SystemError("fsync", path);
  return {};
}

}  // namespace

Expected<std::string> ReadFile(const std::string& path, size_t limit_bytes) {
  const OpenFile file(path.c_str(), O_RDONLY | O_NONBLOCK);  // a FIFO in its place must not hang us
  if (file.fd() < 0) return SystemError("open", path);
  struct stat info = {};
  if (fstat(file.fd(), &info) != 0) return SystemError("stat", path);
  if (!S_ISREG(info.st_mode)) {
    return Fail(ErrorCode::kInvalidArgument, "%s is not a regular file", path.c_str());
  }
  std::string text;
  char block[4096];
  while (true) {  // not st_size: files of procfs say 0
    const ssize_t n = read(file.fd(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("read", path);
    if (n == 0) return text;
    text.append(block, static_cast<size_t>(n));
    if (text.size() > limit_bytes) {
      return Fail(ErrorCode::kResourceExhausted, "%s is larger than %zu bytes", path.c_str(), limit_bytes);
    }
  }
}

Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  {
    const OpenFile file(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file.fd() < 0) return SystemError("create", temporary);
    if (Status written = WriteAll(file.fd(), bytes, temporary); !written) {
      unlink(temporary.c_str());
      return written;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    auto failed = SystemError("rename to", path);
    unlink(temporary.c_str());
    return failed;
  }
  return SyncDirectory(DirectoryOf(path));
}

Status MakeDirectories(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (!part.empty() && mkdir(part.c_str(), 0750) != 0 && errno != EEXIST) {
      // EROFS and EACCES come before EEXIST on some file systems: what counts is whether it is there.
      const int error = errno;
      struct stat info = {};
      if (stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        errno = error;
        return SystemError("make directory", part);
      }
    }
    if (slash == std::string::npos) return {};
  }
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace picket
