// Tells the service manager how the program is: systemd's sd_notify protocol, spoken by hand. Without a
// manager that listens (NOTIFY_SOCKET is not set) every call does nothing.
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "port/clock.h"
#include "port/log.h"

namespace picket {

// The manager's variables; empty: not set.
struct ServiceEnvironment {
  std::string notify_socket;  // path of a datagram socket, or "@name" in the abstract name space
  std::string watchdog_usec;  // how long we may be silent, in microseconds
  std::string watchdog_pid;   // whom the watchdog is for
};
ServiceEnvironment ReadServiceEnvironment();

class ServiceManager {
 public:
  // `logger` must outlive it.
  ServiceManager(const ServiceEnvironment& environment, Logger& logger);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Never block; a message that cannot be sent is dropped, the first with a line in the log.

  // The start is over; also the end of what Reloading began. `status` is one line for people.
  void Ready(std::string_view status);
  void Reloading();
  void Stopping();
  // How it goes, in one line.
  void Status(std::string_view status);
  // A sign of life for the watchdog.
  void Alive();

  bool Listens() const { return socket_ >= 0; }
  // Alive is to be called this often: half of what the watchdog allows. Empty: there is no watchdog for us.
  std::optional<std::chrono::microseconds> AlivePeriod() const { return alive_period_; }

 private:
  void Send(std::string_view message);

  Logger& logger_;
  std::string address_;  // of a sockaddr_un: a path, or a NUL and a name
  int socket_ = -1;
  bool failed_ = false;
  std::optional<std::chrono::microseconds> alive_period_;
};

}  // namespace picket
