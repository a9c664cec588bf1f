// Connections to Kafka's brokers through an HTTP proxy (CONNECT), for librdkafka, which has no proxy of its
// own but two places to hook into:
//
//   its resolve callback  gets the broker's name, on the broker's thread and without a lock held: here the
//                         proxy is asked for a tunnel to that name. So the proxy resolves it, and a machine
//                         whose name servers know nothing of the outside gets out all the same.
//   its connect callback  gets librdkafka's new socket, under a lock: here the tunnel takes its place, at once.
//
// TLS then runs through the tunnel and checks the broker's own name. Because an address from the resolve
// callback stands for one tunnel, it must not be used twice: kResolveTtlProperty says so to librdkafka.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "port/error.h"
#include "port/proxy_url.h"

struct addrinfo;

namespace picket {

class ProxyTunnels {
 public:
  // The property of librdkafka that must be 0: how long it uses addresses again.
  static constexpr const char* kResolveTtlProperty = "broker.address.ttl";
  // The proxy must have connected and answered within this; its own name is looked up before.
  static constexpr std::chrono::seconds kTimeout{10};

  // `setting` is named in failures: "kafka.proxy". kResourceExhausted without a descriptor.
  static Expected<std::unique_ptr<ProxyTunnels>> Create(ProxyUrl proxy, std::string setting);
  ~ProxyTunnels();
  ProxyTunnels(const ProxyTunnels&) = delete;
  ProxyTunnels& operator=(const ProxyTunnels&) = delete;

  // All from here on may be called on any thread.

  // Asks for a tunnel to node:service (a port, in digits) and keeps it for Connect. Blocks up to kTimeout and
  // the look-up of the proxy's name. Returns as getaddrinfo(3): 0 and in *result the proxy's address, to be
  // freed with FreeAddress; else EAI_SYSTEM with an errno that tells causes apart, and LastFailure has the
  // words.
  int Resolve(const char* node, const char* service, addrinfo** result);
  static void FreeAddress(addrinfo* address);

  // Whether a tunnel to host:port can be had: makes one and closes it. Blocks as Resolve.
  Status Try(const std::string& host, uint16_t port);

  // Puts the tunnel to `broker` ("host:port", as librdkafka names it) in the place of `socket`. 0, or an errno:
  // ECONNABORTED when there is none.
  int Connect(int socket, const char* broker);

  // "no tunnel through the proxy proxy.example:3128: ...", one line with the setting to change; of the last
  // failure, empty before the first.
  std::string LastFailure() const;

  // Ends the waits under way and refuses new tunnels, so that librdkafka can be destroyed at once.
  void Stop();

 private:
  struct Tunnel {
    std::string name;  // "host:port" without brackets
    int socket;
  };

  ProxyTunnels(ProxyUrl proxy, std::string setting, int stop_event);
  Expected<int> Open(const std::string& host, uint16_t port);
  void Keep(Tunnel tunnel);
  int Failed(const Error& error);
  std::string Describe(const Error& error) const;

  const ProxyUrl proxy_;
  const std::string setting_;
  const int stop_event_;  // readable once stopped
  mutable std::mutex mutex_;
  std::vector<Tunnel> tunnels_;  // not yet fetched; at most kMaxTunnels
  std::string last_failure_;
};

// The dialogue itself, on a connected non-blocking socket: sends the request, reads the answer. Gives up at
// `deadline` (kUnavailable) and when `stop_event` becomes readable (kUnavailable). kPermission: the proxy
// refuses; kCorrupt: it is no proxy; kIo: the connection broke.
Status RequestTunnel(int socket, int stop_event, std::chrono::steady_clock::time_point deadline,
                     const ProxyUrl& proxy, const std::string& host, uint16_t port,
                     const std::string& setting);

}  // namespace picket
