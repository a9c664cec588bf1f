#include "doctor/kafka_checks.h"

#include <stdlib.h>

#include <map>

#include "doctor/clock_check.h"
#include "doctor/tcp.h"
#include "port/files.h"
#include "port/proxy_tunnels.h"
#include "settings/values.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxBrokers = 5;
constexpr milliseconds kNameLimit{5000};
constexpr milliseconds kTcpLimit{3000};
constexpr milliseconds kLoginLimit{9000};
constexpr milliseconds kAnswerLimit{5000};
constexpr int64_t kDayUs = 86'400'000'000;
constexpr int64_t kDayMs = kDayUs / 1000;
constexpr int64_t kSoonDays = 14;
constexpr int64_t kBatchBytes = 131'072;  // the agent's batch.size

struct Cure {
  const char* kind;
  const char* text;
};
constexpr Cure kCures[] = {
    {"unknown_ca", "set kafka.ca_file to the PEM file of the CA that signed the broker's certificate"},
    {"not_yet_valid", "set this machine's clock, or correct the broker's certificate"},
    {"expired", "renew the broker's certificate, or set this machine's clock"},
    {"wrong_host", "use a name from the certificate in kafka.brokers"},
    {"weak_certificate", "give the broker a certificate with RSA of 2048 bits or ECDSA, and SHA-256"},
    {"wrong_purpose", "give the broker a certificate for servers (extendedKeyUsage serverAuth)"},
    {"bad_certificate", "see the broker's certificate and its chain"},
    {"peer_alert",
     "set kafka.cert_file and kafka.key_file if the broker wants a client certificate; see its log"},
    {"plaintext_port", "use the port of the broker's SSL or SASL_SSL listener in kafka.brokers"},
    {"closed", "see the broker's log; kafka.security_protocol must be the listener's"},
    {"auth", "check kafka.username and kafka.password, and kafka.sasl_mechanism"},
    {"mechanism", "set kafka.sasl_mechanism to one that the broker offers"},
    {"proxy", "check kafka.proxy"},
    {"dns", "check kafka.brokers and this machine's name servers"},
    {"refused", "check that the broker runs, and kafka.brokers"},
};

std::string ListOf(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) text += (text.empty() ? "" : ", ") + address.ToText();
  return text;
}

std::string Quoted(const std::string& text) {
  return "'" + text + "'";
}

int64_t NumberOf(const std::map<std::string, std::string>& config, const char* name, int64_t fallback) {
  const auto found = config.find(name);
  return found == config.end() ? fallback : strtoll(found->second.c_str(), nullptr, 10);
}

}  // namespace

std::string CureOfFault(const std::string& kind) {
  for (const Cure& cure : kCures) {
    if (kind == cure.kind) return cure.text;
  }
  return "see the broker's log, and kafka.brokers";
}

Advice PartAdvice(const std::string& text) {
  for (const char* verb : {"set ", "renew ", "use ", "check "}) {
    const size_t at = text.find(std::string(": ") + verb);
    if (at != text.npos) return {text.substr(0, at), text.substr(at + 2)};
  }
  return {text, {}};
}

std::string DescribeValidity(WallTime not_after, WallTime now) {
  const int64_t days = (not_after.us - now.us) / kDayUs;
  const std::string date = FormatTimestamp(not_after).substr(0, 10);
  if (not_after < now) return "expired " + std::to_string(-days) + " days ago, on " + date;
  return "valid for " + std::to_string(days) + " more days, to " + date;
}

std::string KafkaChecks::Principal() const {
  const KafkaSettings& kafka = parts_.kafka;
  if (kafka.security_protocol.starts_with("SASL")) return "User:" + kafka.username;
  return kafka.cert_file.empty() ? "User:ANONYMOUS" : "User:(subject of kafka.cert_file)";
}

void KafkaChecks::CheckBrokers(Report* report) {
  const std::vector<std::string>& brokers = parts_.kafka.brokers;
  for (size_t i = 0; i < brokers.size() && i < kMaxBrokers; ++i) {
    report->Area("broker " + brokers[i]);
    if (parts_.budget.Over()) {
      report->Skip("connection", kBudgetOver);
      continue;
    }
    if (!CheckReach(brokers[i], report)) {
      report->Skip("tls", "there is no connection");
      report->Skip("login", "there is no connection");
      continue;
    }
    std::unique_ptr<KafkaSession> session = CheckLogin(brokers[i], report);
    if (session && !session_) session_ = std::move(session);
  }
  if (brokers.size() > kMaxBrokers) {
    report->Area("brokers");
    report->Skip("others", "five of kafka.brokers are enough: " +
                               std::to_string(brokers.size() - kMaxBrokers) + " more");
  }
}

bool KafkaChecks::CheckReach(const std::string& broker, Report* report) {
  const Expected<HostPort> parts = SplitHostPort(broker);
  if (!parts) {
    report->Fail("dns", parts.error().message, "correct kafka.brokers");
    return false;
  }
  if (parts_.kafka.proxy) return CheckTunnel(*parts, report);
  const std::vector<NameAnswer> answers = LookUpNames({parts->host}, parts_.budget.Share(kNameLimit));
  const NameAnswer& answer = answers.front();
  if (answer.addresses.empty()) {
    const NameFailure failure =
        DescribeNameFailure(answer, NameServers(ReadFile("/etc/resolv.conf", 1 << 16).value_or("")));
    report->Fail("dns", parts->host + ": " + failure.found, "kafka.brokers: " + failure.cure);
    report->Skip("tcp", "the name has no address");
    return false;
  }
  report->Ok("dns", ListOf(answer.addresses) + " (" + std::to_string(answer.took.count()) + " ms)");
  const TcpAnswer tcp = TryConnect(answer.addresses, parts->port, parts_.budget.Share(kTcpLimit));
  if (!tcp.connected) {
    report->Fail("tcp", DescribeTcpFailure(tcp),
                 "check kafka.brokers, that the broker runs, and firewalls in between");
    return false;
  }
  report->Ok("tcp", "connected to " + tcp.address + " in " + std::to_string(tcp.took.count()) + " ms");
  return true;
}

// The proxy looks the broker's name up and connects to it.
bool KafkaChecks::CheckTunnel(const HostPort& broker, Report* report) {
  const ProxyUrl& proxy = *parts_.kafka.proxy;
  const Expected<std::unique_ptr<ProxyTunnels>> tunnels = ProxyTunnels::Create(proxy, "kafka.proxy");
  const auto port = static_cast<uint16_t>(ParseInteger(broker.port).value_or(0));
  const Status opened = tunnels ? (*tunnels)->Try(broker.host, port) : std::unexpected(tunnels.error());
  if (!opened) {
    report->Fail("proxy", opened.error().message, "check kafka.proxy and the proxy's rules");
    return false;
  }
  report->Ok("proxy", "a tunnel through " + proxy.Endpoint());
  return true;
}

std::unique_ptr<KafkaSession> KafkaChecks::CheckLogin(const std::string& broker, Report* report) {
  KafkaSessionOptions options = parts_.session;
  options.proxy = parts_.kafka.proxy;
  options.properties.emplace_back("bootstrap.servers", broker);
  Expected<std::unique_ptr<KafkaSession>> session = parts_.open(std::move(options));
  if (!session) {
    report->Fail("tls", session.error().message, "correct the kafka section of the configuration");
    report->Skip("login", "no connection could be tried");
    return nullptr;
  }
  const KafkaLogin& login = (*session)->Connect(parts_.budget.Share(kLoginLimit));
  if (login.tls) TellTls(login, report);
  if (!login.in) {
    TellFault(login, report);
    return nullptr;
  }
  const KafkaSettings& kafka = parts_.kafka;
  std::string who = "with the client certificate";
  if (kafka.security_protocol.starts_with("SASL"))
    who = "as " + Quoted(kafka.username) + " with " + kafka.sasl_mechanism;
  else if (kafka.cert_file.empty())
    who = "without a name";
  report->Ok("login", who + ", cluster " + login.cluster_id +
                          (login.mechanisms.empty() ? "" : "; the broker offers " + login.mechanisms));
  return *std::move(session);
}

void KafkaChecks::TellTls(const KafkaLogin& login, Report* report) const {
  const TlsFacts& tls = *login.tls;
  std::string text = tls.version.empty() ? "certificate accepted" : tls.version + ", " + tls.cipher;
  if (!tls.certificate.issuer.empty()) text += ", issued by " + tls.certificate.issuer;
  if (!tls.certificate.not_after) return report->Ok("tls", text);
  const WallTime now = parts_.clock.Wall();
  text += ", " + DescribeValidity(*tls.certificate.not_after, now);
  if (tls.certificate.not_after->us - now.us > kSoonDays * kDayUs) return report->Ok("tls", text);
  report->Warn("tls", text, "renew the broker's certificate in time");
}

void KafkaChecks::TellFault(const KafkaLogin& login, Report* report) const {
  const char* step = login.tls ? "login" : "tls";
  if (!login.fault) {
    report->Fail(step,
                 login.tls ? "the broker does not answer after the handshake"
                           : "the broker takes the connection and does not answer",
                 "check that kafka.brokers has the port of a Kafka broker, and the broker's log");
  } else {
    // OpenSSL's build of librdkafka tells of no handshake that was followed by a refused login.
    if (login.fault->kind == "auth" || login.fault->kind == "mechanism") {
      if (!login.tls) report->Ok("tls", "certificate accepted");
      step = "login";
    }
    Advice advice = PartAdvice(login.fault->text);
    if (advice.cure.empty()) advice.cure = CureOfFault(login.fault->kind);
    report->Fail(step, std::move(advice.found), std::move(advice.cure));
  }
  if (std::string_view(step) == "tls") report->Skip("login", "TLS failed");
}

void KafkaChecks::CheckTopics(Report* report) {
  const std::vector<std::string> names = {parts_.kafka.topic, parts_.kafka.StatusTopic()};
  report->Area("topic " + names[0]);
  if (!session_) return report->Skip("permission", "no broker took the login");
  if (parts_.budget.Over()) return report->Skip("permission", kBudgetOver);
  const auto topics = session_->Topics(names, parts_.budget.Share(kAnswerLimit));
  if (!topics) {
    return report->Fail("permission", "the cluster does not tell: " + topics.error().message,
                        "the addresses in the brokers' advertised.listeners must be reachable from here");
  }
  for (const TopicFacts& facts : *topics) {
    report->Area("topic " + facts.name);
    CheckTopic(facts, facts.name != names[0], report);
  }
}

void KafkaChecks::CheckTopic(const TopicFacts& facts, bool is_status, Report* report) {
  CheckRights(facts, is_status, report);
  if (facts.state != TopicFacts::State::kThere || is_status) return;
  if (parts_.budget.Over()) return report->Skip("settings", kBudgetOver);
  CheckConfig(facts, report);
  const auto last = session_->LastTimestamp(facts.name, facts.partitions, parts_.budget.Share(kAnswerLimit));
  if (!last)
    return report->Skip("clock", "the time of the newest record could not be read: " + last.error().message);
  if (!*last) return report->Skip("clock", "the topic has no record yet whose time could be compared");
  CheckSkew({.name = "the newest record in the topic",
             .then = **last,
             .here = parts_.clock.Wall(),
             .at_least = true},
            report);
}

std::string KafkaChecks::GrantCommand(const std::string& topic) const {
  const bool writes = parts_.use == TopicUse::kWrites;
  return std::string("let ") + Principal() + (writes ? " write to and describe" : " read and describe") +
         " topic " + Quoted(topic) + ": kafka-acls --add --allow-principal " + Principal() + " --operation " +
         (writes ? "Write" : "Read") + " --operation Describe --topic " + topic;
}

void KafkaChecks::CheckRights(const TopicFacts& facts, bool is_status, Report* report) const {
  const bool writes = parts_.use == TopicUse::kWrites;
  const auto tell = [&](std::string found, std::string cure) {
    if (!is_status) return report->Fail("permission", std::move(found), std::move(cure));
    found += writes ? "; results flow all the same, the audit will say 'agent side not reported'"
                    : "; results are stored all the same, the audit cannot tell what agents dropped";
    report->Warn("permission", std::move(found), std::move(cure));
  };
  switch (facts.state) {
    case TopicFacts::State::kMissing:
      return tell("the topic does not exist",
                  "make topic " + Quoted(facts.name) +
                      " with message.timestamp.type=LogAppendTime, or correct kafka.topic");
    case TopicFacts::State::kForbidden:
      return tell(Principal() + " may not see the topic, if it exists", GrantCommand(facts.name));
    case TopicFacts::State::kFailed:
      return tell(facts.error, "see the broker's log");
    case TopicFacts::State::kThere:
      break;
  }
  const std::string size =
      std::to_string(facts.partitions) + (facts.partitions == 1 ? " partition" : " partitions");
  if (!facts.knows_rights)
    return report->Skip("permission", "this broker does not tell what we may do; " + size);
  if (writes ? facts.may_write : facts.may_read) {
    return report->Ok("permission", std::string(writes ? "may write; " : "may read; ") + size);
  }
  tell(Principal() + (writes ? " may not write to the topic" : " may not read the topic"),
       GrantCommand(facts.name));
}

void KafkaChecks::CheckConfig(const TopicFacts& facts, Report* report) {
  const auto config = session_->TopicConfig(facts.name, parts_.budget.Share(kAnswerLimit));
  CheckReplicas(facts, config ? &*config : nullptr, report);
  if (!config) {
    if (config.error().code != ErrorCode::kPermission)
      return report->Skip("settings", config.error().message);
    return report->Skip(
        "settings",
        Principal() + " may not read them (DescribeConfigs): timestamp type and sizes are not checked");
  }
  const auto type = config->find("message.timestamp.type");
  if (type != config->end() && type->second != "LogAppendTime") {
    report->Warn("settings",
                 "message.timestamp.type is " + type->second +
                     ": a wrong clock here makes the broker refuse records or delete them early",
                 "set message.timestamp.type=LogAppendTime on topic " + Quoted(facts.name));
  } else if (const int64_t most = NumberOf(*config, "max.message.bytes", kBatchBytes * 2);
             most < kBatchBytes) {
    report->Warn("settings",
                 "max.message.bytes is " + std::to_string(most) + ": batches of up to " +
                     std::to_string(kBatchBytes) + " bytes are refused",
                 "set max.message.bytes=1048588 on the topic, or batch.size in kafka.librdkafka below it");
  } else {
    report->Ok("settings", "LogAppendTime, max.message.bytes " +
                               std::to_string(NumberOf(*config, "max.message.bytes", 0)));
  }
  if (parts_.use != TopicUse::kReads) return;
  const int64_t kept_ms = NumberOf(*config, "retention.ms", -1);
  if (kept_ms < 0) return report->Ok("retention", "records are kept for ever");
  const std::string kept =
      std::to_string(kept_ms / kDayMs) + " days " + std::to_string(kept_ms % kDayMs / 3'600'000) + " h";
  if (kept_ms >= kDayMs) return report->Ok("retention", "records are kept " + kept);
  report->Warn("retention", "records are kept " + kept + " only: what is not read by then is lost",
               "set retention.ms on topic " + Quoted(facts.name) + " to at least a day");
}

void KafkaChecks::CheckReplicas(const TopicFacts& facts, const std::map<std::string, std::string>* config,
                                Report* report) const {
  const int64_t wanted = config == nullptr ? 1 : NumberOf(*config, "min.insync.replicas", 1);
  const std::string text = std::to_string(facts.fewest_in_sync) + " of " + std::to_string(facts.replicas) +
                           " in sync" +
                           (config == nullptr ? "" : ", min.insync.replicas " + std::to_string(wanted));
  if (facts.without_leader > 0) {
    return report->Fail("replicas", std::to_string(facts.without_leader) + " partitions have no leader",
                        "start the brokers that hold them");
  }
  if (static_cast<int64_t>(facts.fewest_in_sync) >= wanted) return report->Ok("replicas", text);
  if (parts_.use == TopicUse::kReads)
    return report->Warn("replicas", text, "start the missing brokers: agents cannot write");
  report->Fail("replicas", text + ": the broker acknowledges nothing, results stay in the buffer",
               "start the missing brokers, or lower min.insync.replicas on the topic");
}

}  // namespace picket
