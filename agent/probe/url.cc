#include "agent/probe/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace picket {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

struct CurlDeleter {
  void operator()(char* text) const { curl_free(text); }
};

// A part of the URL; empty when it has none.
std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, CurlDeleter> owned(text);
  return text;
}

bool IsHttp(std::string_view scheme) {
  return scheme == "http" || scheme == "https";
}

Expected<Url> Parse(const std::string& text) {
  Url url(curl_url());
  if (!url) return Fail(ErrorCode::kResourceExhausted, "out of memory");
  if (text.size() > kMaxUrlBytes) {
    return Fail(ErrorCode::kInvalidArgument, "longer than %zu bytes", kMaxUrlBytes);
  }
  if (text.find('\0') != std::string::npos) return Fail(ErrorCode::kInvalidArgument, "has a NUL character");
  // Schemes we do not speak are parsed, so that the message can name them.
  const CURLUcode failed = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (failed == CURLUE_BAD_SCHEME)
    return Fail(ErrorCode::kInvalidArgument, "must begin with http:// or https://");
  if (failed) return Fail(ErrorCode::kInvalidArgument, "%s", curl_url_strerror(failed));
  return url;
}

}  // namespace

Status ValidateUrl(const std::string& text) {
  const Expected<Url> url = Parse(text);
  if (!url) return std::unexpected(url.error());
  const std::string scheme = Part(url->get(), CURLUPART_SCHEME);
  if (!IsHttp(scheme)) {
    return Fail(ErrorCode::kInvalidArgument, "must begin with http:// or https://, not %s:", scheme.c_str());
  }
  const std::string host = Part(url->get(), CURLUPART_HOST);
  // libcurl would take "http:///shop" for http://shop/.
  if (host.empty() || text.find(":///") == scheme.size())
    return Fail(ErrorCode::kInvalidArgument, "has no host");
  if (std::ranges::any_of(host, [](unsigned char c) { return c >= 0x80; })) {
    return Fail(ErrorCode::kInvalidArgument, "has a host that is not ASCII: write its xn-- form");
  }
  if (!Part(url->get(), CURLUPART_USER).empty() || !Part(url->get(), CURLUPART_PASSWORD).empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "has a user or password, which every record would carry to all readers of the topic");
  }
  return {};
}

Expected<std::string> UrlHost(const std::string& text) {
  const Expected<Url> url = Parse(text);
  if (!url) return std::unexpected(url.error());
  std::string host = Part(url->get(), CURLUPART_HOST);
  if (host.empty()) return Fail(ErrorCode::kInvalidArgument, "has no host");
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return host;
}

Expected<std::string> ResolveRedirect(const std::string& base, const std::string& location) {
  const Expected<Url> url = Parse(base);
  if (!url) return std::unexpected(url.error());
  // Servers send spaces and raw UTF-8 in Location; browsers encode them, and so does this.
  if (location.size() > kMaxUrlBytes ||
      curl_url_set(url->get(), CURLUPART_URL, location.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE)) {
    return Fail(ErrorCode::kInvalidArgument, "redirected to what is no URL");
  }
  const std::string scheme = Part(url->get(), CURLUPART_SCHEME);
  if (!IsHttp(scheme)) {
    return Fail(ErrorCode::kInvalidArgument, "redirected to %s:, which is not followed", scheme.c_str());
  }
  curl_url_set(url->get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(url->get(), CURLUPART_PASSWORD, nullptr, 0);
  std::string target = Part(url->get(), CURLUPART_URL);
  if (target.empty() || target.size() > kMaxUrlBytes || Part(url->get(), CURLUPART_HOST).empty()) {
    return Fail(ErrorCode::kInvalidArgument, "redirected to what is no URL");
  }
  return target;
}

}  // namespace picket
