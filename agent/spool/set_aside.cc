#include "agent/spool/set_aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "agent/spool/os_file.h"
#include "port/files.h"

namespace picket {
namespace {

constexpr const char* kCompanions[] = {"-wal", "-journal"};

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

Expected<std::vector<std::string>> FilesWithPrefix(const std::string& directory, const std::string& prefix) {
  const std::unique_ptr<DIR, CloseDirectory> listing(opendir(directory.c_str()));
  if (listing == nullptr) return SystemError("list", directory);
  std::vector<std::string> paths;
  while (const dirent* entry = readdir(listing.get())) {
    if (std::string(entry->d_name).starts_with(prefix)) paths.push_back(directory + "/" + entry->d_name);
  }
  return paths;
}

// "20261121T093000Z".
std::string CompactTimestamp(WallTime time) {
  std::string compact;
  for (const char c : FormatTimestamp(time)) {
    if (c == '.') break;
    if (c != '-' && c != ':') compact += c;
  }
  return compact + "Z";
}

Status SyncDirectory(const std::string& path) {
  const OsFile directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.fd() < 0) return SystemError("open", path);
  // EINVAL: file systems that have no fsync for directories order the rename themselves.
  if (fsync(directory.fd()) != 0 && errno != EINVAL) return SystemError("fsync", path);
  return {};
}

}  // namespace

std::optional<int> LockOwner(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "%02x:%02x:%llu", major(info.st_dev), minor(info.st_dev),
           static_cast<unsigned long long>(info.st_ino));
  const Expected<std::string> locks = ReadFile("/proc/locks", 1 << 20);
  if (!locks) return std::nullopt;  // no procfs: the lock is held all the same
  for (size_t begin = 0; begin < locks->size();) {
    const size_t end = std::min(locks->find('\n', begin), locks->size());
    const std::string line = locks->substr(begin, end - begin);
    begin = end + 1;
    int pid = 0;
    char file[64];
    // "1: POSIX  ADVISORY  WRITE 812 08:01:393229 0 EOF" (proc(5))
    if (sscanf(line.c_str(), "%*s %*s %*s %*s %d %63s", &pid, file) == 2 && strcmp(file, wanted) == 0 &&
        pid > 0) {
      return pid;
    }
  }
  return std::nullopt;
}

Expected<std::string> SetAside(const std::string& path, WallTime now) {
  const std::string directory = DirectoryOf(path);
  const std::string marker = ".corrupt-";
  const size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const Expected<std::vector<std::string>> earlier = FilesWithPrefix(directory, name + marker);
  if (!earlier) return std::unexpected(earlier.error());
  for (const std::string& old : *earlier) {
    if (unlink(old.c_str()) != 0 && errno != ENOENT) return SystemError("delete", old);
  }
  const std::string target = path + marker + CompactTimestamp(now);
  // The WAL first: a new database beside the old WAL would be mistaken for its owner.
  for (const char* companion : kCompanions) {
    if (rename((path + companion).c_str(), (target + companion).c_str()) != 0 && errno != ENOENT) {
      return SystemError("rename", path + companion);
    }
  }
  if (rename(path.c_str(), target.c_str()) != 0) return SystemError("rename", path);
  if (Status synced = SyncDirectory(directory); !synced) return std::unexpected(synced.error());
  return target;
}

}  // namespace picket
