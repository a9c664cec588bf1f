#include "kafka/broker_error.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace picket {
namespace {

KafkaSettings Settings() {
  KafkaSettings settings;
  settings.username = "gw";
  settings.password = "hunter2";
  settings.sasl_mechanism = "SCRAM-SHA-256";
  return settings;
}

bool Says(const BrokerError& error, std::string_view part) {
  return error.text.find(part) != std::string::npos;
}

TEST(DescribeBrokerError, AWrongPasswordNamesUserAndSettingsAndNoSecret) {
  const BrokerError error = DescribeBrokerError(
      RD_KAFKA_RESP_ERR__AUTHENTICATION,
      "sasl_ssl://kafka.example:9094/bootstrap: SASL authentication error: Authentication failed during "
      "authentication "
      "due to invalid credentials with SASL mechanism SCRAM-SHA-256 (after 301ms in state AUTH_REQ)",
      Settings());
  EXPECT_EQ(error.kind, "auth");
  EXPECT_TRUE(Says(error, "kafka.example:9094 refused user 'gw' (SCRAM-SHA-256)")) << error.text;
  EXPECT_TRUE(Says(error, "kafka.password")) << error.text;
  EXPECT_FALSE(Says(error, "hunter2"));
  EXPECT_FALSE(Says(error, "AUTH_REQ")) << error.text;
}

TEST(DescribeBrokerError, ARefusedMechanismListsTheBrokersOwn) {
  const BrokerError error = DescribeBrokerError(
      RD_KAFKA_RESP_ERR__AUTHENTICATION,
      "sasl_ssl://k:9094/bootstrap: SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL "
      "mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-512 (after 3ms in state AUTH_HANDSHAKE)",
      Settings());
  EXPECT_EQ(error.kind, "mechanism");
  EXPECT_EQ(error.text,
            "k:9094 does not offer SCRAM-SHA-256; it offers PLAIN,SCRAM-SHA-512: set kafka.sasl_mechanism");
}

TEST(DescribeBrokerError, ATlsCauseIsItsKind) {
  const BrokerError error = DescribeBrokerError(RD_KAFKA_RESP_ERR__SSL,
                                           "sasl_ssl://k:9094/bootstrap: SSL handshake failed: [tls:unknown_ca] "
                                           "certificate of k:9094 is not trusted: set kafka.ca_file "
                                           "(after 8ms in state SSL_HANDSHAKE)",
                                           Settings());
  EXPECT_EQ(error.kind, "unknown_ca");
  EXPECT_EQ(error.text, "certificate of k:9094 is not trusted: set kafka.ca_file");
}

TEST(DescribeBrokerError, NetworkCausesAreToldApart) {
  EXPECT_EQ(DescribeBrokerError(RD_KAFKA_RESP_ERR__TRANSPORT,
                          "sasl_ssl://k:9094/1: Connect to ipv4#127.0.0.1:9094 failed: Connection refused",
                          Settings())
                .kind,
            "refused");
  EXPECT_EQ(DescribeBrokerError(RD_KAFKA_RESP_ERR__RESOLVE,
                          "sasl_ssl://k:9094/bootstrap: Failed to resolve 'k:9094'", Settings())
                .kind,
            "dns");
  EXPECT_EQ(
      DescribeBrokerError(RD_KAFKA_RESP_ERR__TRANSPORT, "sasl_ssl://k:9094/1: Disconnected", Settings()).kind,
      "transport");
  EXPECT_EQ(DescribeBrokerError(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", Settings()).kind,
            "away");
}

TEST(DescribeBrokerError, AnUnknownFormKeepsItsText) {
  const BrokerError error = DescribeBrokerError(-1, "something new", Settings());
  EXPECT_EQ(error.kind, "other");
  EXPECT_EQ(error.text, "something new");
}

TEST(DescribeBrokerError, AnUnknownNameIsToldFromASilentNameServer) {
  const BrokerError unknown =
      DescribeBrokerError(RD_KAFKA_RESP_ERR__RESOLVE,
                          "sasl_ssl://k:9094/bootstrap: Failed to resolve 'k:9094': Name or service not known "
                          "(after 5ms in state CONNECT)",
                          Settings());
  EXPECT_EQ(unknown.kind, "dns");
  EXPECT_TRUE(Says(unknown, "the name of k:9094 is not known")) << unknown.text;
  const BrokerError silent =
      DescribeBrokerError(RD_KAFKA_RESP_ERR__RESOLVE,
                          "sasl_ssl://k:9094/bootstrap: Failed to resolve 'k:9094': Temporary failure in name "
                          "resolution (after 10005ms in state CONNECT)",
                          Settings());
  EXPECT_EQ(silent.kind, "dns");
  EXPECT_TRUE(Says(silent, "no name server answers for k:9094")) << silent.text;
}

TEST(DescribeBrokerError, OpenSslsWordsHaveTheSameKindsAsMbedTls) {
  const BrokerError alert = DescribeBrokerError(
      RD_KAFKA_RESP_ERR__SSL,
      "sasl_ssl://k:9094/bootstrap: SSL handshake failed: error:0A000412:SSL routines::sslv3 alert bad certificate: "
      "SSL alert number 42: (after 9ms in state SSL_HANDSHAKE)",
      Settings());
  EXPECT_EQ(alert.kind, "peer_alert");
  EXPECT_TRUE(Says(alert, "k:9094 sent the TLS alert 'bad certificate'")) << alert.text;
  const BrokerError plain = DescribeBrokerError(
      RD_KAFKA_RESP_ERR__TRANSPORT,
      "sasl_ssl://k:9094/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener? "
      "(after 9ms in state SSL_HANDSHAKE)",
      Settings());
  EXPECT_EQ(plain.kind, "plaintext_port");
  EXPECT_TRUE(Says(plain, "Check the port in kafka.brokers")) << plain.text;
}

}  // namespace
}  // namespace picket
