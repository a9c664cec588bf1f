// What the commands do, once the configuration is read. Each returns an exit code, or the error that ended
// it.
#pragma once

#include "consumer/config/config.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// Until SIGTERM or SIGINT. `migrate`: bring the tables to this version first, else only check that they are.
Expected<int> RunConsumer(const ConsumerConfig& config, bool migrate, const Clock& clock, Entropy& entropy,
                          Logger& logger);

// Prints what was done, or with `status_only` what is to do. One attempt to connect.
Expected<int> MigrateCommand(const ConsumerConfig& config, bool status_only, const Clock& clock,
                             Logger& logger);

// Prints the account. One attempt to connect.
Expected<int> AuditCommand(const ConsumerConfig& config, bool json, const Clock& clock);

}  // namespace picket
