// One thread, one epoll: file descriptors, timers, and work posted from other threads.
// The loop thread of the agent and its keeper thread each run one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "port/clock.h"
#include "port/error.h"

namespace picket {

class EventLoop {
 public:
  enum Events : uint32_t { kReadable = 1, kWritable = 2 };
  using FdCallback = std::function<void(uint32_t events)>;  // kReadable | kWritable; errors set both
  using TimerCallback = std::function<void()>;
  using Task = std::function<void()>;
  using TimerId = uint64_t;  // 0 is never a timer

  // Bound on tasks posted and not yet run.
  static constexpr size_t kMaxPosted = 4096;

  static Expected<std::unique_ptr<EventLoop>> Create(const Clock& clock);
  virtual ~EventLoop() = default;

  // Watches `fd` for `events`, replacing what was watched before. The caller keeps the fd open until
  // Unwatch. kIo when epoll_ctl fails (e.g. EPERM for a regular file).
  virtual Status Watch(int fd, uint32_t events, FdCallback callback) = 0;
  // No callback of `fd` runs after this returns, also when its event was already collected.
  virtual void Unwatch(int fd) = 0;

  // Runs `callback` once, not before `when`. Timers are on CLOCK_BOOTTIME: after a suspend those that
  // became due run once. Returns an id for CancelTimer.
  virtual TimerId AddTimer(BootTime when, TimerCallback callback) = 0;
  // Harmless for a timer that has run or is unknown.
  virtual void CancelTimer(TimerId id) = 0;

  // From any thread: runs `task` on the loop's thread. False when kMaxPosted tasks are waiting:
  // the caller counts what it gives up, nothing blocks.
  virtual bool Post(Task task) = 0;

  // Runs until Stop. Stop may be called from any thread and before Run.
  virtual void Run() = 0;
  virtual void Stop() = 0;

  // Time of the last return from epoll_wait: cheap "now" for callbacks of the loop's own thread.
  virtual BootTime Now() const = 0;
  // The longest time one turn of callbacks has taken since the last call: the loop's own stall,
  // which a probe would see as network time. Resets on read; safe from any thread.
  virtual std::chrono::microseconds TakeMaxStall() = 0;
};

}  // namespace picket
