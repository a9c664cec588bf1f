#include "agent/cli/agent.h"

#include <unistd.h>

#include <utility>

#include "agent/check/checker.h"
#include "agent/cli/identity.h"
#include "agent/control/reply.h"
#include "agent/serve/metrics.h"
#include "port/seccomp.h"

namespace picket {
namespace {

// Leaves a second of the five a service manager is promised for what comes after the keeper.
constexpr std::chrono::milliseconds kStopGrace{4000};
constexpr std::chrono::seconds kEntropyRetry{1};

}  // namespace

Agent::Agent(std::shared_ptr<const LoadedConfig> config, const RunOptions& options, EventLoop& loop,
             ServiceManager& manager, const Clock& clock, Entropy& entropy, Logger& logger)
    : first_config_(std::move(config)),
      options_(options),
      loop_(loop),
      manager_(manager),
      clock_(clock),
      entropy_(entropy),
      logger_(logger),
      started_wall_(clock.Wall()),
      started_boot_(clock.Boot()) {}

void Agent::StartWhenReady() {
  uint8_t probe[1];
  const Status ready = entropy_.Fill(probe);
  if (!ready && ready.error().code == ErrorCode::kUnavailable) {
    const char* why = ready.error().message.c_str();
    if (!waiting_) logger_.Warning("config", "%s: waiting before anything is probed", why);
    waiting_ = true;
    loop_.AddTimer(loop_.Now() + kEntropyRetry, [this] { StartWhenReady(); });
    return;
  }
  started_ = ready ? Start() : ready;
  if (!started_) loop_.Stop();
}

Status Agent::Stop() {
  heartbeat_.reset();
  control_.reset();
  http_.reset();
  prober_.reset();
  scheduler_.reset();
  const Status stopped = keeper_ ? keeper_->Stop(kStopGrace) : Status{};
  return started_ ? stopped : started_;
}

// The keeper goes first, so that nothing is submitted into nothing, and so that of two agents with one
// configuration the second is told about the buffer, not about the port.
Status Agent::Start() {
  auto id = ResolveId();
  if (!id) return std::unexpected(std::move(id).error());
  id_ = *id;
  const AgentConfig& config = first_config_->config;
  logger_.Info("config", "picket %s, agent %s, sites: %zu", options_.version.c_str(), id_.c_str(),
               config.sites.size());
  board_.Replace(config.sites);
  if (Status started = StartKeeper(); !started) return started;
  auto prober = Prober::Create(loop_, clock_, logger_,
                               {.ca_file = config.site_ca_file, .user_agent = "picket/" + options_.version});
  if (!prober) return std::unexpected(std::move(prober).error());
  prober_ = std::move(*prober);
  StartReloader();
  if (Status started = StartServers(); !started) return started;
  scheduler_ = std::make_unique<Scheduler>(
      loop_, clock_, config.sites, id_,
      Scheduler::Hooks{.has_room = [this] { return keeper_->HasRoom(); },
                       .start = [this](const SitePtr& site) { return StartProbe(site); },
                       .skipped = [this](Scheduler::Skip, uint64_t turns) { CountSkipped(turns); }});
  scheduler_->Start();
  EnterSandbox();
  manager_.Ready(StatusLineNow());
  heartbeat_ = std::make_unique<Heartbeat>(
      loop_, manager_,
      Heartbeat::Hooks{.ask_keeper = [this] { keeper_->AskForBeat(); },
                       .keeper_answers = [this] { return keeper_->Metrics().beats.load(); },
                       .status = [this] { return StatusLineNow(); }});
  return {};
}

// With --stdout nothing is kept, so an id that cannot be kept is good enough.
Expected<std::string> Agent::ResolveId() {
  auto id = ResolveAgentId(first_config_->config.agent, options_.state_directory, entropy_, logger_);
  if (id || !options_.to_stdout) return id;
  logger_.Warning("config", "%s; using one for this run only", id.error().message.c_str());
  return RandomUuid(entropy_);
}

Status Agent::StartKeeper() {
  KeeperOptions keeper_options{
      .agent = id_,
      .kafka = first_config_->config.kafka,
      .buffer = first_config_->config.buffer,
      .version = options_.version,
      .to_stdout = options_.to_stdout,
      .check =
          [this, checker = std::make_shared<Checker>()](FinishedProbe* probe) {
            checker->Check(probe);
            board_.Note(*probe);
          },
      .on_output_closed = [this] { loop_.Stop(); },
  };
  auto keeper = Keeper::Start(std::move(keeper_options), clock_, entropy_, logger_);
  if (!keeper) return std::unexpected(std::move(keeper).error());
  keeper_ = std::move(*keeper);
  return {};
}

// A first look with --stdout must not fail because another agent has the port, and has no buffer to tell of.
Status Agent::StartServers() {
  if (options_.to_stdout) return {};
  const AgentConfig& config = first_config_->config;
  if (!config.serve.listen.empty()) {
    auto server = HttpServer::Listen(loop_, logger_, config.serve.listen,
                                     [this](std::string_view path) { return Serve(path); });
    if (!server) return std::unexpected(std::move(server).error());
    http_ = std::move(*server);
    logger_.Info("serve", "metrics on http://%s/metrics", http_->Address().c_str());
  }
  if (!config.control.socket.empty()) {
    auto server = ControlServer::Listen(loop_, logger_, config.control.socket,
                                        [this](std::string_view request, ControlServer::Reply reply) {
                                          Control(request, std::move(reply));
                                        });
    if (!server) return std::unexpected(std::move(server).error());
    control_ = std::move(*server);
    logger_.Debug("control", "listening on %s", config.control.socket.c_str());
  }
  return {};
}

// After all that needs more: what is done later (a reload, a new producer) needs what was needed before.
void Agent::EnterSandbox() {
  const SandboxMode mode = first_config_->config.seccomp;
  if (mode == SandboxMode::kOff) return;
  const Status restricted =
      RestrictSystemCalls(mode == SandboxMode::kKill ? SeccompMode::kKill : SeccompMode::kDeny);
  // It is one layer of several: a kernel without it is no reason not to work.
  if (!restricted) logger_.Info("run", "without the sandbox of sandbox.seccomp: %s", restricted.error().message.c_str());
}

void Agent::StartReloader() {
  // By value, as the thread may be at it while the agent ends.
  const auto prepare = [load = options_.reload, &logger = logger_](
                           const LoadedConfig& running) -> Expected<PreparedReload> {
    std::vector<std::string> warnings;
    Expected<MergedConfig> merged = load(running, &warnings);
    if (!merged) return std::unexpected(std::move(merged).error());
    Expected<std::unique_ptr<TrustStore>> trust = LoadTrust(merged->config.config.site_ca_file, logger);
    if (!trust) return std::unexpected(std::move(trust).error());
    return PreparedReload{
        .merged = *std::move(merged), .warnings = std::move(warnings), .trust = *std::move(trust)};
  };
  reloader_ = std::make_unique<Reloader>(
      loop_, logger_, first_config_,
      Reloader::Hooks{.prepare = prepare,
                      .apply = [this](PreparedReload prepared, std::function<void(Status)> done) {
                        Apply(std::move(prepared), std::move(done));
                      }});
}

bool Agent::StartProbe(const SitePtr& site) {
  return prober_->Start(site, [this](FinishedProbe probe) {
    scheduler_->Finished(*probe.site);
    keeper_->Submit(std::move(probe));
  });
}

void Agent::CountSkipped(uint64_t turns) {
  skipped_ += turns;
  keeper_->CountSkipped(turns);
}

void Agent::Reload(Reloader::Done done) {
  if (!reloader_) {
    ReloadReport report;
    report.result = Fail(ErrorCode::kUnavailable, "the agent is not started yet");
    logger_.Warning("config", "not reloaded: %s", report.result.error().message.c_str());
    return done(report);
  }
  manager_.Reloading();
  reloader_->Request([this, done = std::move(done)](const ReloadReport& report) {
    manager_.Ready(StatusLineNow());
    done(report);
  });
}

// The keeper first: only there can a change still be refused.
void Agent::Apply(PreparedReload prepared, std::function<void(Status)> done) {
  const AgentConfig& config = prepared.merged.config.config;
  // A client certificate may have been renewed under its name, which no value shows.
  const bool new_producer = prepared.merged.changes.kafka || !config.kafka.cert_file.empty();
  KeeperChanges changes{.kafka = config.kafka, .new_producer = new_producer, .buffer = config.buffer};
  auto shared = std::make_shared<PreparedReload>(std::move(prepared));
  keeper_->Change(std::move(changes), [this, shared, done = std::move(done)](Status changed) {
    // It finds room: nobody else posts to this loop.
    loop_.Post([this, shared, done, changed = std::move(changed)] {
      if (changed) Swap(std::move(*shared));
      done(changed);
    });
  });
}

void Agent::Swap(PreparedReload prepared) {
  const AgentConfig& config = prepared.merged.config.config;
  prober_->Trust(std::move(prepared.trust));
  if (prepared.merged.changes.Sites()) {
    board_.Replace(config.sites);
    scheduler_->Replace(config.sites);
  }
  options_.set_log_level(config.log_level);
}

HttpResponse Agent::Serve(std::string_view path) {
  if (path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  if (path == "/metrics") {
    const LoopMetrics loop{.probes_skipped_total = skipped_,
                           .probes_in_flight = prober_->InFlight(),
                           .max_stall = loop_.TakeMaxStall(),
                           .reloads_applied = reloader_->applied(),
                           .reloads_refused = reloader_->refused(),
                           .last_reload_successful = reloader_->last_successful()};
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            RenderMetrics(options_.version, id_, *keeper_, loop)};
  }
  return {404, "text/plain; charset=utf-8", "picket: /metrics and /healthz\n"};
}

void Agent::Control(std::string_view request, ControlServer::Reply reply) {
  if (request == "status") return reply(StatusReplyNow());
  if (request == "buffer-stats") return reply(BufferStatsReply(BufferNow()));
  if (request == "reload") {
    return Reload([reply = std::move(reply)](const ReloadReport& report) { reply(ReloadReply(report)); });
  }
  reply(FailureReply({ErrorCode::kInvalidArgument, "unknown request; known: status, buffer-stats, reload"}));
}

BufferStatus Agent::BufferNow() const {
  return {.path = reloader_->running().config.buffer.path, .stats = keeper_->Snapshot().buffer};
}

std::string Agent::StatusReplyNow() const {
  const KeeperMetrics& metrics = keeper_->Metrics();
  const AgentStatus status{
      .version = options_.version,
      .agent = id_,
      .pid = getpid(),
      .started = started_wall_,
      .now = clock_.Wall(),
      .uptime = std::chrono::floor<std::chrono::seconds>(clock_.Boot() - started_boot_),
      .clock_trusted = clock_.Wall() >= BuildTime(),
      .config = {.path = options_.config_path,
                 .applied = reloader_->applied(),
                 .refused = reloader_->refused(),
                 .last_successful = reloader_->last_successful(),
                 .restart_needed = reloader_->restart_needed()},
      .kafka = keeper_->Snapshot().kafka,
      .buffer = BufferNow(),
      .probes_up = metrics.probes_up,
      .probes_down = metrics.probes_down,
      .probes_unknown = metrics.probes_unknown,
      .probes_skipped = skipped_,
      .probes_in_flight = prober_->InFlight(),
      .queue_records = metrics.queue_records,
      .window_records = metrics.window_records,
      .stamped = metrics.stamped_probe + metrics.stamped_status,
      .acknowledged = metrics.acknowledged_probe + metrics.acknowledged_status,
      .spooled = metrics.spooled,
      .rejected = metrics.rejected,
      .evicted = metrics.evicted,
      .counts = board_.Counts(),
      .sites = board_.Worst(kMaxListedSites)};
  return StatusReply(status);
}

std::string Agent::StatusLineNow() const {
  return StatusLine(keeper_->Snapshot().kafka, board_.Counts(), keeper_->Metrics());
}

}  // namespace picket
