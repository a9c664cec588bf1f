#include "doctor/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

namespace picket {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMaxAnswerBytes = 64 << 10;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

SocketAddress WithPort(SocketAddress address, const std::string& port) {
  const uint16_t number = htons(static_cast<uint16_t>(atoi(port.c_str())));
  if (address.storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in&>(address.storage).sin_port = number;
  if (address.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = number;
  return address;
}

// 0 when one of the events came, else errno: ETIMEDOUT at the end of the limit.
int WaitFor(int fd, short events, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  while (true) {
    pollfd ready = {fd, events, 0};
    const auto left = duration_cast<milliseconds>(end - steady_clock::now());
    const int count = poll(&ready, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (count > 0) return 0;
    if (count == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

// 0, or errno.
int Connect(int fd, const SocketAddress& address, milliseconds limit) {
  if (fd < 0) return errno;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (const int error = WaitFor(fd, POLLOUT, limit); error != 0) return error;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

int OpenSocket(const SocketAddress& address) {
  return socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

}  // namespace

TcpAnswer TryConnect(const std::vector<SocketAddress>& addresses, const std::string& port,
                     milliseconds limit) {
  TcpAnswer answer;
  const auto begin = steady_clock::now();
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto left = limit - duration_cast<milliseconds>(steady_clock::now() - begin);
    const SocketAddress address = WithPort(addresses[i], port);
    const Socket socket(OpenSocket(address));
    answer.os_error = Connect(socket.fd(), address, left / static_cast<int64_t>(addresses.size() - i));
    answer.address = address.ToText();
    answer.connected = answer.os_error == 0;
    if (answer.connected) break;
  }
  answer.took = duration_cast<milliseconds>(steady_clock::now() - begin);
  return answer;
}

std::string DescribeTcpFailure(const TcpAnswer& answer) {
  switch (answer.os_error) {
    case ECONNREFUSED:
      return "connection refused by " + answer.address + ": nothing listens on this port";
    case ETIMEDOUT:
      return "no answer from " + answer.address + ": a firewall in between, or the host is off";
    case ENETUNREACH:
      return "no route to " + answer.address + ": this machine has no way there";
    case EHOSTUNREACH:
      return answer.address + " cannot be reached: a router on the way said so";
    default:
      return "cannot connect to " + answer.address + ": " + strerror(answer.os_error);
  }
}

Expected<std::string> FetchPlain(const SocketAddress& address, const std::string& port,
                                 const std::string& path, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  const auto left = [&] { return duration_cast<milliseconds>(end - steady_clock::now()); };
  const SocketAddress target = WithPort(address, port);
  const Socket socket(OpenSocket(target));
  if (const int error = Connect(socket.fd(), target, left()); error != 0) {
    return Fail(ErrorCode::kUnavailable, "%s", strerror(error));
  }
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return Fail(ErrorCode::kUnavailable, "the request was not taken");
  }
  std::string answer;
  char block[4096];
  while (answer.size() < kMaxAnswerBytes && WaitFor(socket.fd(), POLLIN, left()) == 0) {
    const ssize_t count = recv(socket.fd(), block, sizeof block, 0);
    if (count <= 0) break;
    answer.append(block, static_cast<size_t>(count));
  }
  if (answer.empty()) return Fail(ErrorCode::kUnavailable, "no answer");
  return answer;
}

}  // namespace picket
