#include "agent/serve/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

namespace picket {
namespace {

constexpr int kBacklog = 16;

// Numeric addresses only: a name would need DNS, and a listener is about this machine.
bool ParseAddress(const std::string& text, sockaddr_storage* out, socklen_t* length) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = text.substr(0, colon);
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end) return false;

  memset(out, 0, sizeof *out);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(out);
  auto* v4 = reinterpret_cast<sockaddr_in*>(out);
  if (inet_pton(AF_INET, host.empty() ? "0.0.0.0" : host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    *length = sizeof *v4;
    return true;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    *length = sizeof *v6;
    return true;
  }
  return false;
}

}  // namespace

Status ValidateListenAddress(const std::string& address) {
  sockaddr_storage unused;
  socklen_t length = 0;
  if (ParseAddress(address, &unused, &length)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "is not ADDRESS:PORT with a numeric address, e.g. 127.0.0.1:9116 or [::1]:9116");
}

Expected<int> OpenListener(const std::string& address) {
  sockaddr_storage socket_address;
  socklen_t length = 0;
  if (!ParseAddress(address, &socket_address, &length)) {
    return Fail(ErrorCode::kConfig, "serve.listen: '%s' %s", address.c_str(),
                ValidateListenAddress(address).error().message.c_str());
  }
  const int fd = socket(socket_address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail(ErrorCode::kUnavailable, "serve.listen: socket: %s", strerror(errno));
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a restart must not wait for TIME_WAIT
  if (bind(fd, reinterpret_cast<sockaddr*>(&socket_address), length) != 0 || listen(fd, kBacklog) != 0) {
    auto failed = Fail(ErrorCode::kUnavailable,
                       "serve.listen: cannot listen on %s: %s; choose another address or set it to off",
                       address.c_str(), strerror(errno));
    close(fd);
    return failed;
  }
  return fd;
}

std::string LocalAddress(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "?";
  char host[INET6_ADDRSTRLEN] = "?";
  if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
  inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
  return std::string(host) + ":" + std::to_string(ntohs(v4->sin_port));
}

}  // namespace picket
