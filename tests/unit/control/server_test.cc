#include "agent/control/server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "agent/control/socket.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

// A server with its loop on a thread of its own. The client side may block.
class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest() : loop_(EventLoop::Create(SystemClock()).value()) {
    char folder[] = "/tmp/picket-control-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ + "/s";
    server_ = ControlServer::Listen(*loop_, logger_, path_,
                                    [this](std::string_view request, ControlServer::Reply reply) {
                                      Handle(request, std::move(reply));
                                    })
                  .value();
    thread_ = std::thread([this] { loop_->Run(); });
  }
  ~ControlServerTest() override {
    loop_->Stop();
    thread_.join();
    server_.reset();
    rmdir(folder_.c_str());
  }

  void Handle(std::string_view request, ControlServer::Reply reply) {
    if (request == "big") return reply(std::string(200 << 10, 'x'));
    if (request == "huge") return reply(std::string(ControlServer::kMaxReplyBytes + 1, 'x'));
    if (request == "later") {
      loop_->AddTimer(loop_->Now() + std::chrono::milliseconds(1), [reply] { reply("late"); });
      return;
    }
    if (request == "never") return;
    reply("echo " + std::string(request));
  }

  int Connect() {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path_.data(), path_.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static void Say(int fd, const std::string& text) {
    EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  static std::string ReadLine(int fd) {
    std::string line;
    for (char c; read(fd, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  std::string Ask(const std::string& request) {
    auto reply = AskAgent(path_, request, std::chrono::seconds(10));
    return reply ? *reply : reply.error().message;
  }

  FakeLogger logger_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<ControlServer> server_;
  std::string folder_, path_;
  std::thread thread_;
};

TEST_F(ControlServerTest, AnswersNowAndLater) {
  EXPECT_EQ(Ask("hello"), "echo hello");
  EXPECT_EQ(Ask("later"), "late");
}

TEST_F(ControlServerTest, SendsMoreThanASocketBufferHolds) {
  EXPECT_EQ(Ask("big").size(), size_t{200} << 10);
}

TEST_F(ControlServerTest, AReplyBeyondTheBoundBecomesAnError) {
  EXPECT_NE(Ask("huge").find("\"resource exhausted\""), std::string::npos);
}

TEST_F(ControlServerTest, AClientMayAskAgainAndAhead) {
  const int fd = Connect();
  Say(fd, "one\nlater\nthree\n");
  EXPECT_EQ(ReadLine(fd), "echo one");
  EXPECT_EQ(ReadLine(fd), "late");
  EXPECT_EQ(ReadLine(fd), "echo three");
  Say(fd, "four\n");
  EXPECT_EQ(ReadLine(fd), "echo four");
  close(fd);
}

TEST_F(ControlServerTest, ARequestWithoutEndIsRefused) {
  const int fd = Connect();
  Say(fd, std::string(ControlServer::kMaxRequestBytes, 'x'));
  EXPECT_NE(ReadLine(fd).find("a request has at most 255 bytes"), std::string::npos);
  close(fd);
}

TEST_F(ControlServerTest, AClientThatLeavesDuringItsRequestIsForgotten) {
  for (size_t i = 0; i < 3 * ControlServer::kMaxClients; ++i) {
    const int fd = Connect();
    Say(fd, i % 2 == 0 ? "never\n" : "later\n");
    close(fd);
  }
  EXPECT_EQ(Ask("still there"), "echo still there");
}

TEST_F(ControlServerTest, ServesOnAfterMoreClientsThanPlaces) {
  std::vector<int> idle;
  for (size_t i = 0; i < ControlServer::kMaxClients; ++i) idle.push_back(Connect());
  const int waiting = Connect();  // in the backlog
  Say(waiting, "hello\n");
  close(idle.back());
  idle.pop_back();
  EXPECT_EQ(ReadLine(waiting), "echo hello");
  close(waiting);
  for (const int fd : idle) close(fd);
}

}  // namespace
}  // namespace picket
