// Reads the configuration anew while the agent runs: parse, validate, swap. What is wrong changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/config/reload.h"
#include "agent/probe/tls_trust.h"
#include "port/event_loop.h"
#include "port/log.h"

namespace picket {

// A configuration that may be applied, with what it takes to do so.
struct PreparedReload {
  MergedConfig merged;
  std::vector<std::string> warnings;        // of the configuration, a line each
  std::unique_ptr<const TrustStore> trust;  // the sites' authorities
};

struct ReloadReport {
  Status result;  // an error: nothing has changed. kConfig has a line for each
  ConfigChanges changes;
  std::vector<std::string> warnings;
};

// The reply to `reload`.
std::string ReloadReply(const ReloadReport& report);

class Reloader {
 public:
  // Requests that wait while one is at work; a further one is refused with kResourceExhausted.
  static constexpr size_t kMaxWaiting = 16;

  struct Hooks {
    // On a thread of its own, since it reads files: a slow disk must not look like a slow site. May run while
    // the agent ends: it owns what it uses, but for `running`.
    std::function<Expected<PreparedReload>(const LoadedConfig& running)> prepare;
    // On the loop's thread: all or nothing. `done` is called once, on the loop's thread.
    std::function<void(PreparedReload prepared, std::function<void(Status)> done)> apply;
  };
  using Done = std::function<void(const ReloadReport& report)>;

  // Both must outlive the reloader.
  Reloader(EventLoop& loop, Logger& logger, std::shared_ptr<const LoadedConfig> running, Hooks hooks);
  // Waits for the thread.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // On the loop's thread. Reads the files after this call at the earliest; logs what comes of it; then runs
  // `done` on the loop's thread.
  void Request(Done done);

  const LoadedConfig& running() const { return *running_; }
  uint64_t applied() const { return applied_; }
  uint64_t refused() const { return refused_; }
  bool last_successful() const { return last_successful_; }
  // Keys that the last reload could not apply.
  const std::vector<std::string>& restart_needed() const { return restart_needed_; }

 private:
  void Begin();
  void Prepared(Expected<PreparedReload> prepared);
  void End(ReloadReport report);

  EventLoop& loop_;
  Logger& logger_;
  std::shared_ptr<const LoadedConfig> running_;
  const Hooks hooks_;
  std::vector<Done> served_;   // by the reload at work; not empty: one is
  std::vector<Done> waiting_;  // for the next: files may have changed since that one read them
  std::thread thread_;
  uint64_t applied_ = 0, refused_ = 0;
  bool last_successful_ = true;
  std::vector<std::string> restart_needed_;
};

}  // namespace picket
