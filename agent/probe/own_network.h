// What this machine itself can do on the network: whose fault is it? Nothing here sends a packet or blocks.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace picket {

// An IPv4 or IPv6 address with its port; default-made, none.
class NetworkAddress {
 public:
  NetworkAddress() = default;
  // Copies; none when longer than a sockaddr_storage.
  NetworkAddress(const sockaddr* address, socklen_t length);
  // "192.0.2.1" or "2001:db8::1" with that port; none for anything else.
  NetworkAddress(const std::string& numeric, uint16_t port);

  // As above; empty for none and for another family.
  std::optional<std::string> ToText() const;
  // Whether the routing table has a way there. Tells "our uplink is gone" from a router on the way that
  // answered "network unreachable". True for none.
  bool HasRoute() const;

 private:
  sockaddr_storage storage_ = {};
  socklen_t length_ = 0;
};

// True for "192.0.2.1" and "2001:db8::1%eth0": there is no name to look up.
bool IsNumericHost(const std::string& host);

// Whether packets to the internet have a way out, by IPv4 or IPv6.
bool HasDefaultRoute();

// errno when this process can open no more sockets, else 0.
int SocketShortage();

}  // namespace picket
