// Answers requests on the control socket, on the loop's thread: a request is a line of one word, a reply is a
// line with one JSON object. A client may ask again when it has its reply. Format: docs/agent.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "port/error.h"
#include "port/event_loop.h"
#include "port/log.h"

namespace picket {

class ControlServer {
 public:
  // Bounds. Further clients wait in the kernel's backlog; a longer request is refused, and a client that does
  // not send or read in time is cut off.
  static constexpr size_t kMaxClients = 8;
  static constexpr size_t kMaxRequestBytes = 256;
  static constexpr size_t kMaxReplyBytes = 256 << 10;
  static constexpr std::chrono::seconds kTimeout{5};         // for a request to come, for a reply to be taken
  static constexpr std::chrono::seconds kAnswerTimeout{60};  // for the handler

  // Takes the reply, without a line break, at most kMaxReplyBytes. On the loop's thread, now or later, once;
  // does nothing when the client or the server is gone.
  using Reply = std::function<void(std::string json)>;
  using Handler = std::function<void(std::string_view request, Reply reply)>;

  // Errors as ControlListener::Open. `loop` and `logger` must outlive the server.
  static Expected<std::unique_ptr<ControlServer>> Listen(EventLoop& loop, Logger& logger,
                                                         const std::string& path, Handler handler);
  virtual ~ControlServer() = default;
};

}  // namespace picket
