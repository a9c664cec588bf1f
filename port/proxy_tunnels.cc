#include "port/proxy_tunnels.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "port/http_connect.h"

namespace picket {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// librdkafka fetches each tunnel right after it was made; more than this were never fetched.
constexpr size_t kMaxTunnels = 64;

// Waits until the socket is ready for `events`. kUnavailable: the deadline, or stopped.
Status WaitFor(int socket, short events, int stop_event, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Fail(ErrorCode::kUnavailable, "it did not answer in time");
    pollfd watched[] = {{socket, events, 0}, {stop_event, POLLIN, 0}};
    const int ready = poll(watched, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Fail(ErrorCode::kIo, "poll: %s", strerror(errno));
    if (ready > 0 && watched[1].revents != 0) return Fail(ErrorCode::kUnavailable, "stopping");
    if (ready > 0 && watched[0].revents != 0) return {};
  }
}

Status Send(int socket, std::string_view bytes, int stop_event, SteadyTime deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (Status ready = WaitFor(socket, POLLOUT, stop_event, deadline); !ready) return ready;
    } else if (errno != EINTR) {
      return Fail(ErrorCode::kIo, "%s", strerror(errno));
    }
  }
  return {};
}

Expected<ConnectAnswer> Receive(int socket, int stop_event, SteadyTime deadline) {
  std::string received;
  for (;;) {
    char bytes[1024];
    const ssize_t size = recv(socket, bytes, sizeof bytes, 0);
    if (size == 0) return Fail(ErrorCode::kIo, "it closed the connection without an answer");
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      if (Status ready = WaitFor(socket, POLLIN, stop_event, deadline); !ready) {
        return std::unexpected(std::move(ready).error());
      }
      continue;
    }
    if (size < 0) return Fail(ErrorCode::kIo, "%s", strerror(errno));
    received.append(bytes, static_cast<size_t>(size));
    Expected<std::optional<ConnectAnswer>> answer = ReadConnectAnswer(received);
    if (!answer) return std::unexpected(std::move(answer).error());
    if (!*answer) continue;
    // In TLS, and in Kafka, the client speaks first.
    if ((*answer)->Good() && received.size() > (*answer)->bytes) {
      return Fail(ErrorCode::kCorrupt, "something speaks from the other end of its tunnel before we do");
    }
    return **std::move(answer);
  }
}

// A connected, non-blocking socket to one of the addresses.
Expected<int> ConnectTo(const addrinfo& address, int stop_event, SteadyTime deadline) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Fail(ErrorCode::kResourceExhausted, "socket: %s", strerror(errno));
  int error = 0;
  if (connect(fd, address.ai_addr, address.ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    if (Status ready = WaitFor(fd, POLLOUT, stop_event, deadline); !ready) {
      close(fd);
      return std::unexpected(std::move(ready).error());
    }
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error != 0) {
    close(fd);
    return Fail(ErrorCode::kIo, "%s", strerror(error));
  }
  // What librdkafka has set on the socket whose place this one takes. Without either it works as well.
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

// librdkafka tells a text once in 30 s to its callbacks, and this errno is all of its text that differs.
int ErrnoFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kPermission:
      return EACCES;
    case ErrorCode::kUnavailable:
      return ETIMEDOUT;
    case ErrorCode::kCorrupt:
      return EPROTO;
    default:
      return ECONNREFUSED;
  }
}

struct OwnAddress {
  addrinfo info = {};
  sockaddr_storage address = {};
};

}  // namespace

Status RequestTunnel(int socket, int stop_event, SteadyTime deadline, const ProxyUrl& proxy,
                     const std::string& host, uint16_t port, const std::string& setting) {
  if (Status sent = Send(socket, ConnectRequest(proxy, host, port), stop_event, deadline); !sent) return sent;
  const Expected<ConnectAnswer> answer = Receive(socket, stop_event, deadline);
  if (!answer) return std::unexpected(answer.error());
  if (answer->Good()) return {};
  return Fail(ErrorCode::kPermission, "%s",
              DescribeRefusal(*answer, ProxyUrl::Authority(host, port), setting).c_str());
}

ProxyTunnels::ProxyTunnels(ProxyUrl proxy, std::string setting, int stop_event)
    : proxy_(std::move(proxy)), setting_(std::move(setting)), stop_event_(stop_event) {}

ProxyTunnels::~ProxyTunnels() {
  for (const Tunnel& tunnel : tunnels_) close(tunnel.socket);
  close(stop_event_);
}

Expected<std::unique_ptr<ProxyTunnels>> ProxyTunnels::Create(ProxyUrl proxy, std::string setting) {
  const int stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_event < 0) return Fail(ErrorCode::kResourceExhausted, "eventfd: %s", strerror(errno));
  return std::unique_ptr<ProxyTunnels>(new ProxyTunnels(std::move(proxy), std::move(setting), stop_event));
}

int ProxyTunnels::Resolve(const char* node, const char* service, addrinfo** result) {
  uint16_t port = 0;
  const std::string_view digits = service;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc()) return EAI_SERVICE;
  const Expected<int> tunnel = Open(node, port);
  if (!tunnel) return Failed(tunnel.error());

  auto* own = new OwnAddress;
  socklen_t size = sizeof own->address;
  if (getpeername(*tunnel, reinterpret_cast<sockaddr*>(&own->address), &size) != 0) {
    delete own;
    close(*tunnel);
    return Failed({ErrorCode::kIo, "the connection broke"});
  }
  own->info.ai_family = own->address.ss_family;
  own->info.ai_socktype = SOCK_STREAM;
  own->info.ai_addr = reinterpret_cast<sockaddr*>(&own->address);
  own->info.ai_addrlen = size;
  *result = &own->info;
  Keep({std::string(node) + ":" + service, *tunnel});
  return 0;
}

Status ProxyTunnels::Try(const std::string& host, uint16_t port) {
  const Expected<int> tunnel = Open(host, port);
  if (!tunnel) return std::unexpected(Error{tunnel.error().code, Describe(tunnel.error())});
  close(*tunnel);
  return {};
}

void ProxyTunnels::FreeAddress(addrinfo* address) {
  delete reinterpret_cast<OwnAddress*>(address);  // its first member
}

int ProxyTunnels::Connect(int socket, const char* broker) {
  // librdkafka writes IPv6 addresses with brackets where a user did, and without where a broker told them.
  std::string name = broker;
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(tunnels_.begin(), tunnels_.end(), [&](const Tunnel& tunnel) { return tunnel.name == name; });
  if (found == tunnels_.end()) return ECONNABORTED;
  const int error = dup3(found->socket, socket, O_CLOEXEC) < 0 ? errno : 0;
  close(found->socket);
  tunnels_.erase(found);
  return error;
}

std::string ProxyTunnels::LastFailure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

void ProxyTunnels::Stop() {
  eventfd_write(stop_event_, 1);
}

Expected<int> ProxyTunnels::Open(const std::string& host, uint16_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(proxy_.host.c_str(), std::to_string(proxy_.port).c_str(), &hints, &found);
  if (failed != 0) {
    return Fail(ErrorCode::kNotFound, "its name cannot be resolved (%s): check %s and this machine's name servers",
                gai_strerror(failed), setting_.c_str());
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  const SteadyTime deadline = std::chrono::steady_clock::now() + kTimeout;
  Expected<int> socket = Fail(ErrorCode::kNotFound, "it has no address");
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    socket = ConnectTo(*address, stop_event_, deadline);
    if (socket || socket.error().code == ErrorCode::kUnavailable) break;
  }
  if (!socket) {
    return Fail(socket.error().code, "%s: is it running, is %s right?", socket.error().message.c_str(),
                setting_.c_str());
  }
  if (Status opened = RequestTunnel(*socket, stop_event_, deadline, proxy_, host, port, setting_); !opened) {
    close(*socket);
    return std::unexpected(std::move(opened).error());
  }
  return *socket;
}

void ProxyTunnels::Keep(Tunnel tunnel) {
  const std::lock_guard lock(mutex_);
  if (tunnels_.size() == kMaxTunnels) {
    close(tunnels_.front().socket);
    tunnels_.erase(tunnels_.begin());
  }
  tunnels_.push_back(std::move(tunnel));
}

std::string ProxyTunnels::Describe(const Error& error) const {
  return "no tunnel through the proxy " + proxy_.Endpoint() + ": " + error.message;
}

int ProxyTunnels::Failed(const Error& error) {
  const std::lock_guard lock(mutex_);
  last_failure_ = Describe(error);
  errno = ErrnoFor(error.code);
  return EAI_SYSTEM;
}

}  // namespace picket
