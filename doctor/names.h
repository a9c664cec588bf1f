// Host names to addresses, by the system's resolver as librdkafka and libpq use it, with a limit on the wait.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "port/error.h"

namespace picket {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  // "192.0.2.1" or "2001:db8::1".
  std::string ToText() const;
};

struct NameAnswer {
  std::string host;
  std::vector<SocketAddress> addresses;  // each once, in the resolver's order; empty: it failed
  std::chrono::milliseconds took{0};
  int gai_error = 0;  // EAI_*; 0 with no address: no answer came in time
};

// Looks all names up at the same time; returns when all are there or `limit` has passed. Lookups that are
// late go on in threads of their own and are forgotten. At most 64 names: the rest is left out of the answer.
std::vector<NameAnswer> LookUpNames(const std::vector<std::string>& hosts, std::chrono::milliseconds limit);

// The servers named in the text of a resolv.conf(5), in order.
std::vector<std::string> NameServers(std::string_view resolv_conf);

// Why an answer without addresses has none, in words, with the cure: "no such name (NXDOMAIN)". `servers` are
// those of resolv.conf.
struct NameFailure {
  std::string found;
  std::string cure;           // goes on after the name of the setting: "check it, and ..."
  bool no_such_name = false;  // the name servers answered: the fault is the name's
};
NameFailure DescribeNameFailure(const NameAnswer& answer, const std::vector<std::string>& servers);

// "host:port" and "[::1]:port" apart; kInvalidArgument for anything else.
struct HostPort {
  std::string host;  // without brackets
  std::string port;
};
Expected<HostPort> SplitHostPort(std::string_view address);

}  // namespace picket
