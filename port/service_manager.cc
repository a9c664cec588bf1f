#include "port/service_manager.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>

namespace picket {
namespace {

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<int64_t> PositiveNumber(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number <= 0) return std::nullopt;
  return number;
}

// systemd compares this with its own CLOCK_MONOTONIC, which is not port/clock.h's CLOCK_BOOTTIME.
int64_t MonotonicMicroseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

ServiceEnvironment ReadServiceEnvironment() {
  return {.notify_socket = Variable("NOTIFY_SOCKET"),
          .watchdog_usec = Variable("WATCHDOG_USEC"),
          .watchdog_pid = Variable("WATCHDOG_PID")};
}

ServiceManager::ServiceManager(const ServiceEnvironment& environment, Logger& logger)
    : logger_(logger), address_(environment.notify_socket) {
  if (address_.empty()) return;
  if ((address_[0] != '/' && address_[0] != '@') || address_.size() >= sizeof(sockaddr_un::sun_path)) {
    logger_.Warning("run", "NOTIFY_SOCKET '%s' is no socket's name: the service manager hears nothing",
                    address_.c_str());
    return;
  }
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) {
    logger_.Warning("run", "the service manager hears nothing: socket: %s", strerror(errno));
    return;
  }
  const std::string& pid = environment.watchdog_pid;
  if (!pid.empty() && PositiveNumber(pid) != getpid()) return;
  if (const auto limit = PositiveNumber(environment.watchdog_usec)) {
    alive_period_ = std::chrono::microseconds(*limit) / 2;
  }
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) close(socket_);
}

void ServiceManager::Ready(std::string_view status) {
  Send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceManager::Reloading() {
  Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(MonotonicMicroseconds()));
}

void ServiceManager::Stopping() {
  Send("STOPPING=1");
}

void ServiceManager::Status(std::string_view status) {
  Send("STATUS=" + std::string(status));
}

void ServiceManager::Alive() {
  Send("WATCHDOG=1");
}

void ServiceManager::Send(std::string_view message) {
  if (socket_ < 0) return;
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  memcpy(to.sun_path, address_.data(), address_.size());
  // A path ends in a NUL that counts; an abstract name is as long as it is.
  const size_t length =
      offsetof(sockaddr_un, sun_path) + address_.size() + (address_[0] == '\0' ? 0 : 1);
  const ssize_t sent = sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(length));
  if (sent >= 0 || failed_) return;
  failed_ = true;
  logger_.Warning("run", "the service manager does not hear us (NOTIFY_SOCKET): %s", strerror(errno));
}

}  // namespace picket
