#include "agent/control/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>

#include "agent/control/server.h"
#include "port/clock.h"

namespace picket {
namespace {

constexpr int kBacklog = 8;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Status MakeAddress(const std::string& path, sockaddr_un* address) {
  *address = {};
  address->sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address->sun_path) {
    return Fail(ErrorCode::kConfig, "'%s': the path of a socket has 1 to %zu bytes", path.c_str(),
                sizeof address->sun_path - 1);
  }
  memcpy(address->sun_path, path.data(), path.size());
  return {};
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::unexpected<Error> CannotListen(const std::string& path, const char* why) {
  return Fail(ErrorCode::kUnavailable,
              "control.socket: cannot listen on %s: %s; choose another path or set it to off", path.c_str(),
              why);
}

// Unlinks a socket that nobody listens on. An error when there is something else.
Status ClearAway(const std::string& path, const sockaddr_un& address) {
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return CannotListen(path, strerror(errno));
  }
  if (!S_ISSOCK(found.st_mode)) return CannotListen(path, "what is there is no socket");
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return CannotListen(path, strerror(errno));
  // EAGAIN: its queue is full, so somebody has it.
  if (connect(probe.get(), Generic(address), sizeof address) == 0 || errno == EAGAIN) {
    return CannotListen(path, "another agent answers there");
  }
  if (errno != ECONNREFUSED) return CannotListen(path, strerror(errno));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return CannotListen(path, strerror(errno));
  return {};
}

std::unexpected<Error> CannotConnect(const std::string& path, int error) {
  const ErrorCode code = error == EACCES || error == EPERM ? ErrorCode::kPermission : ErrorCode::kUnavailable;
  if (code == ErrorCode::kPermission) {
    return Fail(code, "%s: %s; only root and the agent's own user may ask it", path.c_str(), strerror(error));
  }
  return Fail(code,
              "no agent answers at %s: %s; is `picket run` running, with this configuration? "
              "--config, --env-file or --socket say where to look",
              path.c_str(), strerror(error));
}

// Waits for `events`; false when the time is over.
bool WaitFor(int fd, short events, BootTime deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SystemClock().Boot());
    if (left.count() <= 0) return false;
    pollfd watched = {.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&watched, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Expected<ControlListener> ControlListener::Open(const std::string& path) {
  sockaddr_un address;
  if (Status made = MakeAddress(path, &address); !made) {
    return std::unexpected(std::move(made).error().WithContext("control.socket"));
  }
  if (Status cleared = ClearAway(path, address); !cleared) return std::unexpected(std::move(cleared).error());
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return CannotListen(path, strerror(errno));
  // Linux gives the file the socket's own mode at bind(2), so it is never open to others, not for a moment.
  if (fchmod(fd.get(), 0600) != 0) return CannotListen(path, strerror(errno));
  if (bind(fd.get(), Generic(address), sizeof address) != 0) return CannotListen(path, strerror(errno));
  ControlListener listener(path, fd.Release());
  struct stat made;
  if (stat(path.c_str(), &made) != 0) return CannotListen(path, strerror(errno));
  listener.device_ = made.st_dev;
  listener.inode_ = made.st_ino;
  if (listen(listener.fd_, kBacklog) != 0) return CannotListen(path, strerror(errno));
  return listener;
}

ControlListener::ControlListener(ControlListener&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      device_(other.device_),
      inode_(other.inode_) {}

ControlListener::~ControlListener() {
  if (fd_ < 0) return;
  struct stat found;
  if (stat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) {
    unlink(path_.c_str());
  }
  close(fd_);
}

bool PeerMayControl(int fd) {
  ucred peer = {};
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

Expected<std::string> AskAgent(const std::string& path, const std::string& request,
                               std::chrono::milliseconds patience) {
  const BootTime deadline = SystemClock().Boot() + patience;
  sockaddr_un address;
  if (Status made = MakeAddress(path, &address); !made) return std::unexpected(std::move(made).error());
  const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return Fail(ErrorCode::kIo, "socket: %s", strerror(errno));
  // On a UNIX socket this succeeds or fails at once.
  if (connect(fd.get(), Generic(address), sizeof address) != 0) return CannotConnect(path, errno);

  // A line is far smaller than a socket's buffer: it goes whole.
  const std::string line = request + "\n";
  if (send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    return Fail(ErrorCode::kIo, "%s: %s", path.c_str(), strerror(errno));
  }
  std::string reply;
  while (reply.size() <= ControlServer::kMaxReplyBytes) {
    if (!WaitFor(fd.get(), POLLIN, deadline)) {
      return Fail(ErrorCode::kUnavailable, "the agent at %s did not answer in time: its loop may hang",
                  path.c_str());
    }
    char block[4096];
    const ssize_t n = recv(fd.get(), block, sizeof block, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) return Fail(ErrorCode::kIo, "%s: %s", path.c_str(), strerror(errno));
    if (n == 0) {
      return Fail(ErrorCode::kUnavailable, "the agent at %s closed the connection without an answer",
                  path.c_str());
    }
    reply.append(block, static_cast<size_t>(n));
    if (reply.back() != '\n') continue;
    reply.pop_back();
    return reply;
  }
  return Fail(ErrorCode::kCorrupt, "%s: the answer has no end", path.c_str());
}

}  // namespace picket
