#include "agent/keeper/stdout_keeper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "agent/keeper/probe_queue.h"
#include "agent/keeper/stamper.h"
#include "record/envelope.h"
#include "record/probe_result.h"

namespace picket {
namespace {

constexpr size_t kProbesATurn = 64;
// A pipe that poll(2) calls writable takes so much without blocking (PIPE_BUF on Linux).
constexpr size_t kPieceBytes = 4096;
constexpr int kLookMs = 100;
constexpr std::chrono::milliseconds kEntropyRetry{200};

class StdoutKeeper : public Keeper {
 public:
  StdoutKeeper(KeeperOptions options, const Clock& clock, Entropy& entropy, Logger& logger)
      : options_(std::move(options)), entropy_(entropy), logger_(logger), stamper_(clock) {
    thread_ = std::thread([this] { Run(); });
  }
  ~StdoutKeeper() override { (void)Stop(std::chrono::milliseconds(0)); }

  bool HasRoom() const override { return queue_.HasRoom(); }
  void CountSkipped(uint64_t probes) override { metrics_.probes_skipped += probes; }

  void Submit(FinishedProbe probe) override {
    if (!queue_.Push(std::move(probe))) CountSkipped(1);
    metrics_.queue_records = queue_.Size();
    Wake();
  }

  void Change(KeeperChanges, std::function<void(Status)> done) override { done({}); }
  // A reader that does not read is no reason to be restarted.
  void AskForBeat() override { ++metrics_.beats; }

  Status Stop(std::chrono::milliseconds grace) override {
    if (!thread_.joinable()) return {};
    give_up_after_ms_ = grace.count();
    stopping_ = true;
    Wake();
    thread_.join();
    return {};
  }

  const KeeperMetrics& Metrics() const override { return metrics_; }
  KeeperSnapshot Snapshot() const override { return {}; }
  std::vector<std::pair<std::string, uint64_t>> KafkaErrors() const override { return {}; }

 private:
  void Wake() {
    {
      const std::lock_guard lock(mutex_);
    }
    wake_.notify_one();
  }

  void Run() {
    while (!OpenLane()) {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kEntropyRetry, [this] { return stopping_.load(); })) return;
    }
    while (true) {
      std::vector<FinishedProbe> probes = queue_.Take(kProbesATurn);
      metrics_.queue_records = queue_.Size();
      for (FinishedProbe& probe : probes) {
        if (!Print(&probe)) return;
      }
      std::unique_lock lock(mutex_);
      if (stopping_ && queue_.Size() == 0) return;
      wake_.wait(lock, [this] { return stopping_ || queue_.Size() > 0; });
    }
  }

  bool OpenLane() {
    const Expected<uint64_t> epoch = RandomEpoch(entropy_);
    if (!epoch) return false;
    lane_ = {.agent = options_.agent, .epoch = *epoch, .stream = std::string(kProbeStream)};
    return true;
  }

  bool Print(FinishedProbe* probe) {
    if (options_.check) options_.check(probe);
    switch (probe->result.outcome) {
      case Outcome::kUp:
        ++metrics_.probes_up;
        break;
      case Outcome::kDown:
        ++metrics_.probes_down;
        break;
      case Outcome::kUnknown:
        ++metrics_.probes_unknown;
        break;
    }
    std::string body;
    AppendProbeBody(probe->result, &body);
    std::string line;
    AppendMessage(lane_, stamper_.Stamp(std::move(body), probe->started_wall, probe->started_boot), &line);
    ++metrics_.stamped_probe;
    line += '\n';
    if (!WriteAll(line)) return false;
    ++metrics_.acknowledged_probe;
    return true;
  }

  // False: the output is gone, or the end came while nobody read.
  bool WriteAll(std::string_view text) {
    int64_t waited_ms = 0;
    while (!text.empty()) {
      pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      const int ready = poll(&out, 1, kLookMs);
      if (ready == 0 || (ready < 0 && errno == EINTR)) {
        waited_ms += kLookMs;
        if (stopping_ && waited_ms >= give_up_after_ms_) return false;
        continue;
      }
      const ssize_t written = write(STDOUT_FILENO, text.data(), std::min(text.size(), kPieceBytes));
      if (written >= 0) {
        text.remove_prefix(static_cast<size_t>(written));
      } else if (errno != EINTR && errno != EAGAIN) {
        OutputClosed(errno);
        return false;
      }
    }
    return true;
  }

  void OutputClosed(int error) {
    if (error != EPIPE) logger_.Error("keeper", "cannot write to standard output: %s", strerror(error));
    if (options_.on_output_closed) options_.on_output_closed();
  }

  const KeeperOptions options_;
  Entropy& entropy_;
  Logger& logger_;
  KeeperMetrics metrics_;
  ProbeQueue queue_{kMaxQueuedProbes, kMaxQueuedProbes, kMaxQueuedBytes};
  Stamper stamper_;
  Lane lane_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> give_up_after_ms_{0};
  std::thread thread_;
};

}  // namespace

Expected<std::unique_ptr<Keeper>> StartStdoutKeeper(KeeperOptions options, const Clock& clock,
                                                    Entropy& entropy, Logger& logger) {
  return std::unique_ptr<Keeper>(std::make_unique<StdoutKeeper>(std::move(options), clock, entropy, logger));
}

}  // namespace picket
