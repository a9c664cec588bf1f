#include "agent/control/server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <utility>

#include "agent/control/reply.h"
#include "agent/control/socket.h"

namespace picket {
namespace {

class LoopControlServer : public ControlServer {
 public:
  LoopControlServer(EventLoop& loop, Logger& logger, ControlListener listener, Handler handler)
      : loop_(loop), logger_(logger), listener_(std::move(listener)), handler_(std::move(handler)) {}

  ~LoopControlServer() override {
    while (!clients_.empty()) Close(clients_.begin()->first);
    loop_.Unwatch(listener_.fd());
  }

  Status WatchListener() {
    return loop_.Watch(listener_.fd(), EventLoop::kReadable, [this](uint32_t) { Accept(); });
  }

 private:
  using ClientId = uint64_t;  // never used again, unlike a descriptor
  struct Client {
    int fd = -1;
    std::string received;  // at most kMaxRequestBytes
    std::string reply;     // not empty: it is being sent
    size_t sent = 0;
    bool waits = false;  // for the handler
    EventLoop::TimerId timer = 0;
  };

  // One a turn: the loop's probes come first.
  void Accept() {
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        logger_.Warning("control", "accept: %s", strerror(errno));
      }
      return;
    }
    if (!PeerMayControl(fd)) {
      logger_.Warning("control", "a process of another user was turned away");
      close(fd);
      return;
    }
    const ClientId id = ++last_id_;
    clients_[id].fd = fd;
    Await(id, EventLoop::kReadable, kTimeout);
    if (clients_.size() >= kMaxClients) loop_.Unwatch(listener_.fd());
  }

  // What happens next with this client, and until when.
  void Await(ClientId id, uint32_t events, std::chrono::seconds timeout) {
    Client& client = clients_[id];
    loop_.CancelTimer(client.timer);
    client.timer = loop_.AddTimer(loop_.Now() + timeout, [this, id] { Close(id); });
    if (auto watched = loop_.Watch(client.fd, events, [this, id](uint32_t) { OnEvent(id); }); !watched) {
      logger_.Warning("control", "client dropped: %s", watched.error().message.c_str());
      Close(id);
    }
  }

  void OnEvent(ClientId id) {
    Client& client = clients_[id];
    // Nothing is waited for while the handler is at work: this is the end of the connection.
    if (client.waits) return Close(id);
    if (client.reply.empty()) return Read(id);
    Write(id);
  }

  void Read(ClientId id) {
    Client& client = clients_[id];
    char block[kMaxRequestBytes];
    const ssize_t n = recv(client.fd, block, kMaxRequestBytes - client.received.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return Close(id);
    client.received.append(block, static_cast<size_t>(n));
    Answer(id);
  }

  // Hands the next line that has come to the handler.
  void Answer(ClientId id) {
    Client& client = clients_[id];
    const size_t end = client.received.find('\n');
    if (end == std::string::npos) {
      if (client.received.size() < kMaxRequestBytes) return Await(id, EventLoop::kReadable, kTimeout);
      client.received.clear();
      return Deliver(id, FailureReply({ErrorCode::kInvalidArgument, "a request has at most 255 bytes"}));
    }
    const std::string request = client.received.substr(0, end);
    client.received.erase(0, end + 1);
    client.waits = true;
    Await(id, 0, kAnswerTimeout);
    handler_(request, [self = std::weak_ptr(self_), id](std::string json) {
      if (const auto server = self.lock()) (*server)->Deliver(id, std::move(json));
    });
  }

  void Deliver(ClientId id, std::string json) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = found->second;
    client.waits = false;
    if (json.size() > kMaxReplyBytes) {
      json = FailureReply({ErrorCode::kResourceExhausted, "the reply would be larger than a reply may be"});
    }
    client.reply = std::move(json) + "\n";
    client.sent = 0;
    Await(id, EventLoop::kWritable, kTimeout);
  }

  void Write(ClientId id) {
    Client& client = clients_[id];
    const std::string_view rest = std::string_view(client.reply).substr(client.sent);
    const ssize_t n = send(client.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return Close(id);
    client.sent += static_cast<size_t>(n);
    if (client.sent < client.reply.size()) return;
    client.reply.clear();
    Answer(id);
  }

  void Close(ClientId id) {
    auto client = clients_.extract(id);
    loop_.CancelTimer(client.mapped().timer);
    loop_.Unwatch(client.mapped().fd);
    close(client.mapped().fd);
    if (clients_.size() != kMaxClients - 1) return;
    if (auto watched = WatchListener(); !watched) {
      logger_.Error("control", "no more requests are heard: %s", watched.error().message.c_str());
    }
  }

  EventLoop& loop_;
  Logger& logger_;
  const ControlListener listener_;
  const Handler handler_;
  std::map<ClientId, Client> clients_;  // at most kMaxClients
  ClientId last_id_ = 0;
  // What a late reply asks whether we are still there.
  std::shared_ptr<LoopControlServer*> self_ = std::make_shared<LoopControlServer*>(this);
};

}  // namespace

Expected<std::unique_ptr<ControlServer>> ControlServer::Listen(EventLoop& loop, Logger& logger,
                                                               const std::string& path, Handler handler) {
  auto listener = ControlListener::Open(path);
  if (!listener) return std::unexpected(std::move(listener).error());
  auto server = std::make_unique<LoopControlServer>(loop, logger, *std::move(listener), std::move(handler));
  if (Status watched = server->WatchListener(); !watched) return std::unexpected(std::move(watched).error());
  return server;
}

}  // namespace picket
