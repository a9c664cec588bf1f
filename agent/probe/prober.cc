#include "agent/probe/prober.h"

#include <curl/curl.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/probe/failure.h"
#include "agent/probe/multi.h"
#include "agent/probe/phases.h"
#include "agent/probe/tls_trust.h"
#include "agent/probe/transfer.h"
#include "agent/probe/trust_watch.h"
#include "agent/probe/url.h"
#include "port/entropy.h"

namespace picket {
namespace {

// libcurl's process-wide state; it counts its users itself and is thread-safe.
class CurlLibrary {
 public:
  CurlLibrary() : ok_(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {}
  ~CurlLibrary() {
    if (ok_) curl_global_cleanup();
  }
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  bool ok() const { return ok_; }

 private:
  const bool ok_;
};

// Connections that may linger while they are being closed, beside those of probes in flight.
constexpr size_t kClosingConnections = 64;

struct Probe {
  std::shared_ptr<const TrustStore> trust;  // outlives the transfer
  std::unique_ptr<Transfer> transfer;
  Prober::Done done;
  FinishedProbe finished;
  BootTime deadline;
  std::string url;                     // of the hop under way
  std::chrono::microseconds spent{0};  // in all hops: what the phases of complete ones add up to
};

class CurlProber : public Prober {
 public:
  CurlProber(EventLoop& loop, const Clock& clock, Logger& logger, ProberOptions options,
             std::shared_ptr<const TrustStore> trust)
      : loop_(loop), clock_(clock), logger_(logger), options_(std::move(options)), trust_(std::move(trust)), watch_(*trust_, logger_) {}

  ~CurlProber() override {
    loop_.CancelTimer(stillborn_timer_);
    for (auto& [transfer, probe] : probes_) multi_->Remove(*probe.transfer);
  }

  Status Init() {
    if (!library_.ok()) return Fail(ErrorCode::kInternal, "libcurl does not start");
    auto multi = Multi::Create(loop_, clock_, logger_, options_.max_in_flight + kClosingConnections,
                               [this](Transfer* transfer, int code) { OnHopDone(transfer, code); });
    if (!multi) return std::unexpected(std::move(multi).error());
    multi_ = std::move(*multi);
    watch_.Start();
    return {};
  }

  bool Start(SitePtr site, Done done) override {
    if (InFlight() >= options_.max_in_flight) return false;
    Probe probe;
    probe.done = std::move(done);
    probe.url = site->url;
    probe.finished.started_wall = clock_.Wall();
    probe.finished.started_boot = clock_.Boot();
    probe.deadline = probe.finished.started_boot + site->timeout;
    ProbeResult& result = probe.finished.result;
    result.name = site->name;
    result.url = site->url;
    result.regex = site->regex;
    probe.finished.site = std::move(site);

    if (!CryptoReady()) {
      GiveUpLater(std::move(probe), "the system's random numbers are not ready yet");
      return true;
    }
    if (std::shared_ptr<const TrustStore> fresh = watch_.TakeFresh()) trust_ = std::move(fresh);
    probe.trust = trust_;
    probe.transfer = Transfer::Create(*probe.trust, clock_, options_.user_agent);
    if (!probe.transfer || !BeginHop(&probe)) {
      GiveUpLater(std::move(probe), "out of memory");
      return true;
    }
    Transfer* const key = probe.transfer.get();
    probes_.emplace(key, std::move(probe));
    return true;
  }

  size_t InFlight() const override { return probes_.size() + stillborn_.size(); }
  void Trust(std::shared_ptr<const TrustStore> trust) override {
    trust_ = std::move(trust);
    watch_.Follow(*trust_);
  }

 private:
  bool BeginHop(Probe* probe) {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    const Site& site = *probe->finished.site;
    TransferRequest request;
    request.url = probe->url;
    request.timeout = std::max(ceil<milliseconds>(probe->deadline - clock_.Boot()), milliseconds(1));
    request.max_body_bytes = site.max_body_bytes;
    request.keep_body = site.regex.has_value();
    request.follow_redirects = site.max_redirects > 0;
    request.proxy = site.proxy;
    return probe->transfer->Prepare(request) && multi_->Add(*probe->transfer);
  }

  void OnHopDone(Transfer* transfer, int curl_code) {
    const auto found = probes_.find(transfer);
    if (found == probes_.end()) return;
    Probe& probe = found->second;
    TransferResult hop = transfer->Finish(curl_code);
    probe.spent += std::chrono::microseconds(hop.end.times.total);
    Note(hop, &probe.finished.result);
    // None came: empty. Part of one came, or a redirect that leads nowhere: the time until we gave up.
    if (hop.status_code) SetResponseTime(&probe);
    if (!Failed(hop) && hop.IsRedirect() && probe.finished.site->max_redirects > 0) {
      if (Follow(hop, &probe)) return;
    } else {
      Judge(std::move(hop), &probe);
    }
    Probe over = std::move(probe);
    probes_.erase(found);
    over.done(std::move(over.finished));
  }

  // What every hop adds to the result, the last one's facts standing.
  static void Note(const TransferResult& hop, ProbeResult* out) {
    ProbeResult& result = *out;
    AddHop(hop.end.times, &result.phases);
    result.status_code = hop.status_code;
    result.ip = hop.ip;
    result.http_version = hop.http_version;
    result.tls_version = hop.tls_version;
    result.cert_not_after = hop.end.verification.not_after;
    result.bytes = hop.body_bytes;
  }

  // An answer over TLS counts only when our own callback has seen the certificate pass.
  static bool Failed(const TransferResult& hop) {
    return hop.end.curl_code != CURLE_OK || (hop.end.times.tls && !hop.end.verification.Good());
  }

  void Judge(TransferResult hop, Probe* probe) {
    FinishedProbe& finished = probe->finished;
    const Site& site = *finished.site;
    if (Failed(hop)) {
      ProbeLimits limits;
      limits.timeout = site.timeout;
      limits.max_body_bytes = site.max_body_bytes;
      limits.clock_trusted = clock_.Wall() >= BuildTime();
      SetFailure(ClassifyFailure(hop.end, limits), &finished);
      return;
    }
    if (!hop.status_code) {
      SetFailure({ProbeError::kHttpProtocol, Outcome::kDown, "an answer without a status"}, &finished);
      return;
    }
    SetFailure(ClassifyStatus(*hop.status_code, hop.end.proxy), &finished);
    if (site.regex) finished.body = std::move(hop.body);
  }

  // True when another hop is under way; else the failure is in probe->finished.
  bool Follow(const TransferResult& hop, Probe* probe) {
    FinishedProbe& finished = probe->finished;
    const Site& site = *finished.site;
    if (finished.result.redirects >= site.max_redirects) {
      SetFailure({ProbeError::kTooManyRedirects, Outcome::kDown,
                  "more than " + std::to_string(site.max_redirects) + " redirects"},
                 &finished);
      return false;
    }
    Expected<std::string> target = ResolveRedirect(probe->url, hop.location);
    if (!target) {
      SetFailure({ProbeError::kHttpProtocol, Outcome::kDown, CleanDetail(target.error().message)}, &finished);
      return false;
    }
    ++finished.result.redirects;
    probe->url = std::move(*target);
    finished.result.response_time_ms.reset();  // no final answer yet
    if (BeginHop(probe)) return true;
    SetFailure({ProbeError::kLocal, Outcome::kUnknown, "out of memory"}, &finished);
    return false;
  }

  static void SetResponseTime(Probe* probe) {
    const std::chrono::duration<double, std::milli> spent = probe->spent;
    probe->finished.result.response_time_ms = spent.count();
  }

  static void SetFailure(Failure failure, FinishedProbe* finished) {
    finished->result.outcome = failure.outcome;
    finished->result.error = failure.error;
    finished->result.error_detail = std::move(failure.detail);
  }

  // Early in a small machine's boot getrandom(2) would block, and with it mbedTLS and the loop.
  bool CryptoReady() {
    if (crypto_ready_) return true;
    uint8_t byte;
    if (!SystemEntropy().Fill({&byte, 1})) return false;
    if (const Status started = StartCrypto(); !started) {
      logger_.Error("probe", "%s", started.error().message.c_str());
      return false;
    }
    return crypto_ready_ = true;
  }

  // A probe that could not begin ends on the next turn of the loop: `done` never runs from inside Start.
  void GiveUpLater(Probe probe, const char* why) {
    SetFailure({ProbeError::kLocal, Outcome::kUnknown, why}, &probe.finished);
    stillborn_.push_back(std::move(probe));
    if (stillborn_timer_ != 0) return;
    stillborn_timer_ = loop_.AddTimer(clock_.Boot(), [this] {
      stillborn_timer_ = 0;
      for (Probe& over : std::exchange(stillborn_, {})) over.done(std::move(over.finished));
    });
  }

  const CurlLibrary library_;
  EventLoop& loop_;
  const Clock& clock_;
  Logger& logger_;
  const ProberOptions options_;
  std::shared_ptr<const TrustStore> trust_;
  TrustWatch watch_;
  std::unordered_map<Transfer*, Probe> probes_;  // at most max_in_flight, with stillborn_
  std::vector<Probe> stillborn_;
  EventLoop::TimerId stillborn_timer_ = 0;
  bool crypto_ready_ = false;
  std::unique_ptr<Multi> multi_;  // dies before the transfers it may still know
};

}  // namespace

Expected<std::unique_ptr<TrustStore>> LoadTrust(const std::string& ca_file, Logger& logger) {
  Expected<std::unique_ptr<TrustStore>> trust = TrustStore::Load(ca_file);
  if (!trust) return std::unexpected(std::move(trust).error().WithContext("defaults.ca_file"));
  if ((*trust)->Size() == 0) {
    logger.Warning("probe",
                   "no CA certificates found: https sites cannot be checked; install the "
                   "ca-certificates package or name a CA file");
  }
  if ((*trust)->Skipped() > 0) {
    logger.Warning("probe", "%s: %zu certificates not understood and left out", (*trust)->Path().c_str(),
                   (*trust)->Skipped());
  }
  return trust;
}

Expected<std::unique_ptr<Prober>> Prober::Create(EventLoop& loop, const Clock& clock, Logger& logger,
                                                 ProberOptions options) {
  Expected<std::unique_ptr<TrustStore>> trust = LoadTrust(options.ca_file, logger);
  if (!trust) return std::unexpected(std::move(trust).error());
  auto prober = std::make_unique<CurlProber>(loop, clock, logger, std::move(options), *std::move(trust));
  if (Status ready = prober->Init(); !ready) return std::unexpected(std::move(ready).error());
  return std::unique_ptr<Prober>(std::move(prober));
}

}  // namespace picket
