#include "agent/probe/failure.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include <optional>
#include <string_view>
#include <utility>

namespace picket {
namespace {

Failure Down(ProbeError error, std::string detail) {
  return {error, Outcome::kDown, CleanDetail(std::move(detail))};
}

// Our own fault: says nothing of the site.
Failure Local(std::string detail) {
  return {ProbeError::kLocal, Outcome::kUnknown, CleanDetail(std::move(detail))};
}

// errno values that a socket call returns because this process or machine is out of something.
bool IsLocalShortage(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM:
    case EAFNOSUPPORT:
    case ENETDOWN:
      return true;
    default:
      return false;
  }
}

std::string Text(const HopEnd& end) {
  return end.text.empty() ? curl_easy_strerror(static_cast<CURLcode>(end.curl_code)) : end.text;
}

// libcurl has one code for a reset, a TLS error and a broken chunk; its text tells them apart. The texts are
// those of the version in third_party/manifest; one that is not known counts as what it most likely is.
bool SaysSocketFailed(const HopEnd& end) {
  return end.text.starts_with("Recv failure") || end.text.starts_with("Send failure");
}
bool SaysTlsFailed(const HopEnd& end) {
  return end.text.starts_with("ssl_");
}

// "A fatal alert message was received from our peer" of "ssl_read returned: (-0x7780) SSL - A fatal ...".
std::string TlsText(const HopEnd& end) {
  constexpr std::string_view kModule = " - ";
  const size_t module = end.text.find(kModule);
  return SaysTlsFailed(end) && module != std::string::npos ? end.text.substr(module + kModule.size())
                                                           : Text(end);
}

Failure Connect(const HopEnd& end) {
  if (end.no_route) return Local("this machine has no route to " + end.host);
  if (IsLocalShortage(end.os_error))
    return Local(std::string("cannot open a connection: ") + strerror(end.os_error));
  if (end.os_error != 0) return Down(ProbeError::kConnect, strerror(end.os_error));
  return Down(ProbeError::kConnect, Text(end));
}

Failure Certificate(const HopEnd& end, const ProbeLimits& limits) {
  const Verification& verification = end.verification;
  if (!limits.clock_trusted && verification.OnlyDatesBad()) {
    return {ProbeError::kClock, Outcome::kUnknown,
            "this machine's clock is earlier than picket's build: certificate dates cannot be checked"};
  }
  return Down(ProbeError::kCertificate, "certificate: " + DescribeVerification(verification, end.host));
}

Failure Tls(const HopEnd& end, const ProbeLimits& limits) {
  if (end.stop == Stop::kNoTrust) {
    return Local(
        "no CA certificates on this machine to check the server with: install the ca-certificates package");
  }
  if (end.verification.Bad()) return Certificate(end, limits);
  if (SaysSocketFailed(end)) return Down(ProbeError::kReset, Text(end) + ", in the TLS handshake");
  return Down(ProbeError::kTls, "in the handshake: " + TlsText(end));
}

Failure Broken(const HopEnd& end) {
  if (SaysTlsFailed(end)) return Down(ProbeError::kTls, TlsText(end));
  if (SaysSocketFailed(end) || end.text.empty()) return Down(ProbeError::kReset, Text(end));
  return Down(ProbeError::kHttpProtocol, Text(end));
}

std::string Bytes(uint64_t count) {
  return std::to_string(count) + " bytes";
}

std::string ProxyRefusal(int status) {
  const std::string text = " refused with " + std::to_string(status);
  return status == 407 ? text + ": set user and password in proxy" : text;
}

// When the way to the site ended at the proxy. A proxy that could not reach the site says so (RFC 9110 sections
// 15.6.3 to 15.6.5), or is silent for as long as it tries: that is the site's. All else is our way out.
std::optional<Failure> Proxy(const HopEnd& end, const ProbeLimits& limits) {
  const std::string proxy = "the proxy " + end.proxy;
  const bool tunnel_refused = end.proxy_status >= 300;
  if (tunnel_refused && end.proxy_status >= 502 && end.proxy_status <= 504) {
    return Down(ProbeError::kConnect, proxy + " cannot reach it: " + std::to_string(end.proxy_status));
  }
  if (tunnel_refused) return Local(proxy + ProxyRefusal(end.proxy_status));
  if (end.proxy_passed) return std::nullopt;
  switch (end.curl_code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Local("cannot resolve " + proxy);
    case CURLE_COULDNT_CONNECT:
      return Local("cannot connect to " + proxy + ": " +
                   (end.os_error != 0 ? strerror(end.os_error) : Text(end)));
    case CURLE_OPERATION_TIMEDOUT:
      if (!end.proxy_reached) return Local("cannot connect to " + proxy + ": it does not answer");
      return Down(ProbeError::kTimeout, "no end after " + std::to_string(limits.timeout.count()) + " ms, " + proxy +
                                            " trying to reach it");
    default:
      return Local(proxy + " gave no tunnel: " + Text(end));
  }
}

Failure Stopped(const HopEnd& end, const ProbeLimits& limits) {
  switch (end.stop) {
    case Stop::kBodyTooLarge:
      return Down(ProbeError::kTooLarge, "the body is larger than " + Bytes(limits.max_body_bytes));
    case Stop::kHeadersTooLarge:
      return Down(ProbeError::kHttpProtocol, "the headers of the answer are too large");
    default:
      return Local(Text(end));
  }
}

}  // namespace

Failure ClassifyFailure(const HopEnd& end, const ProbeLimits& limits) {
  if (end.unwatched) return Local("the event loop could not watch the connection");
  if (!end.proxy.empty() && end.stop == Stop::kNone) {
    if (std::optional<Failure> failure = Proxy(end, limits)) return *std::move(failure);
  }
  switch (end.curl_code) {
    case CURLE_OK:  // the caller found the certificate unchecked
      return Down(ProbeError::kTls, "the server's certificate was not checked");
    case CURLE_OPERATION_TIMEDOUT:
      return Down(ProbeError::kTimeout, "no end after " + std::to_string(limits.timeout.count()) + " ms, " +
                                            UnfinishedPhase(end.times));
    case CURLE_COULDNT_RESOLVE_HOST:
      if (IsLocalShortage(end.os_error)) return Connect(end);
      if (end.no_route) return Local("cannot resolve " + end.host + ": this machine has no default route");
      return Down(ProbeError::kDns, "cannot resolve " + end.host);
    case CURLE_COULDNT_CONNECT:
      return Connect(end);
    case CURLE_WRITE_ERROR:
      return Stopped(end, limits);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
    case CURLE_ABORTED_BY_CALLBACK:  // of our callbacks only the one for TLS refuses
      return Tls(end, limits);
    case CURLE_GOT_NOTHING:
      return Down(ProbeError::kReset, "the server closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return Down(ProbeError::kReset, "the server closed the connection inside the body: " + Text(end));
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return Broken(end);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_LARGE:  // one header longer than libcurl takes
    case CURLE_HTTP_RETURNED_ERROR:
      return Down(ProbeError::kHttpProtocol, Text(end));
    default:
      // Out of memory, a refused option, anything new: nothing that the site did.
      return Local(Text(end));
  }
}

Failure ClassifyStatus(int status_code, const std::string& proxy) {
  if (status_code == 407 && !proxy.empty()) return Local("the proxy " + proxy + ProxyRefusal(status_code));
  if (status_code >= 200 && status_code <= 399) return {ProbeError::kNone, Outcome::kUp, {}};
  return {ProbeError::kStatus, Outcome::kDown, "HTTP status " + std::to_string(status_code)};
}

std::string CleanDetail(std::string text) {
  if (text.size() > kMaxErrorDetailBytes) {
    size_t end = kMaxErrorDetailBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

}  // namespace picket
