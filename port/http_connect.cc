#include "port/http_connect.h"

#include <charconv>

namespace picket {
namespace {

constexpr size_t kMaxReasonBytes = 80;

std::string Printable(std::string_view text) {
  std::string out(text.substr(0, kMaxReasonBytes));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < group.size() ? static_cast<uint8_t>(group[k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string ConnectRequest(const ProxyUrl& proxy, std::string_view host, uint16_t port) {
  const std::string target = ProxyUrl::Authority(host, port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.user.empty()) {
    request += "Proxy-Authorization: Basic " + Base64(proxy.user + ":" + proxy.password) + "\r\n";
  }
  return request + "\r\n";
}

Expected<std::optional<ConnectAnswer>> ReadConnectAnswer(std::string_view received) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const std::string_view begin = received.substr(0, kVersion.size());
  if (!kVersion.starts_with(begin)) return Fail(ErrorCode::kCorrupt, "its answer is not HTTP");
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (received.size() < kMaxConnectAnswerBytes) return std::nullopt;
    return Fail(ErrorCode::kCorrupt, "its answer is longer than %zu bytes", kMaxConnectAnswerBytes);
  }
  // "HTTP/1.1 407 Proxy Authentication Required"
  const std::string_view line = received.substr(0, received.find("\r\n"));
  const size_t status_at = kVersion.size() + 2;
  const std::string_view digits = line.size() > status_at ? line.substr(status_at, 3) : std::string_view();
  ConnectAnswer answer;
  const char* digits_end = digits.data() + digits.size();
  if (digits.size() != 3 ||
      std::from_chars(digits.data(), digits_end, answer.status).ptr != digits_end || answer.status < 100) {
    return Fail(ErrorCode::kCorrupt, "its answer is not HTTP");
  }
  if (line.size() > status_at + 4) answer.reason = Printable(line.substr(status_at + 4));
  answer.bytes = end + 4;
  return answer;
}

std::string DescribeRefusal(const ConnectAnswer& answer, std::string_view target, std::string_view setting) {
  const std::string name(setting);
  std::string text = "it refused a tunnel to " + std::string(target) + ": " + std::to_string(answer.status);
  if (!answer.reason.empty()) text += " " + answer.reason;
  switch (answer.status) {
    case 407:
      return text + ": set user and password in " + name;
    case 401:
    case 403:
    case 405:
      return text + ": allow CONNECT to that port on the proxy, or change " + name;
    case 502:
    case 503:
    case 504:
      return text + ": it cannot reach that host; look at the proxy's log";
    default:
      return text + ": check " + name;
  }
}

}  // namespace picket
