// Whether a TCP connection comes about, and how long it takes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "doctor/names.h"
#include "port/error.h"

namespace picket {

struct TcpAnswer {
  bool connected = false;
  std::string address;  // of the connection; else of the last one tried
  std::chrono::milliseconds took{0};
  int os_error = 0;  // errno of the last failure; ETIMEDOUT: no answer within the limit
};

// Tries the addresses in their order until one answers, each for its share of `limit`, and closes the
// connection. `port` is decimal.
TcpAnswer TryConnect(const std::vector<SocketAddress>& addresses, const std::string& port,
                     std::chrono::milliseconds limit);

// "connection refused by 192.0.2.1", in words.
std::string DescribeTcpFailure(const TcpAnswer& answer);

// GET `path` of an HTTP server at a numeric address, in at most `limit`: the first 64 KiB of its answer, head
// and body. kUnavailable when none comes. For the agent's own little server.
Expected<std::string> FetchPlain(const SocketAddress& address, const std::string& port,
                                 const std::string& path, std::chrono::milliseconds limit);

}  // namespace picket
