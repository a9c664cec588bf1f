#include "port/proxy_tunnels.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace picket {
namespace {

// Both ends of a connection; the proxy's answer is written before it is asked for.
class RequestTunnelTest : public testing::Test {
 protected:
  RequestTunnelTest() : stop_event_(eventfd(0, EFD_NONBLOCK)) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
  }
  ~RequestTunnelTest() override {
    for (const int fd : {ends_[0], ends_[1], stop_event_}) close(fd);
  }

  void Answer(const std::string& text) {
    EXPECT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Status Request(std::chrono::hours left = std::chrono::hours(1)) {
    const ProxyUrl proxy{.host = "p", .port = 1, .user = {}, .password = {}};
    return RequestTunnel(ends_[0], stop_event_, std::chrono::steady_clock::now() + left, proxy, "k", 9094,
                         "kafka.proxy");
  }

  std::array<int, 2> ends_{-1, -1};
  const int stop_event_;
};

TEST_F(RequestTunnelTest, TheTunnelIsLeftReadyForTheFirstByte) {
  Answer("HTTP/1.0 200 OK\r\n\r\n");
  EXPECT_TRUE(Request());
  std::array<char, 100> asked{};
  EXPECT_GT(read(ends_[1], asked.data(), asked.size() - 1), 0);
  EXPECT_STREQ(asked.data(), "CONNECT k:9094 HTTP/1.1\r\nHost: k:9094\r\n\r\n");
}

TEST_F(RequestTunnelTest, ARefusalIsAPermission) {
  Answer("HTTP/1.1 403 No\r\n\r\n");
  const Status refused = Request();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
}

TEST_F(RequestTunnelTest, BytesBeforeOursAreNoTunnel) {
  Answer("HTTP/1.1 200 OK\r\n\r\nhello");
  const Status refused = Request();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
}

TEST_F(RequestTunnelTest, AClosedConnectionIsTold) {
  shutdown(ends_[1], SHUT_WR);
  const Status broken = Request();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kIo);
}

TEST_F(RequestTunnelTest, TheDeadlineEndsTheWait) {
  const Status late = Request(std::chrono::hours(0));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kUnavailable);
}

TEST_F(RequestTunnelTest, StoppingEndsTheWait) {
  eventfd_write(stop_event_, 1);
  const Status stopped = Request();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kUnavailable);
}

TEST(ProxyTunnels, WithoutATunnelThereIsNoConnection) {
  const auto tunnels =
      ProxyTunnels::Create({.host = "p", .port = 1, .user = {}, .password = {}}, "kafka.proxy");
  ASSERT_TRUE(tunnels);
  EXPECT_EQ((*tunnels)->Connect(0, "k:9094"), ECONNABORTED);
  EXPECT_EQ((*tunnels)->LastFailure(), "");
}

}  // namespace
}  // namespace picket
