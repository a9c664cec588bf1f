// picket probe URL: one probe, told to a person or a script.
#pragma once

#include <stdio.h>

#include <chrono>
#include <optional>
#include <string>

#include "port/clock.h"
#include "port/error.h"
#include "port/log.h"
#include "record/probe_result.h"

namespace picket {

struct ProbeCommandOptions {
  std::string url;
  std::optional<std::string> regex;
  std::string ca_file;                        // PEM; empty: the system's bundle
  std::chrono::milliseconds timeout{10'000};  // 10 ms to 5 min
  bool json = false;                          // the record's body as one JSON object, and nothing else
  std::string user_agent;
};

// Probes once and prints the result on `out`. Returns the exit code: 0 up, 1 down, 2 unknown.
// kInvalidArgument (exit 64): URL or regexp are wrong; kConfig: so is the CA file.
Expected<int> RunProbeCommand(const ProbeCommandOptions& options, const Clock& clock, Logger& logger,
                              FILE* out);

// The result as text for people: the verdict, each phase with a bar, address, certificate. `now` tells how
// long the certificate has to live.
std::string DescribeProbe(const ProbeResult& result, WallTime now);

}  // namespace picket
