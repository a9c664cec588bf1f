#include "port/ca_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace picket {
namespace {

// Debian, OpenWrt, Alpine; Fedora; openSUSE; BSD and older Alpine.
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Calls `visit(name, status)` for each regular file, links followed. False when the directory cannot be read.
template <typename Visit>
bool VisitFiles(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir(path.c_str()));
  if (!directory) return false;
  size_t left = kMaxCaFiles;
  while (const dirent* entry = readdir(directory.get())) {
    struct stat status;
    if (fstatat(dirfd(directory.get()), entry->d_name, &status, 0) != 0 || !S_ISREG(status.st_mode)) continue;
    if (left-- == 0) break;
    visit(entry->d_name, status);
  }
  return true;
}

// FNV-1a, by the word.
uint64_t StampOf(const struct stat& status) {
  uint64_t hash = 14695981039346656037u;
  for (const auto value : {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
                           static_cast<uint64_t>(status.st_size), static_cast<uint64_t>(status.st_mtim.tv_sec),
                           static_cast<uint64_t>(status.st_mtim.tv_nsec),
                           static_cast<uint64_t>(status.st_ctim.tv_sec),
                           static_cast<uint64_t>(status.st_ctim.tv_nsec)}) {
    hash = (hash ^ value) * 1099511628211u;
  }
  return hash;
}

std::unexpected<Error> Failed(const std::string& path, int error) {
  const ErrorCode code = error == ENOENT   ? ErrorCode::kNotFound
                         : error == EACCES ? ErrorCode::kPermission
                                           : ErrorCode::kIo;
  return Fail(code, "cannot open %s: %s", path.c_str(), strerror(error));
}

}  // namespace

std::string FindSystemCaBundle() {
  for (const char* path : kSystemBundles) {
    if (access(path, R_OK) == 0) return path;
  }
  return {};
}

Expected<std::vector<std::string>> ListCaFiles(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return Failed(path, errno);
  if (!S_ISDIR(status.st_mode)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  std::set<std::pair<dev_t, ino_t>> seen;
  const bool read = VisitFiles(path, [&](const char* name, const struct stat& file) {
    if (seen.emplace(file.st_dev, file.st_ino).second) files.push_back(path + "/" + name);
  });
  if (!read) return Failed(path, errno);
  std::sort(files.begin(), files.end());
  return files;
}

uint64_t CaFilesStamp(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return 0;
  uint64_t stamp = StampOf(status);
  if (!S_ISDIR(status.st_mode)) return stamp;
  // A sum, since the order of a directory is nobody's promise.
  VisitFiles(path, [&](const char*, const struct stat& file) { stamp += StampOf(file); });
  return stamp;
}

}  // namespace picket
