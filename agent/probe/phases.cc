#include "agent/probe/phases.h"

#include <algorithm>
#include <optional>

namespace picket {
namespace {

// Adds the time from *from to `to` and moves *from there. libcurl's points are taken by different clocks
// calls; a microsecond backwards counts as none.
void Add(int64_t to, int64_t* from, std::optional<double>* sum_ms) {
  *sum_ms = sum_ms->value_or(0) + static_cast<double>(std::max<int64_t>(to - *from, 0)) / 1000;
  *from = std::max(*from, to);
}

}  // namespace

void AddHop(const HopTimes& hop, Phases* phases) {
  int64_t from = 0;
  if (!hop.numeric_host) {
    if (hop.name_lookup == 0) return;
    Add(hop.name_lookup, &from, &phases->dns_ms);
  }
  if (hop.connect == 0) return;
  Add(hop.connect, &from, &phases->connect_ms);
  if (hop.tls) {
    if (hop.app_connect == 0) return;
    Add(hop.app_connect, &from, &phases->tls_ms);
  }
  if (hop.start_transfer == 0) return;
  Add(hop.start_transfer, &from, &phases->ttfb_ms);
  if (hop.complete) Add(hop.total, &from, &phases->transfer_ms);
}

const char* UnfinishedPhase(const HopTimes& hop) {
  if (hop.start_transfer != 0) return "receiving the answer";
  if (hop.tls && hop.connect != 0 && hop.app_connect == 0) return "in the TLS handshake";
  if (hop.connect != 0) return "waiting for the answer";
  if (hop.numeric_host || hop.name_lookup != 0) return "connecting";
  return "resolving the name";
}

}  // namespace picket
