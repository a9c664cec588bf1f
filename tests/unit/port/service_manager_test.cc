#include "port/service_manager.h"

#include <gtest/gtest.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

using std::chrono::seconds;

// The manager's end, in the abstract name space.
class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManagerTest() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string name = "picket-unit-test-" + std::to_string(getpid());
    memcpy(address.sun_path + 1, name.data(), name.size());
    const size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)), 0);
    environment_.notify_socket = "@" + name;
  }
  ~ServiceManagerTest() override { close(socket_); }

  std::string Heard() {
    char text[1024];
    const ssize_t n = recv(socket_, text, sizeof text, 0);
    return n < 0 ? "" : std::string(text, static_cast<size_t>(n));
  }

  const int socket_;
  ServiceEnvironment environment_;
  FakeLogger logger_;
};

TEST_F(ServiceManagerTest, SpeaksTheProtocol) {
  ServiceManager manager(environment_, logger_);
  EXPECT_TRUE(manager.Listens());
  manager.Ready("all is well");
  EXPECT_EQ(Heard(), "READY=1\nSTATUS=all is well");
  manager.Status("still");
  EXPECT_EQ(Heard(), "STATUS=still");
  manager.Reloading();
  EXPECT_TRUE(Heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.Alive();
  EXPECT_EQ(Heard(), "WATCHDOG=1");
  manager.Stopping();
  EXPECT_EQ(Heard(), "STOPPING=1");
  EXPECT_TRUE(logger_.Lines().empty());
}

TEST_F(ServiceManagerTest, TheWatchdogWantsTwiceTheSigns) {
  environment_.watchdog_usec = "10000000";
  EXPECT_EQ(ServiceManager(environment_, logger_).AlivePeriod(), seconds(5));
  environment_.watchdog_pid = std::to_string(getpid());
  EXPECT_EQ(ServiceManager(environment_, logger_).AlivePeriod(), seconds(5));
}

TEST_F(ServiceManagerTest, NoWatchdogIsNoneForUs) {
  EXPECT_EQ(ServiceManager(environment_, logger_).AlivePeriod(), std::nullopt);
  environment_.watchdog_usec = "soon";
  EXPECT_EQ(ServiceManager(environment_, logger_).AlivePeriod(), std::nullopt);
  environment_.watchdog_usec = "10000000";
  environment_.watchdog_pid = "1";
  EXPECT_EQ(ServiceManager(environment_, logger_).AlivePeriod(), std::nullopt);
}

TEST_F(ServiceManagerTest, WithoutAManagerNothingIsDone) {
  ServiceManager manager({}, logger_);
  EXPECT_FALSE(manager.Listens());
  manager.Ready("");
  manager.Alive();
  EXPECT_TRUE(logger_.Lines().empty());
}

TEST_F(ServiceManagerTest, AManagerThatIsGoneIsToldOfOnce) {
  environment_.notify_socket = "/nowhere/notify";
  ServiceManager manager(environment_, logger_);
  manager.Alive();
  manager.Alive();
  EXPECT_EQ(logger_.Count("the service manager does not hear us"), 1u);
}

TEST_F(ServiceManagerTest, ANameThatIsNoneIsToldOf) {
  environment_.notify_socket = "notify";
  EXPECT_FALSE(ServiceManager(environment_, logger_).Listens());
  EXPECT_EQ(logger_.Count("NOTIFY_SOCKET 'notify' is no socket's name"), 1u);
}

}  // namespace
}  // namespace picket
