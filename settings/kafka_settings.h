// How to reach a Kafka cluster: the part of the configuration that agent and consumer share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "port/proxy_url.h"

namespace picket {

struct KafkaSettings {
  std::vector<std::string> brokers;      // host:port, at least one
  std::string topic = "picket.results";  // <topic>.status carries the facts
  std::string username;
  std::string password;                           // secret: never logged, redacted in print-config
  std::string security_protocol = "SASL_SSL";     // or SSL (client certificate only)
  std::string sasl_mechanism = "SCRAM-SHA-256";   // SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN
  std::string ca_file;                            // PEM file or a directory of them; empty: the system's
  std::string cert_file;                          // PEM, for mutual TLS; empty: none
  std::string key_file;                           // PEM, beside cert_file
  std::string key_password;                       // secret: opens key_file where it is encrypted; empty: none
  std::optional<ProxyUrl> proxy;                  // HTTP CONNECT; its password is secret
  std::map<std::string, std::string> librdkafka;  // any other property, less a denylist

  std::string StatusTopic() const { return topic + ".status"; }
};

}  // namespace picket
