#include "agent/control/heartbeat.h"

#include <gtest/gtest.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/port/fake_loop.h"
#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

using std::chrono::seconds;

class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string name = "picket-heartbeat-test-" + std::to_string(getpid());
    memcpy(address.sun_path + 1, name.data(), name.size());
    const size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)), 0);
    manager_ = std::make_unique<ServiceManager>(
        ServiceEnvironment{.notify_socket = "@" + name, .watchdog_usec = "20000000", .watchdog_pid = ""}, logger_);
    heart_ = std::make_unique<Heartbeat>(loop_, *manager_,
                                         Heartbeat::Hooks{.ask_keeper =
                                                              [this] {
                                                                if (keeper_turns_) ++answers_;
                                                              },
                                                          .keeper_answers = [this] { return answers_; },
                                                          .status = [] { return "fine"; }});
  }
  ~HeartbeatTest() override { close(socket_); }

  // How many messages of that text have come since the last look.
  size_t Heard(const std::string& wanted) {
    size_t count = 0;
    char text[1024];
    for (ssize_t n; (n = recv(socket_, text, sizeof text, 0)) >= 0;) {
      if (std::string(text, static_cast<size_t>(n)) == wanted) ++count;
    }
    return count;
  }

  const int socket_;
  FakeClock clock_;
  FakeLoop loop_{clock_};
  FakeLogger logger_;
  uint64_t answers_ = 0;
  bool keeper_turns_ = true;
  std::unique_ptr<ServiceManager> manager_;
  std::unique_ptr<Heartbeat> heart_;
};

TEST_F(HeartbeatTest, BeatsAtLeastTwiceInTheWatchdogsTime) {
  Heard("");
  for (int i = 0; i < 10; ++i) {
    loop_.RunFor(seconds(10));
    EXPECT_GE(Heard("WATCHDOG=1"), 1u) << i;
  }
}

TEST_F(HeartbeatTest, AKeeperThatHangsStopsIt) {
  loop_.RunFor(seconds(10));
  keeper_turns_ = false;
  loop_.RunFor(seconds(10));  // the last answer may still be passed on
  Heard("");
  loop_.RunFor(seconds(60));
  EXPECT_EQ(Heard("WATCHDOG=1"), 0u);
  ++answers_;  // it comes back, and answers what it was asked
  keeper_turns_ = true;
  loop_.RunFor(seconds(10));
  EXPECT_GE(Heard("WATCHDOG=1"), 1u);
}

TEST_F(HeartbeatTest, SaysHowItGoesNowAndThen) {
  EXPECT_EQ(Heard("STATUS=fine"), 1u);
  // The socket holds ten messages only.
  size_t count = 0;
  for (int i = 0; i < 6; ++i) {
    loop_.RunFor(Heartbeat::kStatusPeriod / 3);
    count += Heard("STATUS=fine");
  }
  EXPECT_EQ(count, 2u);
}

TEST_F(HeartbeatTest, ItsEndLeavesNoTimer) {
  heart_.reset();
  EXPECT_EQ(loop_.Timers(), 0u);
}

}  // namespace
}  // namespace picket
