// "http://user:password@host:port" of an HTTP proxy, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "port/error.h"

namespace picket {

struct ProxyUrl {
  std::string host;  // a name or a numeric address, IPv6 without its brackets
  uint16_t port = 0;
  std::string user;      // empty: the proxy asks for no login
  std::string password;  // secret

  // "proxy.example:3128" or "[2001:db8::1]:3128": what a log may show.
  std::string Endpoint() const { return Authority(host, port); }
  // The same for any host and port (RFC 3986 section 3.2.2).
  static std::string Authority(std::string_view host, uint16_t port);

  bool operator==(const ProxyUrl&) const = default;
};

// Takes `text` apart: "http://", user and password if need be (percent-encoded where they hold ':', '@' or
// '/'), host, port, at most one '/' behind it; RFC 3986 section 3.2. kConfig says what is wrong in words that
// follow the name of a setting ("must begin with http://"), without any part of the text: it may hold a
// password.
Expected<ProxyUrl> ParseProxyUrl(std::string_view text);

}  // namespace picket
