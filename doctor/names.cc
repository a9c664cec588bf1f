#include "doctor/names.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace picket {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMaxNames = 64;
// A resolver that waited so long before it said "try again" has heard nothing; one that is quicker was told
// so.
constexpr milliseconds kHeardNothing{2000};

// Shared with the threads, some of which may outlive whoever asked.
struct Lookups {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<NameAnswer> answers;
  size_t pending = 0;
};

std::vector<SocketAddress> Distinct(const addrinfo* list) {
  std::vector<SocketAddress> addresses;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    SocketAddress address;
    if (item->ai_addrlen > sizeof address.storage) continue;
    memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.length = item->ai_addrlen;
    const auto same = [&](const SocketAddress& other) { return other.ToText() == address.ToText(); };
    if (std::ranges::none_of(addresses, same)) addresses.push_back(address);
  }
  return addresses;
}

void LookUp(const std::shared_ptr<Lookups>& lookups, size_t index, const std::string& host) {
  const auto begin = steady_clock::now();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const auto took = duration_cast<milliseconds>(steady_clock::now() - begin);
  std::vector<SocketAddress> addresses = error == 0 ? Distinct(list) : std::vector<SocketAddress>();
  if (error == 0) freeaddrinfo(list);

  const std::lock_guard lock(lookups->mutex);
  NameAnswer& answer = lookups->answers[index];
  answer.addresses = std::move(addresses);
  answer.took = took;
  answer.gai_error = error;
  --lookups->pending;
  lookups->changed.notify_all();
}

// What one thread is started with; it owns it.
struct Question {
  std::shared_ptr<Lookups> lookups;
  size_t index;
  std::string host;
};

extern "C" void* AnswerQuestion(void* argument) {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  LookUp(question->lookups, question->index, question->host);
  return nullptr;
}

// On a thread of its own that nobody waits for; here and now when there are no more threads. Not std::thread, which
// tells that by an exception.
void Ask(std::unique_ptr<Question> question) {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, AnswerQuestion, question.get()) != 0) {
    LookUp(question->lookups, question->index, question->host);
    return;
  }
  static_cast<void>(question.release());  // the thread's now
  pthread_detach(thread);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string SocketAddress::ToText() const {
  char text[INET6_ADDRSTRLEN] = "?";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, text, sizeof text);
  } else if (storage.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, text, sizeof text);
  }
  return text;
}

std::vector<NameAnswer> LookUpNames(const std::vector<std::string>& hosts, milliseconds limit) {
  const auto lookups = std::make_shared<Lookups>();
  const size_t count = std::min(hosts.size(), kMaxNames);
  lookups->answers.resize(count);
  for (size_t i = 0; i < count; ++i) {
    lookups->answers[i].host = hosts[i];
    lookups->answers[i].took = limit;  // unless an answer comes
  }
  lookups->pending = count;
  for (size_t i = 0; i < count; ++i) {
    Ask(std::make_unique<Question>(lookups, i, hosts[i]));
  }
  std::unique_lock lock(lookups->mutex);
  lookups->changed.wait_for(lock, limit, [&] { return lookups->pending == 0; });
  return lookups->answers;
}

std::vector<std::string> NameServers(std::string_view text) {
  std::vector<std::string> servers;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    constexpr std::string_view kWord = "nameserver";
    if (!line.starts_with(kWord)) continue;
    line.remove_prefix(kWord.size());
    const size_t begin = line.find_first_not_of(" \t");
    if (begin == 0 || begin == line.npos) continue;
    servers.emplace_back(line.substr(begin, line.find_first_of(" \t\r#;", begin) - begin));
  }
  return servers;
}

NameFailure DescribeNameFailure(const NameAnswer& answer, const std::vector<std::string>& servers) {
  char took[32];
  snprintf(took, sizeof took, "%.1f s", static_cast<double>(answer.took.count()) / 1000);
  if (answer.gai_error == EAI_NONAME
#ifdef EAI_NODATA
      || answer.gai_error == EAI_NODATA
#endif
  ) {
    return {"no such name (NXDOMAIN, or it has no address)",
            "correct the name, or add it to the DNS or to /etc/hosts", true};
  }
  if (servers.empty()) {
    return {"no name server is configured: /etc/resolv.conf names none",
            "put 'nameserver ADDRESS' into /etc/resolv.conf, or see why DHCP did not"};
  }
  if (answer.gai_error == 0 || (answer.gai_error == EAI_AGAIN && answer.took >= kHeardNothing)) {
    return {"no answer from the name server " + Joined(servers) + " within " + took,
            "check the uplink, and the servers in /etc/resolv.conf"};
  }
  if (answer.gai_error == EAI_AGAIN || answer.gai_error == EAI_FAIL) {
    return {"the name server " + Joined(servers) + " failed or cannot be reached (" + took + ")",
            "check the uplink, and the servers in /etc/resolv.conf"};
  }
  return {gai_strerror(answer.gai_error), "check the name and /etc/resolv.conf"};
}

Expected<HostPort> SplitHostPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  HostPort parts;
  if (colon != address.npos && colon > 0 && colon + 1 < address.size()) {
    parts.host = address.substr(0, colon);
    parts.port = address.substr(colon + 1);
    if (parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']') {
      parts.host = parts.host.substr(1, parts.host.size() - 2);
    }
  }
  if (parts.host.empty() || parts.port.find_first_not_of("0123456789") != std::string::npos ||
      parts.port.size() > 5) {
    return Fail(ErrorCode::kInvalidArgument, "'%.*s' is not host:port", static_cast<int>(address.size()),
                address.data());
  }
  return parts;
}

}  // namespace picket
