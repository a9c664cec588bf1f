// The agent's configuration as plain data: every field with its unit, default and limit.
// agent/config/load.h reads it from file, environment and flags; the table of keys there drives the
// parser, print-config and docs/configuration.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "port/log.h"
#include "port/proxy_url.h"
#include "settings/kafka_settings.h"

namespace picket {

// Immutable once loaded; probes in flight, the keeper and the spool share it by pointer.
struct Site {
  std::string name;                               // unique, 1 to 128 bytes; default: the URL's host
  std::string url;                                // http:// or https://, at most 2048 bytes
  std::optional<std::string> regex;               // PCRE2 syntax, at most 1024 bytes
  std::chrono::milliseconds interval{30'000};     // 100 ms to 24 h
  std::chrono::milliseconds timeout{10'000};      // whole probe; 10 ms to 5 min, at most interval
  uint64_t max_body_bytes = 1 << 20;              // 0 to 16 MiB; beyond it the probe ends: too_large
  int max_redirects = 5;                          // 0 to 20; 0: a redirect is the answer
  std::optional<ProxyUrl> proxy;                  // HTTP proxy on the way; its password is secret

  bool operator==(const Site&) const = default;
};
using SitePtr = std::shared_ptr<const Site>;

enum class BufferMode : uint8_t {
  kOffline,  // nothing is written while the broker acknowledges in time
  kAlways,   // every record is committed before it is sent
};

struct BufferConfig {
  std::string path = "/var/lib/picket/buffer.db";
  BufferMode mode = BufferMode::kOffline;
  std::chrono::milliseconds spill_after{5'000};      // unacknowledged for so long: copied to the spool
  std::chrono::milliseconds commit_interval{10'000}; // at most one commit in this time while offline
  uint64_t max_bytes = 16 << 20;                     // database and WAL together; 256 KiB to 16 GiB
  uint32_t window_records = 1000;                    // sent and unacknowledged in RAM; 10 to 100,000
  uint32_t drain_rate = 1000;                        // backlog records a second; 1 to 1,000,000
};

struct ServeConfig {
  std::string listen = "127.0.0.1:9116";  // address:port of /metrics and /healthz; empty: off
};

// What sockaddr_un holds of a path, less the NUL at its end (unix(7)).
inline constexpr size_t kMaxSocketPathBytes = 107;

struct ControlConfig {
  std::string socket;  // path of the UNIX socket, at most kMaxSocketPathBytes; empty: off
};

enum class SandboxMode : uint8_t {
  kOn,    // a system call that the agent does not need fails
  kOff,
  kKill,  // it ends the agent
};

struct AgentConfig {
  std::string agent;                      // id, 1 to 128 bytes; empty: UUID kept in state_dir
  std::vector<SitePtr> sites;             // 1 to 10,000
  KafkaSettings kafka;                    // brokers empty only with --stdout
  BufferConfig buffer;
  ServeConfig serve;
  ControlConfig control;
  SandboxMode seccomp = SandboxMode::kOn;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string site_ca_file;               // PEM for https sites; empty: the system's bundle
};

}  // namespace picket
