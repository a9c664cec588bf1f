// The smallest HTTP/1.1 server that a scraper is content with: GET of a few fixed paths, on the loop
// thread, one request a connection. Not for the open internet: it listens where the user says, loopback by default.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "port/error.h"
#include "port/event_loop.h"
#include "port/log.h"

namespace picket {

struct HttpResponse {
  int status = 200;  // 200, 404 or 503
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpServer {
 public:
  // Bounds: further connections wait in the kernel's backlog; a larger request or a slower client is cut off.
  static constexpr size_t kMaxConnections = 16;
  static constexpr size_t kMaxRequestBytes = 4096;
  static constexpr std::chrono::seconds kTimeout{5};

  // `path` is what stands in the request line, without the query. Called on the loop's thread.
  using Handler = std::function<HttpResponse(std::string_view path)>;

  // Listens on "ADDRESS:PORT" ("127.0.0.1:9116", "[::1]:9116", ":9116" for every address; port 0: any
  // free one). kConfig: not such an address; kUnavailable: the address is taken or not ours.
  // `loop` and `logger` must outlive the server.
  static Expected<std::unique_ptr<HttpServer>> Listen(EventLoop& loop, Logger& logger,
                                                      const std::string& address, Handler handler);
  virtual ~HttpServer() = default;

  // The address in use, with the port the kernel chose: "127.0.0.1:40123".
  virtual const std::string& Address() const = 0;
};

}  // namespace picket
