#include "port/event_loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace picket {
namespace {

constexpr int kMaxEventsPerTurn = 64;

// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

class EpollLoop : public EventLoop {
 public:
  EpollLoop(const Clock& clock, int epoll, int wake, int timer)
      : clock_(clock), epoll_(epoll), wake_(wake), timer_(timer), now_(clock.Boot()) {}

  Status Init() {
    if (epoll_.get() < 0) return Fail(ErrorCode::kIo, "epoll_create1: %s", strerror(errno));
    if (wake_.get() < 0) return Fail(ErrorCode::kIo, "eventfd: %s", strerror(errno));
    if (timer_.get() < 0) return Fail(ErrorCode::kIo, "timerfd_create: %s", strerror(errno));
    if (auto watched = Watch(wake_.get(), kReadable, [this](uint32_t) { RunPosted(); }); !watched) return watched;
    return Watch(timer_.get(), kReadable, [this](uint32_t) {
      uint64_t expirations;
      // Only the level is of interest; due timers run after every turn anyway.
      while (read(timer_.get(), &expirations, sizeof expirations) < 0 && errno == EINTR) {
      }
      armed_for_.reset();
    });
  }

  Status Watch(int fd, uint32_t events, FdCallback callback) override {
    epoll_event event = {};
    event.events = (events & kReadable ? EPOLLIN : 0u) | (events & kWritable ? EPOLLOUT : 0u);
    // The generation tells an event that was collected for an earlier watch of the same number from one
    // for this watch: descriptors are reused at once by the kernel.
    const uint32_t generation = ++next_generation_;
    event.data.u64 = static_cast<uint64_t>(generation) << 32 | static_cast<uint32_t>(fd);
    const bool known = watches_.contains(fd);
    int failed = epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    // The owner may have closed and reopened the number, or the reverse, without Unwatch.
    if (failed && errno == ENOENT) failed = epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    if (failed && errno == EEXIST) failed = epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
    if (failed) return Fail(ErrorCode::kIo, "epoll_ctl(%d): %s", fd, strerror(errno));
    watches_[fd] = {generation, std::make_shared<FdCallback>(std::move(callback))};
    return {};
  }

  void Unwatch(int fd) override {
    if (watches_.erase(fd) == 0) return;
    epoll_event unused = {};
    // EBADF, ENOENT: closed before Unwatch, and so gone from the epoll set already.
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &unused);
  }

  TimerId AddTimer(BootTime when, TimerCallback callback) override {
    const TimerId id = ++next_timer_;
    timers_.emplace(std::pair(when, id), std::move(callback));
    timer_due_.emplace(id, when);
    return id;
  }

  void CancelTimer(TimerId id) override {
    auto due = timer_due_.find(id);
    if (due == timer_due_.end()) return;
    timers_.erase({due->second, id});
    timer_due_.erase(due);
  }

  bool Post(Task task) override {
    {
      const std::lock_guard lock(posted_mutex_);
      if (posted_.size() >= kMaxPosted) return false;
      posted_.push_back(std::move(task));
    }
    Wake();
    return true;
  }

  void Run() override {
    while (!stop_.load(std::memory_order_acquire)) {
      ArmTimer();
      epoll_event events[kMaxEventsPerTurn];
      const int n = epoll_wait(epoll_.get(), events, kMaxEventsPerTurn, -1);
      now_ = clock_.Boot();
      for (int i = 0; i < n; ++i) Dispatch(events[i]);
      RunDueTimers();
      NoteStall(clock_.Boot() - now_);
    }
  }

  void Stop() override {
    stop_.store(true, std::memory_order_release);
    Wake();
  }

  BootTime Now() const override { return now_; }

  std::chrono::microseconds TakeMaxStall() override {
    return std::chrono::microseconds(max_stall_us_.exchange(0, std::memory_order_relaxed));
  }

 private:
  struct WatchEntry {
    uint32_t generation = 0;
    std::shared_ptr<FdCallback> callback;  // shared: a callback may replace or remove its own watch
  };

  void Wake() {
    const uint64_t one = 1;
    // EAGAIN: the counter is full, so the loop is awake already.
    while (write(wake_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
  }

  void Dispatch(const epoll_event& event) {
    const int fd = static_cast<int>(event.data.u64 & UINT32_MAX);
    const auto watch = watches_.find(fd);
    if (watch == watches_.end() || watch->second.generation != event.data.u64 >> 32) return;
    uint32_t ready = 0;
    if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) ready |= kReadable;
    if (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) ready |= kWritable;
    const std::shared_ptr<FdCallback> callback = watch->second.callback;
    (*callback)(ready);
  }

  void RunPosted() {
    uint64_t count;
    while (read(wake_.get(), &count, sizeof count) < 0 && errno == EINTR) {
    }
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(posted_mutex_);
      tasks.swap(posted_);
    }
    for (Task& task : tasks) task();
  }

  // Only timers that were due when the turn began: one that re-arms itself for now waits a turn, so that
  // sockets get theirs.
  void RunDueTimers() {
    const std::pair limit(now_, next_timer_);
    while (!timers_.empty() && timers_.begin()->first <= limit) {
      auto node = timers_.extract(timers_.begin());
      timer_due_.erase(node.key().second);
      node.mapped()();
    }
  }

  // A timerfd on CLOCK_BOOTTIME, not epoll's timeout: that one is in whole milliseconds and stands still
  // while the machine sleeps.
  void ArmTimer() {
    std::optional<BootTime> next;
    if (!timers_.empty()) next = timers_.begin()->first.first;
    if (next == armed_for_) return;
    itimerspec spec = {};
    if (next) {
      const int64_t us = std::max<int64_t>(next->since_boot.count(), 1);  // 0 would disarm
      spec.it_value.tv_sec = us / 1'000'000;
      spec.it_value.tv_nsec = us % 1'000'000 * 1000;
    }
    if (timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0) armed_for_ = next;
  }

  void NoteStall(std::chrono::microseconds turn) {
    int64_t seen = max_stall_us_.load(std::memory_order_relaxed);
    while (turn.count() > seen && !max_stall_us_.compare_exchange_weak(seen, turn.count())) {
    }
  }

  const Clock& clock_;
  const Fd epoll_, wake_, timer_;
  BootTime now_;
  std::optional<BootTime> armed_for_;

  std::unordered_map<int, WatchEntry> watches_;
  uint32_t next_generation_ = 0;

  std::map<std::pair<BootTime, TimerId>, TimerCallback> timers_;
  std::unordered_map<TimerId, BootTime> timer_due_;
  TimerId next_timer_ = 0;

  std::mutex posted_mutex_;
  std::vector<Task> posted_;  // at most kMaxPosted

  std::atomic<bool> stop_{false};
  std::atomic<int64_t> max_stall_us_{0};
};

}  // namespace

Expected<std::unique_ptr<EventLoop>> EventLoop::Create(const Clock& clock) {
  auto loop = std::make_unique<EpollLoop>(clock, epoll_create1(EPOLL_CLOEXEC),
                                          eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                          timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (Status ready = loop->Init(); !ready) return std::unexpected(std::move(ready).error());
  return std::unique_ptr<EventLoop>(std::move(loop));
}

}  // namespace picket
