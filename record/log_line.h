// Log lines for collectors: one JSON object a line.
#pragma once

#include <string>
#include <string_view>

#include "port/log.h"

namespace picket {

// {"ts":"2026-11-21T09:00:00.123456Z","level":"info","component":"kafka","msg":"..."}: valid JSON in valid UTF-8
// whatever the text holds, and no longer than a line may be. Pure.
std::string JsonLogLine(WallTime time, LogLevel level, std::string_view component, std::string_view text);

// The function for a logger.
LogLine LogLineOf(LogFormat format);

}  // namespace picket
