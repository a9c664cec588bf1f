#include "consumer/source/properties.h"

#include "port/proxy_tunnels.h"

namespace picket {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += ',';
    joined += word;
  }
  return joined;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ConsumerProperties(const KafkaSettings& kafka,
                                                                    const std::string& group) {
  std::vector<std::pair<std::string, std::string>> properties = {
      {"bootstrap.servers", Join(kafka.brokers)},
      {"security.protocol", kafka.security_protocol},
      {"client.id", "picket-consumer"},
      {"socket.keepalive.enable", "true"},
      {"check.crcs", "true"},
      // The successor of a consumer that was killed takes over after this.
      {"session.timeout.ms", "10000"},
      {"heartbeat.interval.ms", "3000"},
      // A topic that is made, or a permission that is given, is noticed within half a minute.
      {"topic.metadata.refresh.interval.ms", "30000"},
      // What waits in memory while the database is busy: the bound of our memory.
      {"queued.max.messages.kbytes", "16384"},
      {"queued.min.messages", "10000"},
      {"fetch.message.max.bytes", "1048576"},
      {"fetch.queue.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "2000"},  // a broker that is back is found within 2 s, not 10
  };
  if (kafka.security_protocol.starts_with("SASL")) {
    properties.emplace_back("sasl.mechanism", kafka.sasl_mechanism);
    properties.emplace_back("sasl.username", kafka.username);
    properties.emplace_back("sasl.password", kafka.password);
  }
  if (!kafka.cert_file.empty()) properties.emplace_back("ssl.certificate.location", kafka.cert_file);
  if (!kafka.key_file.empty()) properties.emplace_back("ssl.key.location", kafka.key_file);
  if (!kafka.key_password.empty()) properties.emplace_back("ssl.key.password", kafka.key_password);
  properties.insert(properties.end(), kafka.librdkafka.begin(), kafka.librdkafka.end());
  properties.insert(properties.end(),
                    {
                        {"group.id", group},
                        // Positions live in PostgreSQL; Kafka's are a copy. A position that Kafka no longer
                        // has is an error.
                        {"enable.auto.commit", "false"},
                        {"enable.auto.offset.store", "false"},
                        {"auto.offset.reset", "error"},
                        {"enable.partition.eof", "false"},
                        // All partitions come and go together: the ingest has one state for all.
                        {"partition.assignment.strategy", "range,roundrobin"},
                    });
  if (kafka.proxy) properties.emplace_back(ProxyTunnels::kResolveTtlProperty, "0");
  return properties;
}

}  // namespace picket
