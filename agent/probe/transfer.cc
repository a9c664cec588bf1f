#include "agent/probe/transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <string_view>
#include <utility>

#include "agent/probe/own_network.h"
#include "agent/probe/url.h"

namespace picket {
namespace {

constexpr size_t kMaxLocationBytes = 8 << 10;

bool IsRedirectStatus(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

bool TransferResult::IsRedirect() const {
  return status_code && IsRedirectStatus(*status_code) && !location.empty();
}

struct Transfer::Impl {
  Impl(const TrustStore& trust_store, const Clock& clock_source, const std::string& agent)
      : trust(trust_store), clock(clock_source), user_agent(agent), easy(curl_easy_init()) {}
  ~Impl() { curl_easy_cleanup(easy); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  template <typename Value>
  void Set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) options_ok = false;
  }

  template <typename Value>
  Value Get(CURLINFO info) const {
    Value value = {};
    curl_easy_getinfo(easy, info, &value);
    return value;
  }

  void SetOptions();
  void SetProxy(const std::optional<ProxyUrl>& proxy);
  HopTimes Times(bool complete) const;

  static size_t OnHeader(char* data, size_t, size_t size, void* self);
  static size_t OnBody(char* data, size_t, size_t size, void* self);
  static int OnConnected(void* self, char*, char*, int, int);
  static CURLcode OnTlsConfig(CURL*, void* ssl_config, void* self);
  static int OnTraffic(CURL*, curl_infotype what, char*, size_t, void* self);
  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address);

  const TrustStore& trust;
  const Clock& clock;
  const std::string& user_agent;
  CURL* const easy;
  bool options_ok = true;
  TransferRequest request;
  char error_text[CURL_ERROR_SIZE] = {};

  // Of the request under way; reset by Prepare.
  TransferResult result;
  size_t header_bytes = 0;
  BootTime begun;
  int64_t tcp_connected_us = 0;  // libcurl tells only once the TLS handshake is over, too
  NetworkAddress address;        // of the last connection tried
};

void Transfer::Impl::SetOptions() {
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_PROXY, "");    // and so none from the environment,
  Set(CURLOPT_NOPROXY, "");  // nor an exception from it
  Set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(CURLOPT_HTTPGET, 1L);
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_USERAGENT, user_agent.c_str());
  Set(CURLOPT_ERRORBUFFER, error_text);

  // Every probe is a visitor who was never there: no connection, session or address of an earlier one.
  Set(CURLOPT_FRESH_CONNECT, 1L);
  Set(CURLOPT_FORBID_REUSE, 1L);
  Set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  Set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);

  // Fails closed: without OnTlsConfig there is no CA at all, and mbedTLS refuses every server.
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  Set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  Set(CURLOPT_SSL_CTX_FUNCTION, &OnTlsConfig);
  Set(CURLOPT_SSL_CTX_DATA, this);

  Set(CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  Set(CURLOPT_OPENSOCKETDATA, this);
  Set(CURLOPT_PREREQFUNCTION, &OnConnected);
  Set(CURLOPT_PREREQDATA, this);
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, this);
}

void Transfer::Impl::SetProxy(const std::optional<ProxyUrl>& proxy) {
  const bool login = proxy && !proxy->user.empty();
  Set(CURLOPT_PROXY, proxy ? ("http://" + proxy->Endpoint()).c_str() : "");
  Set(CURLOPT_PROXYUSERNAME, login ? proxy->user.c_str() : nullptr);
  Set(CURLOPT_PROXYPASSWORD, login ? proxy->password.c_str() : nullptr);
  Set(CURLOPT_DEBUGFUNCTION, &OnTraffic);
  Set(CURLOPT_DEBUGDATA, this);
  Set(CURLOPT_VERBOSE, proxy ? 1L : 0L);  // else libcurl does not call
}

// The one sign that libcurl gives of a connection to a proxy that never came to a tunnel: words went out.
int Transfer::Impl::OnTraffic(CURL*, curl_infotype what, char*, size_t, void* self) {
  if (what == CURLINFO_HEADER_OUT) static_cast<Impl*>(self)->result.end.proxy_reached = true;
  return 0;
}

curl_socket_t Transfer::Impl::OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* impl = static_cast<Impl*>(self);
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  if (fd < 0) {
    impl->result.end.os_error = errno;
    return CURL_SOCKET_BAD;
  }
  impl->address = NetworkAddress(&address->addr, address->addrlen);
  return fd;
}

CURLcode Transfer::Impl::OnTlsConfig(CURL*, void* ssl_config, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->tcp_connected_us = (impl->clock.Boot() - impl->begun).count();
  if (impl->trust.Install(ssl_config, &impl->result.end.verification)) return CURLE_OK;
  impl->result.end.stop = Stop::kNoTrust;
  return CURLE_ABORTED_BY_CALLBACK;
}

// Before the request is sent, with the handshake done: the only time libcurl shows the TLS connection.
int Transfer::Impl::OnConnected(void* self, char*, char*, int, int) {
  auto* impl = static_cast<Impl*>(self);
  const auto* tls = impl->Get<curl_tlssessioninfo*>(CURLINFO_TLS_SSL_PTR);
  if (tls != nullptr && tls->backend == CURLSSLBACKEND_MBEDTLS)
    impl->result.tls_version = TlsVersion(tls->internals);
  return CURL_PREREQFUNC_OK;
}

size_t Transfer::Impl::OnHeader(char* data, size_t, size_t size, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->header_bytes += size;
  if (impl->header_bytes > kMaxHeaderBytes) {
    impl->result.end.stop = Stop::kHeadersTooLarge;
    return CURL_WRITEFUNC_ERROR;
  }
  const std::string_view line(data, size);
  constexpr std::string_view kLocation = "location:";
  if (line.starts_with("HTTP/")) {
    impl->result.location.clear();  // that of an interim answer (1xx) does not count
  } else if (line.size() > kLocation.size() && size <= kMaxLocationBytes &&
             strncasecmp(data, kLocation.data(), kLocation.size()) == 0) {
    impl->result.location = Trim(line.substr(kLocation.size()));
  }
  return size;
}

size_t Transfer::Impl::OnBody(char* data, size_t, size_t size, void* self) {
  auto* impl = static_cast<Impl*>(self);
  TransferResult& result = impl->result;
  if (impl->request.follow_redirects && !result.location.empty() &&
      IsRedirectStatus(impl->Get<long>(CURLINFO_RESPONSE_CODE))) {
    result.end.stop = Stop::kRedirect;
    return CURL_WRITEFUNC_ERROR;
  }
  // Counted here and not by CURLOPT_MAXFILESIZE, which before 8.20 sees only a length the server announced.
  result.body_bytes += static_cast<int64_t>(size);
  if (static_cast<uint64_t>(result.body_bytes) > impl->request.max_body_bytes) {
    result.end.stop = Stop::kBodyTooLarge;
    return CURL_WRITEFUNC_ERROR;
  }
  if (impl->request.keep_body) result.body.append(data, size);
  return size;
}

HopTimes Transfer::Impl::Times(bool complete) const {
  HopTimes times = result.end.times;
  times.name_lookup = Get<curl_off_t>(CURLINFO_NAMELOOKUP_TIME_T);
  times.connect = Get<curl_off_t>(CURLINFO_CONNECT_TIME_T);
  if (times.connect == 0) times.connect = tcp_connected_us;
  times.app_connect = Get<curl_off_t>(CURLINFO_APPCONNECT_TIME_T);
  times.start_transfer = Get<curl_off_t>(CURLINFO_STARTTRANSFER_TIME_T);
  times.total = Get<curl_off_t>(CURLINFO_TOTAL_TIME_T);
  times.complete = complete;
  return times;
}

Transfer::Transfer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transfer::~Transfer() = default;

std::unique_ptr<Transfer> Transfer::Create(const TrustStore& trust, const Clock& clock,
                                           const std::string& user_agent) {
  auto impl = std::make_unique<Impl>(trust, clock, user_agent);
  if (impl->easy == nullptr) return nullptr;
  std::unique_ptr<Transfer> transfer(new Transfer(std::move(impl)));
  transfer->impl_->Set(CURLOPT_PRIVATE, transfer.get());
  transfer->impl_->SetOptions();
  return transfer;
}

bool Transfer::Prepare(const TransferRequest& request) {
  impl_->request = request;
  impl_->result = {};
  impl_->header_bytes = 0;
  impl_->tcp_connected_us = 0;
  impl_->address = {};
  impl_->error_text[0] = '\0';
  impl_->begun = impl_->clock.Boot();
  HopEnd& end = impl_->result.end;
  end.host = UrlHost(request.url).value_or("");
  if (request.proxy) end.proxy = request.proxy->Endpoint();
  end.times.numeric_host = IsNumericHost(request.proxy ? request.proxy->host : end.host);
  end.times.tls = request.url.starts_with("https:") || request.url.starts_with("HTTPS:");
  impl_->SetProxy(request.proxy);
  impl_->Set(CURLOPT_URL, request.url.c_str());
  impl_->Set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  // libcurl's own limit of 300 s on connecting is as long as the longest timeout; this makes it moot.
  impl_->Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
  return impl_->options_ok;
}

void Transfer::NoteUnwatched() {
  impl_->result.end.unwatched = true;
}

TransferResult Transfer::Finish(int curl_code) {
  TransferResult& result = impl_->result;
  HopEnd& end = result.end;
  // The redirect's body was not wanted: that hop is complete.
  end.curl_code = end.stop == Stop::kRedirect && curl_code == CURLE_WRITE_ERROR ? CURLE_OK : curl_code;
  end.text = impl_->error_text;
  end.times = impl_->Times(end.curl_code == CURLE_OK);
  if (end.curl_code == CURLE_COULDNT_CONNECT && end.os_error == 0) {
    end.os_error = static_cast<int>(impl_->Get<long>(CURLINFO_OS_ERRNO));
  }
  if (end.curl_code == CURLE_COULDNT_RESOLVE_HOST) {
    end.os_error = SocketShortage();
    end.no_route = !HasDefaultRoute();
  }
  if (end.os_error == ENETUNREACH) end.no_route = !impl_->address.HasRoute();
  if (!end.proxy.empty()) {
    end.proxy_status = static_cast<int>(impl_->Get<long>(CURLINFO_HTTP_CONNECTCODE));
    end.proxy_passed = end.times.tls ? impl_->tcp_connected_us != 0 : end.times.connect != 0;
  }
  if (const long status = impl_->Get<long>(CURLINFO_RESPONSE_CODE); status >= 100) {
    result.status_code = static_cast<int>(status);
  }
  // libcurl names the address only of a connection that stood; the last one tried is of interest, too.
  if (!end.proxy.empty()) {
    result.ip.reset();
  } else if (const char* ip = impl_->Get<char*>(CURLINFO_PRIMARY_IP); ip != nullptr && *ip != '\0') {
    result.ip = ip;
  } else {
    result.ip = impl_->address.ToText();
  }
  switch (impl_->Get<long>(CURLINFO_HTTP_VERSION)) {
    case CURL_HTTP_VERSION_1_0:
      result.http_version = "1.0";
      break;
    case CURL_HTTP_VERSION_1_1:
      result.http_version = "1.1";
      break;
    default:
      break;
  }
  return std::move(result);
}

void* Transfer::handle() const {
  return impl_->easy;
}

}  // namespace picket
