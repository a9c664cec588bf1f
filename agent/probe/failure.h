// From what libcurl, mbedTLS and the system say of a failed probe to the verdict a reader of the topic
// understands. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "agent/probe/phases.h"
#include "agent/probe/tls_trust.h"
#include "record/probe_result.h"

namespace picket {

// Why we ended the transfer ourselves.
enum class Stop : uint8_t {
  kNone,
  kRedirect,  // enough read: the answer sends us elsewhere
  kBodyTooLarge,
  kHeadersTooLarge,
  kNoTrust,  // there are no CA certificates to check the server with
};

// How one request ended.
struct HopEnd {
  int curl_code = 0;  // CURLcode
  Stop stop = Stop::kNone;
  std::string text;        // libcurl's own words
  int os_error = 0;        // errno of the last connection attempt or socket call
  bool no_route = false;   // this machine has no route to the address, or no default route for a name
  bool unwatched = false;  // the loop could not wait for one of its sockets
  std::string host;
  std::string proxy;           // "host:port" of the proxy in use, empty without one
  int proxy_status = 0;        // its answer to CONNECT; 0: none
  bool proxy_reached = false;  // a connection to it stood
  bool proxy_passed = false;   // and what was said after it, was said to the site
  Verification verification;
  HopTimes times;
};

// What the probe knows beside it.
struct ProbeLimits {
  std::chrono::milliseconds timeout{0};
  uint64_t max_body_bytes = 0;
  bool clock_trusted = true;  // false: the wall clock is before the build
};

struct Failure {
  ProbeError error = ProbeError::kNone;
  Outcome outcome = Outcome::kDown;
  std::string detail;
};

// A hop that failed. `end.curl_code` is not CURLE_OK, or the certificate was never checked.
Failure ClassifyFailure(const HopEnd& end, const ProbeLimits& limits);

// A complete answer with that status: 200 to 399 is up (error kNone), anything else down. With a proxy
// ("host:port", else empty) 407 is its own and so kLocal.
Failure ClassifyStatus(int status_code, const std::string& proxy);

// Makes text fit for error_detail: one line, no control characters, at most kMaxErrorDetailBytes, not cut
// inside a UTF-8 character.
std::string CleanDetail(std::string text);

}  // namespace picket
