#include "agent/forward/kafka_errors.h"

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

bool Says(const ClusterEvent& event, std::string_view part) {
  return event.text.find(part) != std::string::npos;
}

TEST(DeliveryOf, OnlyFaultsOfTheRecordItselfRejectIt) {
  for (const int code : {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                         RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE}) {
    EXPECT_EQ(DeliveryOf(code), Delivery::kRejected) << code;
  }
}

TEST(DeliveryOf, WhatAnOperatorCuresKeepsEverything) {
  for (const int code : {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                         RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP}) {
    EXPECT_EQ(DeliveryOf(code), Delivery::kRefused) << code;
  }
}

TEST(DeliveryOf, AnythingElseIsSentAgain) {
  for (const int code : std::initializer_list<int>{RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__FATAL,
                                                   RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
                                                   RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 9999, -9999}) {
    EXPECT_EQ(DeliveryOf(code), Delivery::kFailed) << code;
  }
  EXPECT_EQ(DeliveryOf(RD_KAFKA_RESP_ERR_NO_ERROR), Delivery::kAcknowledged);
}

TEST(DescribeError, AWrongPasswordNamesUserAndSettingsAndNoSecret) {
  const ClusterEvent event = DescribeError(
      RD_KAFKA_RESP_ERR__AUTHENTICATION,
      "sasl_ssl://kafka.example:9094/bootstrap: SASL authentication error: Authentication failed during "
      "authentication "
      "due to invalid credentials with SASL mechanism SCRAM-SHA-256 (after 301ms in state AUTH_REQ)",
      Settings());
  EXPECT_EQ(event.kind, ClusterEvent::Kind::kError);
  EXPECT_EQ(event.error_kind, "auth");
  EXPECT_TRUE(Says(event, "kafka.example:9094 refused user 'gw' (SCRAM-SHA-256)")) << event.text;
  EXPECT_TRUE(Says(event, "kafka.password")) << event.text;
  EXPECT_FALSE(Says(event, "hunter2"));
  EXPECT_FALSE(Says(event, "AUTH_REQ")) << event.text;
}

TEST(DescribeError, ARefusedMechanismListsTheBrokersOwn) {
  const ClusterEvent event = DescribeError(
      RD_KAFKA_RESP_ERR__AUTHENTICATION,
      "sasl_ssl://k:9094/bootstrap: SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL "
      "mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-512 (after 3ms in state AUTH_HANDSHAKE)",
      Settings());
  EXPECT_EQ(event.error_kind, "mechanism");
  EXPECT_EQ(event.text,
            "k:9094 does not offer SCRAM-SHA-256; it offers PLAIN,SCRAM-SHA-512: set kafka.sasl_mechanism");
}

TEST(DescribeError, ATlsCauseIsItsKind) {
  const ClusterEvent event = DescribeError(RD_KAFKA_RESP_ERR__SSL,
                                           "sasl_ssl://k:9094/bootstrap: SSL handshake failed: [tls:unknown_ca] "
                                           "certificate of k:9094 is not trusted: set kafka.ca_file "
                                           "(after 8ms in state SSL_HANDSHAKE)",
                                           Settings());
  EXPECT_EQ(event.error_kind, "unknown_ca");
  EXPECT_EQ(event.text, "certificate of k:9094 is not trusted: set kafka.ca_file");
}

TEST(DescribeError, NetworkCausesAreToldApart) {
  EXPECT_EQ(DescribeError(RD_KAFKA_RESP_ERR__TRANSPORT,
                          "sasl_ssl://k:9094/1: Connect to ipv4#127.0.0.1:9094 failed: Connection refused",
                          Settings())
                .error_kind,
            "refused");
  EXPECT_EQ(DescribeError(RD_KAFKA_RESP_ERR__RESOLVE,
                          "sasl_ssl://k:9094/bootstrap: Failed to resolve 'k:9094'", Settings())
                .error_kind,
            "dns");
  EXPECT_EQ(
      DescribeError(RD_KAFKA_RESP_ERR__TRANSPORT, "sasl_ssl://k:9094/1: Disconnected", Settings()).error_kind,
      "transport");
  EXPECT_EQ(DescribeError(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", Settings()).kind,
            ClusterEvent::Kind::kAway);
}

TEST(DescribeError, AnUnknownFormKeepsItsText) {
  const ClusterEvent event = DescribeError(-1, "something new", Settings());
  EXPECT_EQ(event.error_kind, "other");
  EXPECT_EQ(event.text, "something new");
}

TEST(DescribeFatal, NoPermissionAtAllSaysWhatToGrant) {
  const ClusterEvent event = DescribeFatal(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                           "Failed to acquire idempotence PID", Settings());
  EXPECT_EQ(event.error_kind, "permission");
  EXPECT_TRUE(Says(event, "grant Write and Describe on 'picket.results'")) << event.text;
}

}  // namespace
}  // namespace picket
