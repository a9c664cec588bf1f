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

TEST(KindOf, TellsApartWhatAnOperatorCuresDifferently) {
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), "permission");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC), "unknown_topic");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP), "timestamp");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), "too_large");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR_INVALID_RECORD), "rejected");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR_POLICY_VIOLATION), "refused_topic");
  EXPECT_EQ(KindOf(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), "delivery");
  EXPECT_NE(CureOf("timestamp").find("LogAppendTime"), std::string_view::npos);
}

TEST(DescribeError, SaysWhatHappensMeanwhile) {
  const ClusterEvent event = DescribeError(RD_KAFKA_RESP_ERR__TRANSPORT,
                                           "sasl_ssl://k:9094/1: Connect to ipv4#127.0.0.1:9094 failed: Connection refused",
                                           Settings());
  EXPECT_EQ(event.kind, ClusterEvent::Kind::kError);
  EXPECT_EQ(event.error_kind, "refused");
  EXPECT_TRUE(event.text.ends_with("correct kafka.brokers; results are kept and sent later")) << event.text;
}

TEST(DescribeError, AllBrokersDownIsAway) {
  EXPECT_EQ(DescribeError(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", Settings()).kind,
            ClusterEvent::Kind::kAway);
}

TEST(DescribeFatal, NoPermissionAtAllSaysWhatToGrant) {
  const ClusterEvent event = DescribeFatal(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                           "Failed to acquire idempotence PID", Settings());
  EXPECT_EQ(event.error_kind, "permission");
  EXPECT_TRUE(Says(event, "grant Write and Describe on 'picket.results'")) << event.text;
}

}  // namespace
}  // namespace picket
