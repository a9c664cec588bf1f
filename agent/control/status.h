// The replies to `status` and `buffer-stats`. Members: docs/agent.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/control/site_board.h"
#include "agent/keeper/keeper.h"
#include "port/clock.h"

namespace picket {

// What is known of the configuration in force.
struct ConfigStatus {
  std::string path;  // empty: the environment alone
  uint64_t applied = 0, refused = 0;  // reloads
  bool last_successful = true;
  std::vector<std::string> restart_needed;  // keys that the last reload could not apply
};

struct BufferStatus {
  std::string path;
  SpoolStats stats;
};

struct AgentStatus {
  std::string version, agent;
  int64_t pid = 0;
  WallTime started, now;
  std::chrono::seconds uptime{0};
  bool clock_trusted = true;
  ConfigStatus config;
  ClusterState kafka;
  BufferStatus buffer;
  uint64_t probes_up = 0, probes_down = 0, probes_unknown = 0, probes_skipped = 0, probes_in_flight = 0;
  uint64_t queue_records = 0, window_records = 0;
  uint64_t stamped = 0, acknowledged = 0, spooled = 0, rejected = 0, evicted = 0;  // all streams
  SiteCounts counts;
  std::vector<SiteState> sites;  // at most kMaxListedSites, the worst first
};

// A reply lists no more sites than this, and fewer when they would take more than half of a reply's bytes.
inline constexpr size_t kMaxListedSites = 500;

std::string StatusReply(const AgentStatus& status);
std::string BufferStatsReply(const BufferStatus& buffer);

// One line for the service manager: "kafka connected; sites: 3 up, 1 down; window 2, buffer 0 records".
std::string StatusLine(const ClusterState& kafka, const SiteCounts& counts, const KeeperMetrics& metrics);

// "connected", "away", "not connected yet"
const char* ContactName(ClusterState::Contact contact);

}  // namespace picket
