#include "settings/kafka_keys.h"

#include <algorithm>
#include <utility>

#include "settings/values.h"

namespace picket {
namespace {

constexpr std::string_view kSecurityProtocols[] = {"SASL_SSL", "SSL"};
constexpr std::string_view kMechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"};

// Kafka allows 249; ".status" and ".dlq" must fit behind it.
constexpr int64_t kMaxTopicBytes = 242;

// A name that ends in a dot stands for all that begin with it. The first match counts.
struct RefusedProperty {
  std::string_view name;
  const char* reason;
};
constexpr RefusedProperty kRefused[] = {
    // These have a key.
    {"bootstrap.servers", "use kafka.brokers"},
    {"metadata.broker.list", "use kafka.brokers"},
    {"security.protocol", "use kafka.security_protocol"},
    {"sasl.mechanism", "use kafka.sasl_mechanism"},
    {"sasl.mechanisms", "use kafka.sasl_mechanism"},
    {"sasl.username", "use kafka.username"},
    {"sasl.password", "use kafka.password_file"},
    {"ssl.ca.location", "use kafka.ca_file"},
    {"ssl.certificate.location", "use kafka.cert_file"},
    {"ssl.key.location", "use kafka.key_file"},
    {"ssl.key.password", "use kafka.key_password_file"},
    {"group.id", "use kafka.group"},
    // TLS: always verified, by picket's own settings.
    {"enable.ssl.certificate.verification", "certificates are always verified"},
    {"ssl.endpoint.identification.algorithm", "host names are always verified"},
    {"ssl.", "TLS is set up by picket"},
    {"sasl.", "SASL is set up by picket"},
    {"enable.sasl.oauthbearer.unsecure.jwt", "SASL is set up by picket"},
    // No record twice, none lost, every queue bounded.
    {"enable.idempotence", "always on: it keeps retries from storing a record twice"},
    {"enable.gapless.guarantee", "picket counts gaps itself"},
    {"acks", "always all: a record is given up only when the cluster has it"},
    {"request.required.acks", "always all: a record is given up only when the cluster has it"},
    {"message.timeout.ms", "always 0: picket decides when a record is given up"},
    {"delivery.timeout.ms", "always 0: picket decides when a record is given up"},
    {"retries", "picket retries without end"},
    {"message.send.max.retries", "picket retries without end"},
    {"max.in.flight", "set by the idempotent producer"},
    {"max.in.flight.requests.per.connection", "set by the idempotent producer"},
    {"queue.buffering.max.messages", "set from buffer.window"},
    {"queue.buffering.max.kbytes", "set from buffer.window"},
    {"queuing.strategy", "set by picket"},
    {"partitioner", "records of one agent stay in one partition"},
    {"transactional.id", "picket uses no transactions of Kafka"},
    {"transaction.timeout.ms", "picket uses no transactions of Kafka"},
    {"delivery.report.only.error", "every report counts"},
    // Positions live in PostgreSQL.
    {"enable.auto.commit", "positions are kept in PostgreSQL"},
    {"auto.commit.enable", "positions are kept in PostgreSQL"},
    {"auto.commit.interval.ms", "positions are kept in PostgreSQL"},
    {"enable.auto.offset.store", "positions are kept in PostgreSQL"},
    {"offset.store.", "positions are kept in PostgreSQL"},
    {"auto.offset.reset", "an expired position must be seen, not skipped"},
    {"isolation.level", "set by picket"},
    {"partition.assignment.strategy", "set by picket"},
    {"group.protocol", "set by picket"},
    {"enable.partition.eof", "set by picket"},
    {"consume.callback.max.messages", "set by picket"},
    // Code, callbacks and tests.
    {"plugin.library.paths", "picket loads no code"},
    {"interceptors", "picket loads no code"},
    {"builtin.features", "fixed by the build"},
    {"opaque", "set by picket"},
    {"default_topic_conf", "set by picket"},
    {"log.queue", "set by picket"},
    {"enabled_events", "set by picket"},
    {"test.mock.", "for tests of librdkafka"},
};

bool IsIn(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool IsTopic(std::string_view text) {
  return text != "." && text != ".." && IsIn(text, std::string(kAlphanumeric) + "._-");
}

// nullptr for host:port or [IPv6]:port; otherwise what is wrong.
const char* BrokerProblem(std::string_view broker) {
  if (broker.find("://") != std::string_view::npos) {
    return "must be host:port without a scheme; TLS is on unless kafka.security_protocol says otherwise";
  }
  const size_t colon = broker.rfind(':');
  const bool bracketed = broker.starts_with('[');
  const size_t host_end = bracketed ? broker.find(']') + 1 : colon;
  if (colon == std::string_view::npos || host_end != colon) {
    return "must be host:port, as in kafka.example:9094; an IPv6 address stands in brackets";
  }
  const std::string_view host = broker.substr(0, colon);
  const std::string_view name = bracketed ? host.substr(1, host.size() - 2) : host;
  const std::string allowed = std::string(kAlphanumeric) + (bracketed ? ":.%" : "._-");
  if (name.empty() || !IsIn(name, allowed)) return "has no valid host name";
  const std::optional<int64_t> port = ParseInteger(broker.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return "must end in a port from 1 to 65535";
  return nullptr;
}

void CheckBrokers(const Settings& settings, bool required, Diagnostics* diagnostics) {
  const std::vector<std::string>& brokers = settings.List("kafka.brokers");
  if (brokers.empty() && required && !settings.WasRefused("kafka.brokers")) {
    diagnostics->Error(settings.PlaceOf("kafka.brokers"),
                       "kafka.brokers is missing: say where Kafka is (or set KAFKA_BOOTSTRAP_SERVERS)");
  }
  for (const std::string& broker : brokers) {
    if (const char* problem = BrokerProblem(broker)) {
      diagnostics->Error(settings.PlaceOfEntry("kafka.brokers", broker), "kafka.brokers: '%s' %s",
                         broker.c_str(), problem);
    }
  }
}

void CheckCredentials(const Settings& settings, const KafkaSettings& kafka, Diagnostics* diagnostics) {
  if (kafka.security_protocol == "SASL_SSL") {
    if (kafka.username.empty() && !settings.WasRefused("kafka.username")) {
      diagnostics->Error(settings.PlaceOf("kafka.username"),
                         "kafka.username is missing (or set KAFKA_USERNAME; with a client certificate alone: "
                         "kafka.security_protocol: SSL)");
    }
    if (kafka.password.empty() && !settings.WasRefused("kafka.password")) {
      diagnostics->Error(settings.PlaceOf("kafka.password"),
                         "kafka.password_file is missing (or set KAFKA_PASSWORD or KAFKA_PASSWORD_FILE)");
    }
  }
  const bool refused = settings.WasRefused("kafka.cert_file") || settings.WasRefused("kafka.key_file");
  if (!refused && kafka.cert_file.empty() != kafka.key_file.empty()) {
    const char* present = kafka.cert_file.empty() ? "kafka.key_file" : "kafka.cert_file";
    diagnostics->Error(settings.PlaceOf(present),
                       "kafka.cert_file and kafka.key_file belong together; only %s is set", present);
  }
}

// What librdkafka would do with names itself, and a proxy does instead.
constexpr const char* kNotWithProxy[] = {"client.dns.lookup", "broker.address.ttl"};

std::optional<ProxyUrl> ReadProxy(const Settings& settings, const KafkaSettings& kafka,
                                  Diagnostics* diagnostics) {
  const std::string& text = settings.Text("kafka.proxy");
  if (text.empty()) return std::nullopt;
  Expected<ProxyUrl> proxy = ParseProxyUrl(text);
  if (!proxy) {
    diagnostics->Error(settings.PlaceOf("kafka.proxy"), "kafka.proxy: %s", proxy.error().message.c_str());
    return std::nullopt;
  }
  for (const char* property : kNotWithProxy) {
    if (!kafka.librdkafka.contains(property)) continue;
    diagnostics->Error(settings.PlaceOfEntry("kafka.librdkafka", property),
                       "kafka.librdkafka: '%s' has no meaning with kafka.proxy: the proxy looks names up",
                       property);
  }
  return *std::move(proxy);
}

}  // namespace

std::vector<Key> KafkaKeys() {
  return {
      {.name = "kafka.brokers",
       .type = ValueType::kTextList,
       .max = 64,
       .environment = "KAFKA_BOOTSTRAP_SERVERS",
       .help = "Where the cluster is found: `host:port` of one broker or more, as a list or with commas "
               "between."},
      {.name = "kafka.topic",
       .type = ValueType::kText,
       .fallback = "picket.results",
       .min = 1,
       .max = kMaxTopicBytes,
       .environment = "KAFKA_TOPIC",
       .help = "Topic of the results. `<topic>.status` carries what happened to them."},
      {.name = "kafka.username",
       .type = ValueType::kText,
       .max = 1024,
       .environment = "KAFKA_USERNAME",
       .help = "SASL user."},
      {.name = "kafka.password",
       .type = ValueType::kText,
       .max = 1024,
       .environment = "KAFKA_PASSWORD",
       .secret = true,
       .help = "SASL password."},
      {.name = "kafka.security_protocol",
       .type = ValueType::kChoice,
       .fallback = "SASL_SSL",
       .choices = kSecurityProtocols,
       .help = "`SASL_SSL`: TLS, then user and password. `SSL`: TLS with a client certificate alone."},
      {.name = "kafka.sasl_mechanism",
       .type = ValueType::kChoice,
       .fallback = "SCRAM-SHA-256",
       .choices = kMechanisms,
       .environment = "PICKET_KAFKA_SASL_MECHANISM",
       .help = "How the password is proven. `PLAIN` sends it (through TLS)."},
      {.name = "kafka.ca_file",
       .type = ValueType::kFile,
       .environment = "PICKET_KAFKA_CA_FILE",
       .help = "PEM file, or directory of such files, of the authorities that may sign the brokers' certificates. "
               "Default: the system's."},
      {.name = "kafka.cert_file",
       .type = ValueType::kFile,
       .environment = "PICKET_KAFKA_CERT_FILE",
       .help = "PEM file of the client certificate, for mutual TLS."},
      {.name = "kafka.key_file",
       .type = ValueType::kFile,
       .environment = "PICKET_KAFKA_KEY_FILE",
       .help = "PEM file of its private key."},
      {.name = "kafka.key_password",
       .type = ValueType::kText,
       .max = 1024,
       .environment = "PICKET_KAFKA_KEY_PASSWORD",
       .secret = true,
       .help = "Opens `kafka.key_file` where it is encrypted (PKCS#8, or PEM with `DEK-Info`)."},
      {.name = "kafka.proxy",
       .type = ValueType::kText,
       .max = 1024,
       .environment = "PICKET_KAFKA_PROXY",
       .secret = true,
       .help = "`http://[user:password@]host:port`: brokers are reached by CONNECT through this HTTP proxy, "
               "which looks their names up. Default: none, whatever `https_proxy` says."},
      {.name = "kafka.librdkafka",
       .type = ValueType::kTextMap,
       .max = 100,
       .help = "Any other property of librdkafka, as it is. What picket sets itself is refused (docs/configuration.md)."},
  };
}

KafkaSettings ReadKafkaSettings(const Settings& settings, bool required, Diagnostics* diagnostics) {
  KafkaSettings kafka;
  kafka.brokers = settings.List("kafka.brokers");
  kafka.topic = settings.Text("kafka.topic");
  kafka.username = settings.Text("kafka.username");
  kafka.password = settings.Text("kafka.password");
  kafka.security_protocol = settings.Text("kafka.security_protocol");
  kafka.sasl_mechanism = settings.Text("kafka.sasl_mechanism");
  kafka.ca_file = settings.Text("kafka.ca_file");
  kafka.cert_file = settings.Text("kafka.cert_file");
  kafka.key_file = settings.Text("kafka.key_file");
  kafka.key_password = settings.Text("kafka.key_password");
  kafka.librdkafka = settings.Map("kafka.librdkafka");
  kafka.proxy = ReadProxy(settings, kafka, diagnostics);

  CheckBrokers(settings, required, diagnostics);
  if (!kafka.brokers.empty()) CheckCredentials(settings, kafka, diagnostics);
  if (!IsTopic(kafka.topic)) {
    diagnostics->Error(settings.PlaceOf("kafka.topic"),
                       "kafka.topic: '%s' may contain letters, digits, '.', '_' and '-' only",
                       kafka.topic.c_str());
  }
  for (const auto& [property, value] : kafka.librdkafka) {
    if (const char* reason = RefusedKafkaProperty(property)) {
      diagnostics->Error(settings.PlaceOfEntry("kafka.librdkafka", property),
                         "kafka.librdkafka: '%s' is refused: %s", property.c_str(), reason);
    }
  }
  return kafka;
}

const char* RefusedKafkaProperty(std::string_view property) {
  for (const RefusedProperty& refused : kRefused) {
    const bool is_family = refused.name.ends_with('.');
    if (property == refused.name || (is_family && property.starts_with(refused.name))) return refused.reason;
  }
  // Callbacks are pointers: a text cannot be one.
  if (property.ends_with("_cb")) return "set by picket";
  return nullptr;
}

std::string RefusedKafkaPropertyReference() {
  std::string out = "| property | why it is refused |\n|---|---|\n";
  for (const RefusedProperty& refused : kRefused) {
    out.append("| `").append(refused.name).append(refused.name.ends_with('.') ? "*` | " : "` | ");
    out.append(refused.reason).append(" |\n");
  }
  return out;
}

bool IsSecretKafkaProperty(std::string_view property) {
  for (const std::string_view word : {"password", "secret", "token", "pem"}) {
    if (property.find(word) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace picket
