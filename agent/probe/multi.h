// Runs transfers on an event loop through libcurl's multi socket interface. libcurl's multi handle is
// wrapped in multi.cc alone. Never blocks: names are looked up by c-ares on the same loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "agent/probe/transfer.h"
#include "port/clock.h"
#include "port/error.h"
#include "port/event_loop.h"
#include "port/log.h"

namespace picket {

class Multi {
 public:
  // A transfer ended with that CURLcode and is no longer here; it may be added again from inside.
  using Done = std::function<void(Transfer* transfer, int curl_code)>;

  // `loop`, `clock` and `logger` must outlive it. At most `max_connections` are open at once, those that are
  // being closed included. kResourceExhausted when out of memory.
  static Expected<std::unique_ptr<Multi>> Create(EventLoop& loop, const Clock& clock, Logger& logger,
                                                 size_t max_connections, Done done);
  // Every transfer must have been removed or be done.
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // Begins a prepared transfer, which must live until `done` or Remove. False when out of memory. `done`
  // never runs from inside.
  bool Add(Transfer& transfer);
  // Gives a transfer up; `done` does not run for it.
  void Remove(Transfer& transfer);

 private:
  struct Impl;
  explicit Multi(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket
