#include "agent/cli/probe_command.h"

#include <stdarg.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "agent/check/checker.h"
#include "agent/check/regex.h"
#include "agent/probe/prober.h"
#include "agent/probe/url.h"
#include "port/event_loop.h"

namespace picket {
namespace {

constexpr std::chrono::milliseconds kMinTimeout{10}, kMaxTimeout{300'000};
constexpr int kBarColumns = 40;
constexpr int64_t kMicrosPerDay = 86'400'000'000;

[[gnu::format(printf, 2, 3)]] void AppendLine(std::string* text, const char* format, ...) {
  char line[512];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  *text += line;
  *text += '\n';
}

Status Validate(const ProbeCommandOptions& options) {
  if (Status valid = ValidateUrl(options.url); !valid)
    return std::unexpected(std::move(valid).error().WithContext("URL"));
  if (options.timeout < kMinTimeout || options.timeout > kMaxTimeout) {
    return Fail(ErrorCode::kInvalidArgument, "--timeout: from 10ms to 5m");
  }
  if (!options.regex) return {};
  if (Status valid = ValidateRegex(*options.regex); !valid) {
    return std::unexpected(std::move(valid).error().WithContext("regexp"));
  }
  return {};
}

SitePtr MakeSite(const ProbeCommandOptions& options) {
  auto site = std::make_shared<Site>();
  site->name = UrlHost(options.url).value_or(options.url);
  site->url = options.url;
  site->regex = options.regex;
  site->timeout = options.timeout;
  return site;
}

// The phases one below the other, each bar beginning where the one before ended.
void AppendPhases(const Phases& phases, std::string* text) {
  const std::pair<const char*, std::optional<double>> rows[] = {
      {"dns", phases.dns_ms},   {"connect", phases.connect_ms},   {"tls", phases.tls_ms},
      {"ttfb", phases.ttfb_ms}, {"transfer", phases.transfer_ms},
  };
  double total = 0;
  for (const auto& [name, ms] : rows) total += ms.value_or(0);
  double before = 0;
  for (const auto& [name, ms] : rows) {
    if (!ms) continue;
    const auto column = [total](double at) {
      return total > 0 ? static_cast<int>(std::lround(at / total * kBarColumns)) : 0;
    };
    const int from = std::min(column(before), kBarColumns - 1);
    before += *ms;
    const int length = std::max(column(before) - from, 1);
    AppendLine(text, "  %-9s %9.1f ms  %*s%s", name, *ms, from, "",
               std::string(static_cast<size_t>(length), '#').c_str());
  }
}

void AppendCertificate(WallTime not_after, WallTime now, std::string* text) {
  const std::string date = FormatTimestamp(not_after).substr(0, 10);
  const int64_t days = (not_after.us - now.us) / kMicrosPerDay;
  if (not_after < now) {
    AppendLine(text, "  cert      expired on %s, %lld days ago", date.c_str(), static_cast<long long>(-days));
  } else {
    AppendLine(text, "  cert      valid to %s, %lld more days", date.c_str(), static_cast<long long>(days));
  }
}

std::string Json(const ProbeResult& result) {
  std::string text = "{";
  AppendProbeBody(result, &text);
  return text + "}\n";
}

int ExitCode(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUp:
      return 0;
    case Outcome::kDown:
      return 1;
    case Outcome::kUnknown:
      break;
  }
  return 2;
}

}  // namespace

std::string DescribeProbe(const ProbeResult& result, WallTime now) {
  std::string text;
  std::string verdict = OutcomeName(result.outcome);
  if (result.status_code) verdict += "  HTTP " + std::to_string(*result.status_code);
  if (result.response_time_ms) {
    char total[32];
    snprintf(total, sizeof total, "  %.1f ms", *result.response_time_ms);
    verdict += total;
  }
  text += verdict + "  " + result.url + "\n";  // a URL may be longer than a line of AppendLine
  if (result.error != ProbeError::kNone) {
    AppendLine(&text, "  %s: %s", ProbeErrorName(result.error), result.error_detail.c_str());
  }
  AppendPhases(result.phases, &text);
  if (result.ip) AppendLine(&text, "  address   %s", result.ip->c_str());
  if (result.http_version) {
    AppendLine(&text, "  http      %s%s%s, %lld bytes, %d redirects", result.http_version->c_str(),
               result.tls_version ? " over TLS " : "", result.tls_version.value_or("").c_str(),
               static_cast<long long>(result.bytes), result.redirects);
  }
  if (result.cert_not_after) AppendCertificate(*result.cert_not_after, now, &text);
  if (result.regex_check) AppendLine(&text, "  regexp    %s", *result.regex_check ? "found" : "not found");
  return text;
}

Expected<int> RunProbeCommand(const ProbeCommandOptions& options, const Clock& clock, Logger& logger,
                              FILE* out) {
  if (Status valid = Validate(options); !valid) return std::unexpected(std::move(valid).error());
  Expected<std::unique_ptr<EventLoop>> loop = EventLoop::Create(clock);
  if (!loop) return std::unexpected(std::move(loop).error());
  Expected<std::unique_ptr<Prober>> prober =
      Prober::Create(**loop, clock, logger, {.ca_file = options.ca_file, .user_agent = options.user_agent});
  if (!prober) return std::unexpected(std::move(prober).error());

  std::optional<FinishedProbe> finished;
  (*prober)->Start(MakeSite(options), [&](FinishedProbe probe) {
    finished = std::move(probe);
    (*loop)->Stop();
  });
  (*loop)->Run();
  if (!finished) return Fail(ErrorCode::kInternal, "the loop ended before the probe");
  Checker().Check(&*finished);

  const ProbeResult& result = finished->result;
  const std::string text = options.json ? Json(result) : DescribeProbe(result, clock.Wall());
  if (fputs(text.c_str(), out) < 0 || fflush(out) != 0)
    return Fail(ErrorCode::kIo, "cannot write the result");
  return ExitCode(result.outcome);
}

}  // namespace picket
