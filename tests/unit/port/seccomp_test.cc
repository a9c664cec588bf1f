#include "port/seccomp.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace picket {
namespace {

// A filter stays for good, so each test is a process of its own.
class SeccompTest : public testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    pid_t child = fork();
    if (child == 0) _exit(RestrictSystemCalls(SeccompMode::kDeny) ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) GTEST_SKIP() << "no seccomp filters here";
  }
};

void Restrict(SeccompMode mode) {
  if (!RestrictSystemCalls(mode)) _exit(99);
}

TEST_F(SeccompTest, WhatTheAgentDoesStillWorks) {
  const auto work = [] {
    Restrict(SeccompMode::kKill);
    std::thread thread([] { std::free(std::malloc(1 << 22)); });
    thread.join();
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    _exit(fd >= 0 && close(fd) == 0 ? 0 : 1);
  };
  EXPECT_EXIT(work(), testing::ExitedWithCode(0), "");
}

TEST_F(SeccompTest, ACallThatIsNotAllowedFails) {
  const auto work = [] {
    Restrict(SeccompMode::kDeny);
    _exit(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1 && errno == ENOSYS ? 0 : 1);
  };
  EXPECT_EXIT(work(), testing::ExitedWithCode(0), "");
}

TEST_F(SeccompTest, NoProgramIsStartedAndNoProcess) {
  const auto execute = [] {
    Restrict(SeccompMode::kKill);
    execl("/bin/true", "true", nullptr);
    _exit(1);
  };
  EXPECT_EXIT(execute(), testing::KilledBySignal(SIGSYS), "");
  const auto split = [] {
    Restrict(SeccompMode::kKill);
    _exit(fork() == 0 ? 0 : 1);
  };
  EXPECT_EXIT(split(), testing::KilledBySignal(SIGSYS), "");
}

TEST_F(SeccompTest, RawPacketsAreNotForIt) {
  const auto work = [] {
    Restrict(SeccompMode::kKill);
    _exit(socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? 1 : 2);
  };
  EXPECT_EXIT(work(), testing::KilledBySignal(SIGSYS), "");
}

TEST_F(SeccompTest, ThreadsThatRunAlreadyAreUnderItToo) {
  const auto work = [] {
    std::atomic<bool> restricted = false;
    std::thread thread([&] {
      while (!restricted) sched_yield();
      execl("/bin/true", "true", nullptr);
      _exit(1);
    });
    Restrict(SeccompMode::kKill);
    restricted = true;
    thread.join();
    _exit(2);
  };
  EXPECT_EXIT(work(), testing::KilledBySignal(SIGSYS), "");
}

}  // namespace
}  // namespace picket
