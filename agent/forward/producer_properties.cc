#include "agent/forward/producer_properties.h"

#include <algorithm>
#include <array>

#include "port/proxy_tunnels.h"

namespace picket {
namespace {

// Set here and not by the user: nothing is lost, nothing grows and nobody is trusted unseen because of these.
constexpr std::array<std::string_view, 23> kReserved = {
    "acks", "request.required.acks", "enable.idempotence", "enable.gapless.guarantee", "transactional.id",
    "message.timeout.ms", "delivery.timeout.ms", "queue.buffering.max.messages", "queue.buffering.max.kbytes",
    "enable.ssl.certificate.verification", "plugin.library.paths", "log.queue",
    // These have keys of their own.
    "bootstrap.servers", "metadata.broker.list", "security.protocol", "sasl.mechanism", "sasl.mechanisms",
    "sasl.username", "sasl.password", "ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
    "ssl.key.password"};

std::string Joined(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += ',';
    joined += part;
  }
  return joined;
}

// Whom to talk to and how to prove who we are.
void AddSecurity(const KafkaSettings& kafka, Properties* out) {
  out->emplace_back("bootstrap.servers", Joined(kafka.brokers));
  out->emplace_back("security.protocol", kafka.security_protocol);
  if (kafka.security_protocol.starts_with("SASL_")) {
    out->emplace_back("sasl.mechanism", kafka.sasl_mechanism);
    out->emplace_back("sasl.username", kafka.username);
    out->emplace_back("sasl.password", kafka.password);
  }
  out->emplace_back("ssl.endpoint.identification.algorithm", "https");
  if (!kafka.ca_file.empty()) out->emplace_back("ssl.ca.location", kafka.ca_file);
  if (!kafka.cert_file.empty()) out->emplace_back("ssl.certificate.location", kafka.cert_file);
  if (!kafka.key_file.empty()) out->emplace_back("ssl.key.location", kafka.key_file);
  if (!kafka.key_password.empty()) out->emplace_back("ssl.key.password", kafka.key_password);
}

// Nothing is given up by librdkafka: the window and the spool decide how long a record lives.
void AddDelivery(const ProducerOptions& options, Properties* out) {
  out->emplace_back("enable.idempotence", "true");
  out->emplace_back("acks", "all");
  out->emplace_back("message.timeout.ms", "0");
  out->emplace_back("queue.buffering.max.messages", std::to_string(options.queue_records));
  out->emplace_back("queue.buffering.max.kbytes",
                    std::to_string(std::max<size_t>(options.queue_bytes / 1024, 1)));
}

// For a thin link and a small machine; a user may set these otherwise.
void AddTuning(const ProducerOptions& options, Properties* out) {
  out->emplace_back("client.id", options.client_id);
  out->emplace_back("compression.type", "lz4");
  out->emplace_back("linger.ms", "50");
  out->emplace_back("batch.size", "131072");  // far below every broker's message.max.bytes
  out->emplace_back("socket.keepalive.enable", "true");
  out->emplace_back("reconnect.backoff.ms", "250");
  out->emplace_back("topic.metadata.propagation.max.ms", "5000");  // then a topic that is not there is told
  out->emplace_back("reconnect.backoff.max.ms", "10000");
  out->emplace_back("receive.message.max.bytes",
                    "1048576");  // a producer reads acknowledgements, not records
}

}  // namespace

bool IsSecretProperty(std::string_view name) {
  return name.find("password") != name.npos || name.find("secret") != name.npos || name.ends_with(".pem") ||
         name == "sasl.oauthbearer.config";
}

Expected<Properties> ProducerProperties(const ProducerOptions& options) {
  Properties properties;
  AddSecurity(options.kafka, &properties);
  AddDelivery(options, &properties);
  AddTuning(options, &properties);
  for (const auto& [name, value] : options.kafka.librdkafka) {
    if (std::ranges::find(kReserved, name) != kReserved.end()) {
      return Fail(ErrorCode::kConfig, "kafka.librdkafka: '%s' is picket's own to set", name.c_str());
    }
    properties.emplace_back(name, value);
  }
  if (options.kafka.proxy) properties.emplace_back(ProxyTunnels::kResolveTtlProperty, "0");
  return properties;
}

}  // namespace picket
