#include "agent/cli/run_command.h"

#include <signal.h>

#include <chrono>
#include <memory>
#include <utility>

#include "agent/check/checker.h"
#include "agent/cli/identity.h"
#include "agent/keeper/keeper.h"
#include "agent/probe/prober.h"
#include "agent/schedule/scheduler.h"
#include "agent/serve/http_server.h"
#include "agent/serve/metrics.h"
#include "port/event_loop.h"
#include "port/signals.h"

namespace picket {
namespace {

// Leaves a second of the five a service manager is promised for what comes after the keeper.
constexpr std::chrono::milliseconds kStopGrace{4000};
constexpr std::chrono::seconds kEntropyRetry{1};

// The loop thread's stages and what connects them to the keeper.
class Agent {
 public:
  Agent(const AgentConfig& config, const RunOptions& options, EventLoop& loop, const Clock& clock,
        Entropy& entropy, Logger& logger)
      : config_(config), options_(options), loop_(loop), clock_(clock), entropy_(entropy), logger_(logger) {}

  // Starts as soon as the kernel has entropy: without it there is no epoch and no TLS, and early in the boot of a router
  // that takes a while. The loop runs meanwhile, so that a signal is heard.
  void StartWhenReady() {
    uint8_t probe[1];
    const Status ready = entropy_.Fill(probe);
    if (!ready && ready.error().code == ErrorCode::kUnavailable) {
      if (!waiting_) logger_.Warning("config", "%s: waiting before anything is probed", ready.error().message.c_str());
      waiting_ = true;
      loop_.AddTimer(loop_.Now() + kEntropyRetry, [this] { StartWhenReady(); });
      return;
    }
    started_ = ready ? Start() : ready;
    if (!started_) loop_.Stop();
  }

  // In the order data flows: nothing new is started, what is under way is given up, the keeper saves.
  // Returns what went wrong at the start, else at the end.
  Status Stop() {
    server_.reset();
    prober_.reset();
    scheduler_.reset();
    const Status stopped = keeper_ ? keeper_->Stop(kStopGrace) : Status{};
    return started_ ? stopped : started_;
  }

 private:
  // The keeper goes first, so that nothing is submitted into nothing, and so that of two agents with one configuration
  // the second is told about the buffer, not about the port.
  Status Start() {
    auto id = ResolveId();
    if (!id) return std::unexpected(std::move(id).error());
    id_ = *id;
    logger_.Info("config", "picket %s, agent %s, sites: %zu", options_.version.c_str(), id_.c_str(),
                 config_.sites.size());
    if (Status started = StartKeeper(); !started) return started;
    auto prober = Prober::Create(loop_, clock_, logger_,
                                 {.ca_file = config_.site_ca_file, .user_agent = "picket/" + options_.version});
    if (!prober) return std::unexpected(std::move(prober).error());
    prober_ = std::move(*prober);
    // A first look with --stdout must not fail because another agent has the port.
    if (!config_.serve.listen.empty() && !options_.to_stdout) {
      auto server = HttpServer::Listen(loop_, logger_, config_.serve.listen,
                                       [this](std::string_view path) { return Serve(path); });
      if (!server) return std::unexpected(std::move(server).error());
      server_ = std::move(*server);
      logger_.Info("serve", "metrics on http://%s/metrics", server_->Address().c_str());
    }
    scheduler_ = std::make_unique<Scheduler>(
        loop_, clock_, config_.sites, id_,
        Scheduler::Hooks{.has_room = [this] { return keeper_->HasRoom(); },
                         .start = [this](const SitePtr& site) { return StartProbe(site); },
                         .skipped = [this](Scheduler::Skip, uint64_t turns) { CountSkipped(turns); }});
    scheduler_->Start();
    return {};
  }

  // With --stdout nothing is kept, so an id that cannot be kept is good enough.
  Expected<std::string> ResolveId() {
    auto id = ResolveAgentId(config_.agent, options_.state_directory, entropy_, logger_);
    if (id || !options_.to_stdout) return id;
    logger_.Warning("config", "%s; using one for this run only", id.error().message.c_str());
    return RandomUuid(entropy_);
  }

  Status StartKeeper() {
    KeeperOptions keeper_options{
        .agent = id_,
        .kafka = config_.kafka,
        .buffer = config_.buffer,
        .version = options_.version,
        .to_stdout = options_.to_stdout,
        .check = [checker = std::make_shared<Checker>()](FinishedProbe* probe) { checker->Check(probe); },
        .on_output_closed = [this] { loop_.Stop(); },
    };
    auto keeper = Keeper::Start(std::move(keeper_options), clock_, entropy_, logger_);
    if (!keeper) return std::unexpected(std::move(keeper).error());
    keeper_ = std::move(*keeper);
    return {};
  }

  bool StartProbe(const SitePtr& site) {
    return prober_->Start(site, [this](FinishedProbe probe) {
      scheduler_->Finished(*probe.site);
      keeper_->Submit(std::move(probe));
    });
  }

  void CountSkipped(uint64_t turns) {
    skipped_ += turns;
    keeper_->CountSkipped(turns);
  }

  HttpResponse Serve(std::string_view path) {
    if (path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
    if (path == "/metrics") {
      const LoopMetrics loop{.probes_skipped_total = skipped_,
                             .probes_in_flight = prober_->InFlight(),
                             .max_stall = loop_.TakeMaxStall()};
      return {200, "text/plain; version=0.0.4; charset=utf-8",
              RenderMetrics(options_.version, id_, *keeper_, loop)};
    }
    return {404, "text/plain; charset=utf-8", "picket: /metrics and /healthz\n"};
  }

  const AgentConfig& config_;
  const RunOptions& options_;
  EventLoop& loop_;
  const Clock& clock_;
  Entropy& entropy_;
  Logger& logger_;
  std::string id_;
  bool waiting_ = false;
  uint64_t skipped_ = 0;  // probes due and not started
  Status started_;
  // Each uses those above it.
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Prober> prober_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

Status RunAgent(const AgentConfig& config, const RunOptions& options, const Clock& clock, Entropy& entropy,
                Logger& logger) {
  auto loop = EventLoop::Create(clock);
  if (!loop) return std::unexpected(std::move(loop).error());
  auto signals = SignalWatch::Create(**loop, [&](int number) {
    if (number == SIGHUP) {
      logger.Warning("config", "SIGHUP: the configuration is read at the start only; restart to apply changes");
      return;
    }
    logger.Info("config", "%s: stopping", number == SIGINT ? "SIGINT" : "SIGTERM");
    (*loop)->Stop();
  });
  if (!signals) return std::unexpected(std::move(signals).error());

  Agent agent(config, options, **loop, clock, entropy, logger);
  (*loop)->AddTimer(clock.Boot(), [&agent] { agent.StartWhenReady(); });
  (*loop)->Run();
  return agent.Stop();
}

}  // namespace picket
