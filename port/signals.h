// SIGTERM, SIGINT and SIGHUP as events of a loop, not as interruptions of anything.
#pragma once

#include <functional>
#include <memory>

#include "port/error.h"
#include "port/event_loop.h"

namespace picket {

class SignalWatch {
 public:
  // Blocks the three signals for the calling thread and all it starts later, ignores SIGPIPE (a closed
  // socket is an error code), and watches for them on `loop`, which must outlive the watch. Call it before any thread
  // is started. `on_signal` gets the signal's number.
  static Expected<std::unique_ptr<SignalWatch>> Create(EventLoop& loop, std::function<void(int)> on_signal);
  virtual ~SignalWatch() = default;
};

}  // namespace picket
