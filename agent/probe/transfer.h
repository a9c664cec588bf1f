// One HTTP request and its answer through libcurl. libcurl's easy handle is wrapped here and in transfer.cc
// alone; multi.h runs it on the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/probe/failure.h"
#include "agent/probe/tls_trust.h"
#include "port/clock.h"
#include "port/proxy_url.h"

namespace picket {

struct TransferRequest {
  std::string url;                       // http or https
  std::chrono::milliseconds timeout{0};  // of this request, at least 1 ms
  uint64_t max_body_bytes = 0;
  bool keep_body = false;         // else the body is counted and dropped
  bool follow_redirects = false;  // the body of a redirect is not read, as another request follows
  std::optional<ProxyUrl> proxy;  // an HTTP proxy: CONNECT for https, a plain request for http
};

struct TransferResult {
  HopEnd end;
  std::optional<int> status_code;  // of a complete header block
  std::string location;            // of a redirect, as the server wrote it
  std::optional<std::string> ip, http_version, tls_version;  // no ip with a proxy: only that one knows it
  int64_t body_bytes = 0;
  std::string body;

  bool IsRedirect() const;  // 301, 302, 303, 307 or 308 with a Location
};

class Transfer {
 public:
  // Bound on all header lines of one answer together.
  static constexpr size_t kMaxHeaderBytes = 64 << 10;

  // Null when out of memory. All three must outlive it.
  static std::unique_ptr<Transfer> Create(const TrustStore& trust, const Clock& clock,
                                          const std::string& user_agent);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Prepares the next request: a new connection, GET, HTTP/1.1, no proxy but the one given, no signals, chain and host name
  // verified. False when libcurl refuses an option or is out of memory.
  bool Prepare(const TransferRequest& request);

  // The loop cannot wait for one of its sockets: whatever becomes of it is not the site's fault.
  void NoteUnwatched();

  // What came of it; `curl_code` is libcurl's verdict. The transfer may then be prepared again.
  TransferResult Finish(int curl_code);

  // The CURL*, for multi.cc.
  void* handle() const;

 private:
  struct Impl;
  explicit Transfer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket
