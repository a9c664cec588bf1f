#include "agent/keeper/keeper.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "agent/forward/producer.h"
#include "agent/keeper/keeper_core.h"
#include "agent/keeper/probe_queue.h"
#include "agent/keeper/stdout_keeper.h"
#include "agent/spool/spool.h"
#include "port/event_loop.h"
#include "port/thread_name.h"

namespace picket {
namespace {

// Probes taken from the queue between two looks at Kafka and the spool.
constexpr size_t kProbesATurn = 64;
// What is still unacknowledged after this goes to the spool; the rest of the grace is for writing it.
constexpr std::chrono::milliseconds kLastAcknowledgements{1500};
constexpr std::chrono::milliseconds kLastLook{20};

class KeeperThread : public Keeper {
 public:
  KeeperThread(const KeeperOptions& options, const Clock& clock, Entropy& entropy, Logger& logger,
               std::unique_ptr<EventLoop> loop, std::unique_ptr<Spool> spool)
      : clock_(clock),
        logger_(logger),
        kafka_(options.kafka),
        loop_(std::move(loop)),
        spool_(std::move(spool)),
        core_(
            options, clock, entropy, logger, *spool_,
            [this, options, &clock, &logger](Producer::Callbacks callbacks) {
              return Producer::Create({.kafka = kafka_,
                                       .client_id = "picket-" + options.agent,
                                       .queue_records = options.buffer.window_records,
                                       .queue_bytes = KeeperParts::WindowBytes(options.buffer)},
                                      clock, logger, std::move(callbacks));
            },
            metrics_) {}

  ~KeeperThread() override { (void)Stop(std::chrono::milliseconds(0)); }

  Status Open() {
    if (Status opened = core_.Open(); !opened) return opened;
    thread_ = std::thread([this] {
      NameThisThread("keeper");
      Turn();
      loop_->Run();
    });
    return {};
  }

  bool HasRoom() const override { return queue_.HasRoom(); }
  void CountSkipped(uint64_t probes) override { metrics_.probes_skipped += probes; }

  void Submit(FinishedProbe probe) override {
    if (!queue_.Push(std::move(probe))) {
      CountSkipped(1);
      return;
    }
    metrics_.queue_records = queue_.Size();
    // One wake-up is enough for all that is queued until it is answered.
    if (!woken_.exchange(true) && !loop_->Post([this] { Turn(); })) woken_ = false;
  }

  void Change(KeeperChanges changes, std::function<void(Status)> done) override {
    const auto refused = done;
    const bool posted = loop_->Post([this, changes = std::move(changes), done = std::move(done)] {
      if (stopping_) return done(Fail(ErrorCode::kUnavailable, "the agent is stopping"));
      const KafkaSettings before = std::exchange(kafka_, changes.kafka);
      const Status changed = core_.Change(changes);
      if (!changed) kafka_ = before;
      done(changed);
      Turn();
    });
    if (!posted) refused(Fail(ErrorCode::kUnavailable, "the keeper's thread is behind; try again"));
  }

  // At most one question waits.
  void AskForBeat() override {
    if (beat_asked_.exchange(true)) return;
    const bool posted = loop_->Post([this] {
      beat_asked_ = false;
      ++metrics_.beats;
    });
    if (!posted) beat_asked_ = false;
  }

  Status Stop(std::chrono::milliseconds grace) override {
    if (!thread_.joinable()) return stopped_;
    loop_->Post([this, grace] {
      deadline_ = clock_.Boot() + std::min(grace / 2, kLastAcknowledgements);
      TakeProbes(SIZE_MAX);
      core_.BeginStop();
      stopping_ = true;
      FinishWhenSettled();
    });
    thread_.join();
    ProducerLink& link = core_.link();
    link.Close();
    const BootTime until = clock_.Boot() + grace / 4;
    while (!link.Buried() && clock_.Boot() < until) std::this_thread::sleep_for(kLastLook);
    if (!link.Buried()) link.Abandon();
    return stopped_;
  }

  const KeeperMetrics& Metrics() const override { return metrics_; }
  KeeperSnapshot Snapshot() const override {
    return {.kafka = core_.health().State(), .buffer = core_.BufferStats()};
  }
  std::vector<std::pair<std::string, uint64_t>> KafkaErrors() const override {
    return core_.health().ErrorCounts();
  }

 private:
  // Everything from here on runs on the keeper's thread.

  void Turn() {
    woken_ = false;
    // A late acknowledgement must not take the timer from the end that waits for it.
    if (stopping_) return FinishWhenSettled();
    const size_t taken = TakeProbes(kProbesATurn);
    const std::optional<BootTime> next = core_.Turn();
    WatchProducer();
    loop_->CancelTimer(timer_);
    timer_ = 0;
    if (taken == kProbesATurn) {
      timer_ = loop_->AddTimer(clock_.Boot(), [this] { Turn(); });
    } else if (next) {
      timer_ = loop_->AddTimer(*next, [this] { Turn(); });
    }
  }

  size_t TakeProbes(size_t most) {
    if (!core_.Ready()) return 0;
    std::vector<FinishedProbe> probes = queue_.Take(most);
    for (FinishedProbe& probe : probes) core_.Accept(std::move(probe));
    metrics_.queue_records = queue_.Size();
    return probes.size();
  }

  // A new producer may have its predecessor's number: there is a turn without any in between, which unwatches
  // it.
  void WatchProducer() {
    const int fd = core_.EventFd();
    if (fd == watched_) return;
    if (watched_ >= 0) loop_->Unwatch(watched_);
    watched_ = fd;
    if (fd < 0) return;
    if (const Status watching = loop_->Watch(fd, EventLoop::kReadable, [this](uint32_t) { Turn(); });
        !watching) {
      logger_.Error("keeper", "Kafka's reports cannot be waited for: %s", watching.error().message.c_str());
      watched_ = -1;
    }
  }

  void FinishWhenSettled() {
    if (finished_) return;
    core_.Turn();
    WatchProducer();
    loop_->CancelTimer(timer_);
    if (!core_.Settled() && clock_.Boot() < deadline_) {
      timer_ = loop_->AddTimer(clock_.Boot() + kLastLook, [this] { FinishWhenSettled(); });
      return;
    }
    finished_ = true;
    stopped_ = core_.FinishStop();
    loop_->Stop();
  }

  const Clock& clock_;
  Logger& logger_;
  KeeperMetrics metrics_;
  ProbeQueue queue_{kMaxQueuedProbes, kMaxQueuedProbes, kMaxQueuedBytes};
  std::atomic<bool> woken_{false};
  std::atomic<bool> beat_asked_{false};
  KafkaSettings kafka_;  // what the next producer is made of
  const std::unique_ptr<EventLoop> loop_;
  const std::unique_ptr<Spool> spool_;
  KeeperCore core_;
  EventLoop::TimerId timer_ = 0;
  int watched_ = -1;
  bool stopping_ = false;
  bool finished_ = false;
  BootTime deadline_;
  Status stopped_;
  std::thread thread_;
};

}  // namespace

Expected<std::unique_ptr<Keeper>> Keeper::Start(KeeperOptions options, const Clock& clock, Entropy& entropy,
                                                Logger& logger) {
  if (options.to_stdout) return StartStdoutKeeper(std::move(options), clock, entropy, logger);
  Expected<std::unique_ptr<EventLoop>> loop = EventLoop::Create(clock);
  if (!loop) return std::unexpected(std::move(loop).error());
  Expected<std::unique_ptr<Spool>> spool =
      Spool::Open({.path = options.buffer.path, .max_bytes = options.buffer.max_bytes}, clock, logger);
  if (!spool) {
    Error error = std::move(spool).error().WithContext("buffer.path");
    // Another agent's buffer is no fault of the disk.
    if (error.code != ErrorCode::kAlreadyExists) error.message += std::string(": ") + BufferCure(error.code);
    return std::unexpected(std::move(error));
  }
  auto keeper =
      std::make_unique<KeeperThread>(options, clock, entropy, logger, *std::move(loop), *std::move(spool));
  if (Status opened = keeper->Open(); !opened) return std::unexpected(std::move(opened).error());
  return std::unique_ptr<Keeper>(std::move(keeper));
}

}  // namespace picket
