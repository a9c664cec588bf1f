#include "port/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace picket {
namespace {

class SignalFd : public SignalWatch {
 public:
  SignalFd(EventLoop& loop, int fd, std::function<void(int)> on_signal)
      : loop_(loop), fd_(fd), on_signal_(std::move(on_signal)) {}
  ~SignalFd() override {
    loop_.Unwatch(fd_);
    close(fd_);
  }

  Status Start() {
    return loop_.Watch(fd_, EventLoop::kReadable, [this](uint32_t) {
      signalfd_siginfo info;
      if (read(fd_, &info, sizeof info) == sizeof info) on_signal_(static_cast<int>(info.ssi_signo));
    });
  }

 private:
  EventLoop& loop_;
  const int fd_;
  const std::function<void(int)> on_signal_;
};

}  // namespace

Expected<std::unique_ptr<SignalWatch>> SignalWatch::Create(EventLoop& loop, std::function<void(int)> on_signal) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  if (const int error = pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return Fail(ErrorCode::kIo, "pthread_sigmask: %s", strerror(error));
  }
  const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) return Fail(ErrorCode::kIo, "signalfd: %s", strerror(errno));
  auto watch = std::make_unique<SignalFd>(loop, fd, std::move(on_signal));
  if (Status started = watch->Start(); !started) return std::unexpected(std::move(started).error());
  return watch;
}

}  // namespace picket
