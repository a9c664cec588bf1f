#include "agent/spool/wal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "agent/spool/os_file.h"
#include "agent/spool/space.h"

namespace picket {
namespace {

// https://www.sqlite.org/fileformat2.html#walformat
constexpr uint64_t kWalHeaderBytes = 32;
constexpr uint64_t kFrameBytes = 24 + kPageBytes;

Status WriteZeros(int fd, uint64_t from, uint64_t to, const std::string& path) {
  static constexpr char kZeros[4096] = {};
  while (from < to) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(sizeof kZeros, to - from));
    const ssize_t n = pwrite(fd, kZeros, size, static_cast<off_t>(from));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("write", path);
    from += static_cast<uint64_t>(n);
  }
  return {};
}

}  // namespace

std::string WalPath(const std::string& path) {
  return path + "-wal";
}

Status AllocateWal(const std::string& path, uint64_t bytes) {
  const std::string wal = WalPath(path);
  const OsFile file(wal, O_WRONLY);
  if (file.fd() < 0) return SystemError("open", wal);
  struct stat info = {};
  if (fstat(file.fd(), &info) != 0) return SystemError("stat", wal);
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size >= bytes) return {};
  int result = 0;
  do {
    result = fallocate(file.fd(), 0, 0, static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  if (result == 0) return {};
  // Flash file systems without fallocate (JFFS2, UBIFS): written zeros are the best that can be done.
  if (errno == EOPNOTSUPP || errno == ENOSYS) return WriteZeros(file.fd(), size, bytes, wal);
  return SystemError("allocate", wal);
}

Status CutWal(const std::string& path, uint32_t frames) {
  const std::string wal = WalPath(path);
  const OsFile file(wal, O_WRONLY);
  if (file.fd() < 0) return SystemError("open", wal);
  struct stat info = {};
  if (fstat(file.fd(), &info) != 0) return SystemError("stat", wal);
  // A frame of zeros ends the log (page number 0), a header of zeros empties it. The file keeps its size.
  const uint64_t from = frames == 0 ? 0 : kWalHeaderBytes + frames * kFrameBytes;
  const uint64_t to = std::min(from + kFrameBytes, static_cast<uint64_t>(info.st_size));
  if (Status cut = WriteZeros(file.fd(), from, to, wal); !cut) return cut;
  if (fsync(file.fd()) != 0) return SystemError("fsync", wal);
  return {};
}

}  // namespace picket
