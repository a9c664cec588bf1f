#include "settings/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "port/files.h"

namespace picket {
namespace {

class SystemFiles : public ConfigFiles {
 public:
  Expected<std::string> Read(const std::string& path, size_t limit_bytes) const override {
    return ReadFile(path, limit_bytes);
  }

  Status CheckReadable(const std::string& path) const override {
    // access(2) asks for the real user, not the effective one; opening asks for the one that counts.
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
      close(fd);
      return {};
    }
    const int problem = errno;
    const ErrorCode code = problem == ENOENT   ? ErrorCode::kNotFound
                           : problem == EACCES ? ErrorCode::kPermission
                                               : ErrorCode::kIo;
    return Fail(code, "cannot open %s: %s", path.c_str(), strerror(problem));
  }

  bool ReadableByAll(const std::string& path) const override {
    struct stat status;
    return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
  }
};

}  // namespace

const ConfigFiles& SystemConfigFiles() {
  static const SystemFiles files;
  return files;
}

}  // namespace picket
