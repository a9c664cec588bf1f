// The words of HTTP CONNECT (RFC 9110 section 9.3.6) as a client says and hears them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "port/error.h"
#include "port/proxy_url.h"

namespace picket {

// A proxy that answers with more than this before the blank line is no proxy.
inline constexpr size_t kMaxConnectAnswerBytes = 16 << 10;

// The request for a tunnel to host:port, with Basic credentials (RFC 7617) where the proxy has a user.
std::string ConnectRequest(const ProxyUrl& proxy, std::string_view host, uint16_t port);

struct ConnectAnswer {
  int status = 0;      // 200 to 299: the tunnel stands
  std::string reason;  // the proxy's own words, printable ASCII, at most 80 bytes; may be empty
  size_t bytes = 0;    // of the whole header: what follows belongs to the tunnel

  bool Good() const { return status >= 200 && status <= 299; }
};

// Reads what has come so far. Empty: the header is not complete. kCorrupt: not HTTP, or longer than
// kMaxConnectAnswerBytes.
Expected<std::optional<ConnectAnswer>> ReadConnectAnswer(std::string_view received);

// One line on a refusal, for people: what the status means and which setting to look at (`setting`:
// "kafka.proxy"). `target` is "host:port".
std::string DescribeRefusal(const ConnectAnswer& answer, std::string_view target, std::string_view setting);

// RFC 4648 section 4.
std::string Base64(std::string_view bytes);

}  // namespace picket
