// The keeper thread: everything that may block on disk, and everything a record must survive.
// Takes finished probes from the loop, checks them, gives them identity and time, holds them in the
// window, spills them to the spool, forwards them to Kafka, drains the spool behind the present.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/keeper/cluster_state.h"
#include "agent/probe/prober.h"
#include "agent/spool/spool.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// Counters for /metrics, written by the keeper, read by the loop thread.
struct KeeperMetrics {
  std::atomic<uint64_t> probes_up{0}, probes_down{0}, probes_unknown{0};
  std::atomic<uint64_t> stamped_probe{0}, stamped_status{0};
  std::atomic<uint64_t> acknowledged_probe{0}, acknowledged_status{0};
  std::atomic<uint64_t> probes_skipped{0};
  std::atomic<uint64_t> spooled{0}, rejected{0}, evicted{0};
  std::atomic<uint64_t> facts_dropped{
      0};  // status records given up: their topic is refused, or memory is full
  std::atomic<uint64_t> spool_errors{0};  // operations of the spool that failed; of these:
  std::atomic<uint64_t> spool_full{0};     // no space
  std::atomic<uint64_t> spool_refused{0};  // no permission, or a read-only file system
  std::atomic<uint64_t> window_records{0}, queue_records{0};
  std::atomic<uint64_t> buffer_records{0}, buffer_bytes{0};
  std::atomic<bool> kafka_connected{false};
  std::atomic<uint64_t> beats{0};  // answers to AskForBeat
};

struct KeeperOptions {
  std::string agent;  // id, resolved
  KafkaSettings kafka;
  BufferConfig buffer;
  std::string version;
  bool to_stdout = false;  // print records on stdout (one JSON a line) instead of Kafka; no spool
  // Completes the verdict before a probe is stamped: the regexp. On the keeper's thread, which may take its
  // time.
  std::function<void(FinishedProbe*)> check;
  // With to_stdout: nobody reads any more (EPIPE; SIGPIPE must be ignored). Once, on the keeper's thread.
  std::function<void()> on_output_closed;
};

// What may change while it runs.
struct KeeperChanges {
  KafkaSettings kafka;        // the topic stays as it was
  bool new_producer = false;  // `kafka` has changed, or may have: a file that it names
  BufferConfig buffer;        // path, max_bytes and window_records stay as they were
};

// For people; as of the keeper's last turn.
struct KeeperSnapshot {
  ClusterState kafka;
  SpoolStats buffer;
};

class Keeper {
 public:
  // Bounds of the queue between loop and keeper.
  static constexpr size_t kMaxQueuedProbes = 1024;
  static constexpr size_t kMaxQueuedBytes = 4 << 20;

  // Opens the spool and starts the thread. kAlreadyExists: another agent holds the buffer; kConfig: a
  // property of librdkafka is refused; the errors of Spool::Open and Producer::Create otherwise. `clock`,
  // `entropy` and `logger` must outlive the keeper.
  static Expected<std::unique_ptr<Keeper>> Start(KeeperOptions options, const Clock& clock, Entropy& entropy,
                                                 Logger& logger);
  virtual ~Keeper() = default;

  // From the loop thread; never blocks. HasRoom is asked before a probe is started: false means the due
  // probe is skipped and counted with CountSkipped. Submit always takes what was started with room
  // (the queue's bound leaves space for the probes in flight).
  virtual bool HasRoom() const = 0;
  virtual void CountSkipped(uint64_t probes) = 0;
  virtual void Submit(FinishedProbe probe) = 0;

  // Takes over changed settings. `done` runs once on the keeper's thread, but not after Stop. On an error
  // (kConfig: a property of librdkafka is refused; kUnavailable: try again) nothing has changed.
  virtual void Change(KeeperChanges changes, std::function<void(Status)> done) = 0;

  // Asks the keeper's thread for a sign of life: Metrics().beats goes up when it turns.
  virtual void AskForBeat() = 0;

  // Stops in order: what is in the window and was not acknowledged within a moment goes to the spool,
  // lanes are ended clean. Takes at most `grace`. Nothing may be submitted after.
  virtual Status Stop(std::chrono::milliseconds grace) = 0;

  virtual const KeeperMetrics& Metrics() const = 0;
  // Safe from any thread. Of `run --stdout`: empty.
  virtual KeeperSnapshot Snapshot() const = 0;
  // {kind -> count} of Kafka errors, for picket_kafka_errors_total; safe from any thread.
  virtual std::vector<std::pair<std::string, uint64_t>> KafkaErrors() const = 0;
};

}  // namespace picket
