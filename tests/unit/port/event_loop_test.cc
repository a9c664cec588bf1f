#include "port/event_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

// A loop on the machine's clock (timerfd runs on it) and a connected pair of sockets.
class EventLoopTest : public testing::Test {
 protected:
  EventLoopTest() : loop_(EventLoop::Create(SystemClock()).value()) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair_), 0);
  }
  ~EventLoopTest() override {
    close(pair_[0]);
    close(pair_[1]);
  }
  BootTime In(int ms) const { return SystemClock().Boot() + milliseconds(ms); }
  void SendByte() { EXPECT_EQ(write(pair_[1], "x", 1), 1); }

  std::unique_ptr<EventLoop> loop_;
  int pair_[2];
};

TEST_F(EventLoopTest, RunsTimersInOrderOfTime) {
  std::vector<int> order;
  loop_->AddTimer(In(2), [&] {
    order.push_back(2);
    loop_->Stop();
  });
  loop_->AddTimer(In(1), [&] { order.push_back(1); });
  loop_->AddTimer(In(-1000), [&] { order.push_back(0); });
  loop_->Run();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST_F(EventLoopTest, ACancelledTimerDoesNotRun) {
  bool ran = false;
  const auto id = loop_->AddTimer(In(0), [&] { ran = true; });
  loop_->CancelTimer(id);
  loop_->CancelTimer(id);  // harmless
  loop_->AddTimer(In(1), [&] { loop_->Stop(); });
  loop_->Run();
  EXPECT_FALSE(ran);
}

TEST_F(EventLoopTest, ATimerMayCancelAnotherThatIsDue) {
  bool ran = false;
  EventLoop::TimerId second = 0;
  loop_->AddTimer(In(0), [&] { loop_->CancelTimer(second); });
  second = loop_->AddTimer(In(0), [&] { ran = true; });
  loop_->AddTimer(In(2), [&] { loop_->Stop(); });
  loop_->Run();
  EXPECT_FALSE(ran);
}

TEST_F(EventLoopTest, ATimerThatRearmsForNowLetsSocketsRun) {
  SendByte();
  int turns = 0;
  std::function<void()> again = [&] {
    ++turns;
    loop_->AddTimer(loop_->Now(), again);
  };
  loop_->AddTimer(In(0), again);
  ASSERT_TRUE(loop_->Watch(pair_[0], EventLoop::kReadable, [&](uint32_t) { loop_->Stop(); }));
  loop_->Run();
  EXPECT_LT(turns, 1000);
}

TEST_F(EventLoopTest, TellsReadableAndWritable) {
  uint32_t seen = 0;
  SendByte();
  ASSERT_TRUE(loop_->Watch(pair_[0], EventLoop::kReadable | EventLoop::kWritable, [&](uint32_t events) {
    seen = events;
    loop_->Stop();
  }));
  loop_->Run();
  EXPECT_EQ(seen, EventLoop::kReadable | EventLoop::kWritable);
}

TEST_F(EventLoopTest, UnwatchFromAnotherCallbackOfTheSameTurnHolds) {
  int other[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, other), 0);
  SendByte();
  ASSERT_EQ(write(other[1], "x", 1), 1);
  int ran = 0;
  const auto only_one = [&](int remove) {
    return [&, remove](uint32_t) {
      ++ran;
      loop_->Unwatch(remove);
      loop_->Stop();
    };
  };
  ASSERT_TRUE(loop_->Watch(pair_[0], EventLoop::kReadable, only_one(other[0])));
  ASSERT_TRUE(loop_->Watch(other[0], EventLoop::kReadable, only_one(pair_[0])));
  loop_->Run();
  EXPECT_EQ(ran, 1);
  close(other[0]);
  close(other[1]);
}

TEST_F(EventLoopTest, ACallbackMayRemoveItself) {
  SendByte();
  ASSERT_TRUE(loop_->Watch(pair_[0], EventLoop::kReadable, [&](uint32_t) {
    loop_->Unwatch(pair_[0]);
    loop_->Stop();
  }));
  loop_->Run();
}

TEST_F(EventLoopTest, RefusesADescriptorEpollCannotWatch) {
  EXPECT_FALSE(loop_->Watch(-1, EventLoop::kReadable, [](uint32_t) {}));
}

TEST_F(EventLoopTest, RunsTasksOfOtherThreadsInOrder) {
  std::vector<int> order;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(loop_->Post([&order, i] { order.push_back(i); }));
    EXPECT_TRUE(loop_->Post([this] { loop_->Stop(); }));
  });
  loop_->Run();
  other.join();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST_F(EventLoopTest, PostIsBounded) {
  for (size_t i = 0; i < EventLoop::kMaxPosted; ++i) ASSERT_TRUE(loop_->Post([] {}));
  EXPECT_FALSE(loop_->Post([] {}));
}

TEST_F(EventLoopTest, StopBeforeRunHolds) {
  loop_->Stop();
  loop_->Run();
}

}  // namespace
}  // namespace picket
