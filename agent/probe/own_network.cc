#include "agent/probe/own_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

namespace picket {
namespace {

constexpr uint16_t kDiscardPort = 9;  // any will do: nothing is sent

}  // namespace

NetworkAddress::NetworkAddress(const sockaddr* address, socklen_t length) {
  if (length > sizeof storage_) return;
  memcpy(&storage_, address, length);
  length_ = length;
}

NetworkAddress::NetworkAddress(const std::string& numeric, uint16_t port) {
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (inet_pton(AF_INET, numeric.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    *this = NetworkAddress(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  } else if (inet_pton(AF_INET6, numeric.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    *this = NetworkAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  }
}

std::optional<std::string> NetworkAddress::ToText() const {
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = nullptr;
  if (storage_.ss_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr;
  if (storage_.ss_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr;
  if (bytes == nullptr || inet_ntop(storage_.ss_family, bytes, text, sizeof text) == nullptr)
    return std::nullopt;
  return text;
}

// connect(2) on a datagram socket only asks the routing table.
bool NetworkAddress::HasRoute() const {
  if (length_ == 0) return true;
  const int fd = socket(storage_.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const bool routed = connect(fd, reinterpret_cast<const sockaddr*>(&storage_), length_) == 0;
  close(fd);
  return routed;
}

bool IsNumericHost(const std::string& host) {
  return NetworkAddress(host.substr(0, host.find('%')), 0).ToText().has_value();
}

// The addresses are those that RFC 5737 and RFC 3849 set aside for documentation: nobody has them, so only a
// default route leads there.
bool HasDefaultRoute() {
  return NetworkAddress("192.0.2.1", kDiscardPort).HasRoute() ||
         NetworkAddress("2001:db8::1", kDiscardPort).HasRoute();
}

// c-ares, for one, does not say why a look-up could not begin.
int SocketShortage() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

}  // namespace picket
