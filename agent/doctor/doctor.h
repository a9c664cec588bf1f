// picket doctor: is everything there that the agent needs, and if not, what is to be changed?
#pragma once

#include <stdio.h>

#include <cstddef>
#include <string>

#include "agent/config/load.h"
#include "port/clock.h"
#include "port/error.h"
#include "settings/diagnostics.h"

namespace picket {

struct DoctorOptions {
  bool json = false;       // one object at the end, and nothing else
  size_t probe_sites = 0;  // probes so many of the sites once; 0 to 100
  std::string version;     // of picket
};

// Checks what `loaded` describes, in 30 s at most, and prints each check on `out` when it is done. `loaded`
// may be the error of a configuration that could not be read: then its lines are all there is. Returns the
// exit code: 0 all is well but for warnings, 1 something is not, 78 the configuration.
int RunDoctor(const Expected<LoadedConfig>& loaded, const Diagnostics& diagnostics,
              const DoctorOptions& options, const Clock& clock, FILE* out);

}  // namespace picket
