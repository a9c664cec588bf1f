// The store on a real PostgreSQL.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "consumer/store/connection.h"
#include "consumer/store/store.h"
#include "port/clock.h"
#include "port/log.h"

namespace picket {

struct PostgresStoreOptions {
  std::string url;                                     // secret
  std::optional<std::chrono::microseconds> retention;  // of raw results; empty: for ever
  int64_t owner = 0;                                   // random, this process's
  // Run on each new connection before anything else: migrates, or checks that nothing is to migrate.
  std::function<Status(Connection&)> prepare;
};

// `clock` and `logger` must outlive the store.
std::unique_ptr<Store> MakePostgresStore(PostgresStoreOptions options, GiveUp give_up, const Clock& clock,
                                         Logger& logger);

}  // namespace picket
