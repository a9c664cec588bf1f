// Probes web sites on the loop thread: libcurl's multi socket interface, mbedTLS, c-ares. Never blocks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/config/config.h"
#include "agent/probe/tls_trust.h"
#include "port/clock.h"
#include "port/error.h"
#include "port/event_loop.h"
#include "port/log.h"
#include "record/probe_result.h"

namespace picket {

// What the loop hands to the keeper: the result so far, and the body while a regexp still needs it.
struct FinishedProbe {
  SitePtr site;
  ProbeResult result;  // outcome and error as far as the network tells; checks come after
  std::string body;    // only when the site has a regexp and a body came; at most max_body_bytes
  WallTime started_wall;
  BootTime started_boot;
};

struct ProberOptions {
  std::string ca_file;         // PEM; empty: the system's bundle. Parsed once, shared by all probes;
                               // read anew when it changes.
  std::string user_agent;      // "picket/0.1.0"
  size_t max_in_flight = 256;  // probes at once; Start beyond it is refused
};

// Parses a CA file (empty: the system's bundle) and logs what is odd about it; takes milliseconds, so not for the
// loop's thread while it probes. kConfig as TrustStore::Load.
Expected<std::unique_ptr<TrustStore>> LoadTrust(const std::string& ca_file, Logger& logger);

class Prober {
 public:
  using Done = std::function<void(FinishedProbe)>;

  // kConfig when the CA file cannot be read or holds no certificate. `loop`, `clock` and `logger` must
  // outlive the prober; every call is on the loop's thread.
  static Expected<std::unique_ptr<Prober>> Create(EventLoop& loop, const Clock& clock, Logger& logger,
                                                  ProberOptions options);
  // Cancels what is in flight; no `done` runs after.
  virtual ~Prober() = default;

  // Begins one probe; `done` runs once on the loop's thread, never from inside Start, at the latest a
  // little after site->timeout. False when max_in_flight probes are under way: the caller counts it.
  virtual bool Start(SitePtr site, Done done) = 0;
  virtual size_t InFlight() const = 0;

  // Probes begun from now on trust these authorities; those under way end with what they began with.
  virtual void Trust(std::shared_ptr<const TrustStore> trust) = 0;
};

// "libcurl/8.14.1 mbedTLS/3.6.6 c-ares/1.34.5": the libraries in use.
std::string HttpLibraryVersion();

}  // namespace picket
