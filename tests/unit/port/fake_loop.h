// A loop that a test turns by hand.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "port/event_loop.h"
#include "tests/unit/port/fakes.h"

namespace picket {

// Timers and tasks, on the test's clock. RunUntil lets time pass from timer to timer.
class FakeLoop : public EventLoop {
 public:
  explicit FakeLoop(FakeClock& clock) : clock_(clock) {}

  Status Watch(int, uint32_t, FdCallback) override { return {}; }
  void Unwatch(int) override {}
  TimerId AddTimer(BootTime when, TimerCallback callback) override {
    timers_.emplace(std::pair(when, ++last_), std::move(callback));
    return last_;
  }
  void CancelTimer(TimerId id) override {
    std::erase_if(timers_, [id](const auto& timer) { return timer.first.second == id; });
  }
  bool Post(Task task) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    return true;
  }
  void Run() override {}
  void Stop() override {}
  BootTime Now() const override { return clock_.Boot(); }
  std::chrono::microseconds TakeMaxStall() override { return {}; }

  // Runs what was posted; how many there were.
  size_t RunPosted() {
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(posted_);
    }
    for (Task& task : tasks) task();
    return tasks.size();
  }

  void RunUntil(BootTime end) {
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      auto timer = timers_.extract(timers_.begin());
      if (timer.key().first > clock_.boot) clock_.boot = timer.key().first;
      timer.mapped()();
    }
    if (end > clock_.boot) clock_.boot = end;
  }
  // What is due now, as one turn of a loop would: timers armed meanwhile wait.
  void RunTurn() {
    const std::pair limit(clock_.boot, last_);
    while (!timers_.empty() && timers_.begin()->first <= limit) timers_.extract(timers_.begin()).mapped()();
  }
  void RunFor(std::chrono::microseconds time) { RunUntil(clock_.boot + time); }
  size_t Timers() const { return timers_.size(); }

 private:
  FakeClock& clock_;
  std::map<std::pair<BootTime, TimerId>, TimerCallback> timers_;
  TimerId last_ = 0;
  std::mutex mutex_;
  std::vector<Task> posted_;
};

}  // namespace picket
