#include "agent/doctor/machine_checks.h"

#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "agent/doctor/storage.h"
#include "agent/probe/own_network.h"
#include "agent/probe/tls_trust.h"
#include "agent/probe/url.h"
#include "agent/serve/listen_address.h"
#include "agent/spool/set_aside.h"
#include "doctor/clock_check.h"
#include "doctor/names.h"
#include "doctor/tcp.h"
#include "port/files.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxHosts = 32;
constexpr milliseconds kNameLimit{5000};
constexpr milliseconds kPageLimit{2000};

struct Hosts {
  std::vector<std::string> names;
  size_t left_out = 0;
};

Hosts HostsOf(const std::vector<SitePtr>& sites) {
  Hosts hosts;
  std::set<std::string> seen;
  for (const SitePtr& site : sites) {
    const std::string host = UrlHost(site->url).value_or("");
    if (host.empty() || IsNumericHost(host) || !seen.insert(host).second) continue;
    if (hosts.names.size() < kMaxHosts)
      hosts.names.push_back(host);
    else
      ++hosts.left_out;
  }
  return hosts;
}

// One line for all names that answer, one for each that does not.
void CheckSiteNames(const AgentConfig& config, const Budget& budget, Report* report) {
  const Hosts hosts = HostsOf(config.sites);
  if (hosts.names.empty()) return report->Ok("site names", "none of the sites needs a name server");
  const std::vector<std::string> servers = NameServers(ReadFile("/etc/resolv.conf", 1 << 16).value_or(""));
  size_t found = 0;
  int64_t slowest = 0;
  for (const NameAnswer& answer : LookUpNames(hosts.names, budget.Share(kNameLimit))) {
    if (answer.addresses.empty()) {
      const NameFailure failure = DescribeNameFailure(answer, servers);
      const std::string text = answer.host + ": " + failure.found;
      if (failure.no_such_name) {
        report->Warn("site names", text + ": its probes will say down, error dns",
                     "the site's url: " + failure.cure);
      } else {
        report->Fail("site names", text, failure.cure);
      }
      continue;
    }
    ++found;
    slowest = std::max<int64_t>(slowest, answer.took.count());
  }
  if (found == 0) return;
  report->Ok("site names",
             std::to_string(found) + " of " + std::to_string(hosts.names.size()) + " found, the slowest in " +
                 std::to_string(slowest) + " ms" +
                 (hosts.left_out == 0 ? "" : "; " + std::to_string(hosts.left_out) + " more not looked up"));
}

void CheckCaFile(const char* name, const char* setting, const std::string& path, WallTime now,
                 Report* report) {
  const Expected<std::unique_ptr<TrustStore>> store = TrustStore::Load(path);
  if (!store)
    return report->Fail(name, store.error().message,
                        std::string("set ") + setting + " to a PEM file of certificates");
  if ((*store)->Size() == 0) {
    return report->Fail(name, "the system has no bundle of authorities: no server can be checked",
                        std::string("install the package ca-certificates, or set ") + setting);
  }
  const size_t expired = (*store)->Expired(now);
  std::string text = (*store)->Path() + ": " + std::to_string((*store)->Size()) +
                     ((*store)->Size() == 1 ? " certificate" : " certificates");
  if ((*store)->Skipped() > 0)
    text += ", " + std::to_string((*store)->Skipped()) + " not understood and left out";
  if (expired == 0) return report->Ok(name, text);
  text += ", " + std::to_string(expired) + " expired";
  if (path.empty() && expired < (*store)->Size()) return report->Ok(name, text);  // bundles always have some
  if (expired < (*store)->Size())
    return report->Warn(name, text, std::string("renew what expired in ") + setting);
  report->Fail(name, text, std::string("renew the certificates in ") + setting + ", or set the clock");
}

}  // namespace

void CheckMachine(const AgentConfig& config, const Clock& clock, const Budget& budget, Report* report) {
  report->Area("this machine");
  CheckClock(clock.Wall(), BuildTime(), report);
  CheckSiteNames(config, budget, report);
  CheckCaFile("kafka CA", "kafka.ca_file", config.kafka.ca_file, clock.Wall(), report);
  CheckCaFile("site CA", "defaults.ca_file", config.site_ca_file, clock.Wall(), report);
}

void CheckBuffer(const AgentConfig& config, Report* report) {
  report->Area("buffer " + config.buffer.path);
  const Expected<StorageFacts> facts = LookAtStorage(config.buffer.path);
  if (!facts) return report->Fail("directory", facts.error().message, "correct buffer.path");
  JudgeStorage(*facts, config.buffer, report);
  if (facts->held_by) {
    return report->Ok("in use", "by the agent that runs, process " + std::to_string(*facts->held_by));
  }
  if (facts->exists) report->Ok("in use", "by nobody");
}

void CheckListen(const AgentConfig& config, const Budget& budget, Report* report) {
  report->Area("serve " + (config.serve.listen.empty() ? "off" : config.serve.listen));
  if (config.serve.listen.empty()) return report->Ok("listen", "no /metrics and no /healthz, as configured");
  const Expected<int> listener = OpenListener(config.serve.listen);
  if (listener) {
    close(*listener);
    return report->Ok("listen", "the address is free");
  }
  const Expected<HostPort> parts = SplitHostPort(config.serve.listen);
  const std::string host = parts ? parts->host : "127.0.0.1";
  for (const NameAnswer& answer : LookUpNames({host}, budget.Share(kPageLimit))) {
    if (answer.addresses.empty() || !parts) break;
    const auto page = FetchPlain(answer.addresses[0], parts->port, "/metrics", budget.Share(kPageLimit));
    if (page && page->find("picket_") != std::string::npos) {
      return report->Ok("listen", "a picket agent answers there");
    }
  }
  report->Fail("listen", listener.error().message, "set serve.listen to a free address, or to off");
}

}  // namespace picket
