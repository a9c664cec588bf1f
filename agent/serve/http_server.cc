#include "agent/serve/http_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <utility>

#include "agent/serve/listen_address.h"

namespace picket {
namespace {

const char* Reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

std::string Serialize(const HttpResponse& response) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + Reason(response.status) + "\r\n";
  if (response.status == 405) text += "Allow: GET\r\n";
  text += "Content-Type: " + response.content_type + "\r\n";
  text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  text += "Connection: close\r\n\r\n";
  return text + response.body;
}

class LoopHttpServer : public HttpServer {
 public:
  LoopHttpServer(EventLoop& loop, Logger& logger, int listener, Handler handler)
      : loop_(loop), logger_(logger), listener_(listener), address_(LocalAddress(listener)),
        handler_(std::move(handler)) {}

  ~LoopHttpServer() override {
    while (!connections_.empty()) Close(connections_.begin()->first);
    loop_.Unwatch(listener_);
    close(listener_);
  }

  Status Start() { return WatchListener(); }
  const std::string& Address() const override { return address_; }

 private:
  struct Connection {
    std::string request;
    std::string response;  // empty while the request is being read
    size_t sent = 0;
    EventLoop::TimerId timer = 0;
  };

  Status WatchListener() {
    return loop_.Watch(listener_, EventLoop::kReadable, [this](uint32_t) { Accept(); });
  }

  // One connection a turn: the loop's probes come first. When all places are taken the listener is not
  // watched, and the kernel keeps the rest waiting.
  void Accept() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        logger_.Debug("serve", "accept: %s", strerror(errno));
      }
      return;
    }
    if (auto watched = loop_.Watch(fd, EventLoop::kReadable, [this, fd](uint32_t) { Read(fd); }); !watched) {
      logger_.Warning("serve", "connection dropped: %s", watched.error().message.c_str());
      close(fd);
      return;
    }
    connections_[fd].timer = loop_.AddTimer(loop_.Now() + kTimeout, [this, fd] { Close(fd); });
    if (connections_.size() >= kMaxConnections) loop_.Unwatch(listener_);
  }

  void Read(int fd) {
    Connection& connection = connections_[fd];
    char block[1024];
    const ssize_t n = recv(fd, block, sizeof block, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return Close(fd);
    connection.request.append(block, static_cast<size_t>(n));
    const bool complete = connection.request.find("\r\n\r\n") != std::string::npos;
    if (!complete && connection.request.size() < kMaxRequestBytes) return;
    connection.response = Serialize(complete ? Answer(connection.request) : HttpResponse{400, "text/plain", "request too large\n"});
    const auto writable = [this, fd](uint32_t) { Write(fd); };
    if (!loop_.Watch(fd, EventLoop::kWritable, writable)) Close(fd);
  }

  HttpResponse Answer(std::string_view request) const {
    const std::string_view line = request.substr(0, request.find("\r\n"));
    const size_t first = line.find(' ');
    const size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return {400, "text/plain", "bad request\n"};
    if (line.substr(0, first) != "GET") return {405, "text/plain", "only GET\n"};
    const std::string_view target = line.substr(first + 1, second - first - 1);
    return handler_(target.substr(0, target.find('?')));
  }

  void Write(int fd) {
    Connection& connection = connections_[fd];
    const std::string_view rest = std::string_view(connection.response).substr(connection.sent);
    const ssize_t n = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return Close(fd);
    connection.sent += static_cast<size_t>(n);
    if (connection.sent < connection.response.size()) return;
    // What the client sent and we did not read would turn the close into a reset that eats the answer.
    shutdown(fd, SHUT_WR);
    if (!loop_.Watch(fd, EventLoop::kReadable, [this, fd](uint32_t) { Linger(fd); })) Close(fd);
  }

  void Linger(int fd) {
    char block[1024];
    const ssize_t n = recv(fd, block, sizeof block, 0);
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;  // the timer ends an endless client
    Close(fd);
  }

  void Close(int fd) {
    auto connection = connections_.extract(fd);
    loop_.CancelTimer(connection.mapped().timer);
    loop_.Unwatch(fd);
    close(fd);
    if (connections_.size() != kMaxConnections - 1) return;
    if (auto watched = WatchListener(); !watched) logger_.Error("serve", "%s", watched.error().message.c_str());
  }

  EventLoop& loop_;
  Logger& logger_;
  const int listener_;
  const std::string address_;
  const Handler handler_;
  std::map<int, Connection> connections_;  // at most kMaxConnections
};

}  // namespace

Expected<std::unique_ptr<HttpServer>> HttpServer::Listen(EventLoop& loop, Logger& logger,
                                                         const std::string& address, Handler handler) {
  auto listener = OpenListener(address);
  if (!listener) return std::unexpected(std::move(listener).error());
  auto server = std::make_unique<LoopHttpServer>(loop, logger, *listener, std::move(handler));
  if (Status started = server->Start(); !started) return std::unexpected(std::move(started).error());
  return server;
}

}  // namespace picket
