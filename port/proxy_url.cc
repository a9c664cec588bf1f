#include "port/proxy_url.h"

#include <charconv>
#include <optional>

namespace picket {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr size_t kMaxPartBytes = 255;  // of host, user and password each

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const char* end = digits.data() + digits.size();
    if (digits.size() != 2 || std::from_chars(digits.data(), end, value, 16).ptr != end) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

Status TakeLogin(std::string_view login, ProxyUrl* url) {
  const size_t colon = login.find(':');
  const auto user = PercentDecode(login.substr(0, colon));
  const auto password =
      PercentDecode(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
  if (!user || !password || !IsPrintable(*user) || !IsPrintable(*password)) {
    return Fail(ErrorCode::kConfig, "has a '%%' in user or password that is not followed by two hexadecimal digits");
  }
  // Basic authentication ends the user at the first colon (RFC 7617 section 2).
  if (user->empty() || user->find(':') != std::string::npos) {
    return Fail(ErrorCode::kConfig, "has a user that is empty or holds a ':'");
  }
  if (user->size() > kMaxPartBytes || password->size() > kMaxPartBytes) {
    return Fail(ErrorCode::kConfig, "has a user or password longer than %zu bytes", kMaxPartBytes);
  }
  url->user = *user;
  url->password = *password;
  return {};
}

bool IsHost(std::string_view host, bool bracketed) {
  constexpr std::string_view kName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  constexpr std::string_view kAddress = "ABCDEFabcdef0123456789:.";
  return !host.empty() && host.size() <= kMaxPartBytes &&
         host.find_first_not_of(bracketed ? kAddress : kName) == std::string_view::npos;
}

}  // namespace

std::string ProxyUrl::Authority(std::string_view host, uint16_t port) {
  const bool numeric_v6 = host.find(':') != std::string_view::npos;
  std::string text;
  text.append(numeric_v6 ? "[" : "").append(host).append(numeric_v6 ? "]:" : ":");
  return text + std::to_string(port);
}

Expected<ProxyUrl> ParseProxyUrl(std::string_view text) {
  if (!text.starts_with(kScheme)) {
    return Fail(ErrorCode::kConfig, "must begin with http:// (no other kind of proxy is known)");
  }
  text.remove_prefix(kScheme.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  ProxyUrl url;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (Status taken = TakeLogin(text.substr(0, at), &url); !taken) {
      return std::unexpected(std::move(taken).error());
    }
    text.remove_prefix(at + 1);
  }
  const bool bracketed = text.starts_with('[');
  const size_t colon = text.rfind(':');
  const size_t host_end = bracketed ? text.find(']') + 1 : colon;
  if (colon == std::string_view::npos || host_end != colon) {
    return Fail(ErrorCode::kConfig,
                "must name host and port, as in http://proxy.example:3128; an IPv6 address stands in brackets");
  }
  const std::string_view host = bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
  if (!IsHost(host, bracketed)) return Fail(ErrorCode::kConfig, "has no valid host name");
  const std::string_view port = text.substr(colon + 1);
  const char* end = port.data() + port.size();
  if (std::from_chars(port.data(), end, url.port).ptr != end || url.port == 0) {
    return Fail(ErrorCode::kConfig, "must end in a port from 1 to 65535");
  }
  url.host = host;
  return url;
}

}  // namespace picket
