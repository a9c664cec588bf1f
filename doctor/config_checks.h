// What is wrong with the configuration, as checks.
#pragma once

#include <optional>
#include <string>

#include "doctor/report.h"
#include "settings/diagnostics.h"

namespace picket {

// An area "configuration": a line for each error and warning with its place, else `summary` ("3 sites, 1
// broker").
void CheckConfiguration(const Diagnostics& diagnostics, const std::optional<std::string>& summary,
                        Report* report);

}  // namespace picket
