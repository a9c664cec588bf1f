// From libcurl's running totals to durations. Pure.
#pragma once

#include <cstdint>

#include "record/probe_result.h"

namespace picket {

// When each stage of one request and its answer was complete: microseconds since the request was begun,
// as libcurl's CURLINFO_*_TIME_T say it; 0 where that point was not reached.
struct HopTimes {
  int64_t name_lookup = 0;
  int64_t connect = 0;
  int64_t app_connect = 0;     // TLS handshake; stays 0 for http://
  int64_t start_transfer = 0;  // first byte of the answer
  int64_t total = 0;           // the end, however it came
  bool numeric_host = false;   // no name was looked up
  bool tls = false;
  bool complete = false;  // the whole answer came
};

// Adds one hop's durations to `phases`. Only completed phases count; the durations of a complete hop add up
// to its total, so nothing is hidden between them.
void AddHop(const HopTimes& hop, Phases* phases);

// The phase the hop was in when it ended: "resolving the name", "connecting", "in the TLS handshake",
// "waiting for the answer" or "receiving the answer".
const char* UnfinishedPhase(const HopTimes& hop);

}  // namespace picket
