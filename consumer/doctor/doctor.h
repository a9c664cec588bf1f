// picket-consumer doctor: is everything there that the consumer needs, and if not, what is to be changed?
#pragma once

#include <stdio.h>

#include "consumer/config/config.h"
#include "port/clock.h"
#include "port/error.h"
#include "settings/diagnostics.h"

namespace picket {

// Checks what `loaded` describes, in 30 s at most, and prints each check on `out` when it is done; with
// `json`, one object at the end. `loaded` may be the error of a configuration that could not be read. Returns
// the exit code: 0 all is well but for warnings, 1 something is not, 78 the configuration.
int RunConsumerDoctor(const Expected<LoadedConsumerConfig>& loaded, const Diagnostics& diagnostics, bool json,
                      const Clock& clock, FILE* out);

}  // namespace picket
