#include "agent/doctor/site_checks.h"

#include <memory>
#include <utility>
#include <vector>

#include "agent/check/checker.h"
#include "agent/probe/prober.h"
#include "port/event_loop.h"

namespace picket {
namespace {

void Tell(const ProbeResult& result, Report* report) {
  std::string text = OutcomeName(result.outcome);
  if (result.status_code) text += ", HTTP " + std::to_string(*result.status_code);
  if (result.response_time_ms)
    text += ", " + std::to_string(static_cast<int64_t>(*result.response_time_ms)) + " ms";
  if (result.tls_version) text += ", TLS " + *result.tls_version;
  if (result.error != ProbeError::kNone) {
    text += std::string(", ") + ProbeErrorName(result.error) + ": " + result.error_detail;
  }
  switch (result.outcome) {
    case Outcome::kUp:
      return report->Ok(result.name, text);
    case Outcome::kDown:
      return report->Warn(result.name, text, "the site, or its url and regex in the configuration");
    case Outcome::kUnknown:
      break;
  }
  report->Fail(result.name, text,
               "this machine: its uplink, its clock, or the site's limits in the configuration");
}

}  // namespace

void CheckSites(const AgentConfig& config, size_t count, const std::string& version, const Clock& clock,
                const Budget& budget, Report* report) {
  report->Area("sites");
  if (budget.Over()) return report->Skip("probes", kBudgetOver);
  StderrLogger logger(clock, LogLevel::kError);
  Expected<std::unique_ptr<EventLoop>> loop = EventLoop::Create(clock);
  if (!loop) return report->Fail("probes", loop.error().message, "see the limits of this process");
  Expected<std::unique_ptr<Prober>> prober = Prober::Create(
      **loop, clock, logger, {.ca_file = config.site_ca_file, .user_agent = "picket/" + version});
  if (!prober) return report->Fail("probes", prober.error().message, "see the site CA above");

  size_t pending = 0;
  Checker checker;
  for (size_t i = 0; i < config.sites.size() && i < count; ++i) {
    const bool started = (*prober)->Start(config.sites[i], [&](FinishedProbe probe) {
      checker.Check(&probe);
      Tell(probe.result, report);
      if (--pending == 0) (*loop)->Stop();
    });
    if (started) ++pending;
  }
  if (pending == 0) return;
  (*loop)->AddTimer((*loop)->Now() + budget.Left(), [&] { (*loop)->Stop(); });
  (*loop)->Run();
  if (pending > 0) report->Skip("others", kBudgetOver);
}

}  // namespace picket
