#include "agent/forward/producer_properties.h"

#include <gtest/gtest.h>

#include <map>

namespace picket {
namespace {

ProducerOptions Options() {
  ProducerOptions options;
  options.kafka.brokers = {"a:9094", "b:9094"};
  options.kafka.username = "gw";
  options.kafka.password = "hunter2";
  options.client_id = "picket-gw";
  options.queue_records = 500;
  options.queue_bytes = 2 << 20;
  return options;
}

std::map<std::string, std::string> Effective(const ProducerOptions& options) {
  std::map<std::string, std::string> effective;
  const Properties properties = ProducerProperties(options).value();
  for (const auto& [name, value] : properties) effective[name] = value;
  return effective;
}

TEST(ProducerProperties, NothingIsGivenUpByLibrdkafkaAndItsQueueIsTheWindow) {
  auto properties = Effective(Options());
  EXPECT_EQ(properties["acks"], "all");
  EXPECT_EQ(properties["enable.idempotence"], "true");
  EXPECT_EQ(properties["message.timeout.ms"], "0");
  EXPECT_EQ(properties["queue.buffering.max.messages"], "500");
  EXPECT_EQ(properties["queue.buffering.max.kbytes"], "2048");
}

TEST(ProducerProperties, LogsInWithWhatWasConfigured) {
  auto properties = Effective(Options());
  EXPECT_EQ(properties["bootstrap.servers"], "a:9094,b:9094");
  EXPECT_EQ(properties["security.protocol"], "SASL_SSL");
  EXPECT_EQ(properties["sasl.mechanism"], "SCRAM-SHA-256");
  EXPECT_EQ(properties["ssl.endpoint.identification.algorithm"], "https");
  EXPECT_FALSE(properties.contains("ssl.ca.location")) << "empty: the system's bundle";
}

TEST(ProducerProperties, AClientCertificateAloneNeedsNoUser) {
  ProducerOptions options = Options();
  options.kafka.security_protocol = "SSL";
  options.kafka.cert_file = "/c.pem";
  options.kafka.key_file = "/k.pem";
  auto properties = Effective(options);
  EXPECT_FALSE(properties.contains("sasl.username"));
  EXPECT_EQ(properties["ssl.certificate.location"], "/c.pem");
  EXPECT_EQ(properties["ssl.key.location"], "/k.pem");
}

TEST(ProducerProperties, TuningMayBeOverridden) {
  ProducerOptions options = Options();
  options.kafka.librdkafka["linger.ms"] = "5";
  EXPECT_EQ(Effective(options)["linger.ms"], "5");
}

TEST(ProducerProperties, PromisesMayNot) {
  for (const char* name : {"acks", "enable.idempotence", "message.timeout.ms", "queue.buffering.max.messages",
                           "enable.ssl.certificate.verification", "sasl.password"}) {
    ProducerOptions options = Options();
    options.kafka.librdkafka[name] = "0";
    const auto properties = ProducerProperties(options);
    ASSERT_FALSE(properties) << name;
    EXPECT_EQ(properties.error().code, ErrorCode::kConfig);
    EXPECT_NE(properties.error().message.find(name), std::string::npos);
  }
}

TEST(IsSecretProperty, KnowsWhatMustNotBeLogged) {
  EXPECT_TRUE(IsSecretProperty("sasl.password"));
  EXPECT_TRUE(IsSecretProperty("ssl.key.password"));
  EXPECT_TRUE(IsSecretProperty("ssl.key.pem"));
  EXPECT_FALSE(IsSecretProperty("linger.ms"));
}

}  // namespace
}  // namespace picket
