// Command line, configuration, and what of Kafka is only data.
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

#include "consumer/cli/options.h"
#include "consumer/config/config.h"
#include "consumer/source/properties.h"
#include "consumer/source/broker_certificate.h"
#include "consumer/store/sqlstate.h"

namespace picket {
namespace {

using Command = ConsumerOptions::Command;

TEST(ConsumerOptions, CommandsAndFlags) {
  const auto run = ParseConsumerOptions({"run", "--config", "c.yaml", "--no-migrate", "--log-level=debug",
                                         "--log-format=json"});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->command, Command::kRun);
  EXPECT_EQ(run->config_path, "c.yaml");
  EXPECT_TRUE(run->no_migrate);
  EXPECT_EQ(run->log_level, "debug");
  EXPECT_EQ(run->log_format, "json");
  // Flags may stand before the command.
  const auto audit = ParseConsumerOptions({"--json", "audit"});
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->json);
  EXPECT_EQ(ParseConsumerOptions({})->command, Command::kHelp);
  EXPECT_EQ(ParseConsumerOptions({"--version"})->command, Command::kVersion);
}

TEST(ConsumerOptions, SayWhatIsWrong) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"rum"}, "unknown command 'rum'"},
      {{"run", "--json"}, "option '--json' does not go with 'run'"},
      {{"audit", "--status"}, "option '--status' does not go with 'audit'"},
      {{"run", "--config"}, "option '--config' needs a value"},
      {{"run", "--confog", "x"}, "unknown option '--confog'"},
      {{"run", "now"}, "unexpected argument 'now'"},
      {{"--json"}, "a command is missing"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto options = ParseConsumerOptions(arguments);
    ASSERT_FALSE(options) << message;
    EXPECT_EQ(options.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(options.error().message.starts_with(message)) << options.error().message;
  }
}

Environment Variables(const std::map<std::string, std::string>& values) {
  Environment environment;
  for (const auto& [name, value] : values)
    environment[name] = {value, {"environment variable " + name, 0, 0}};
  return environment;
}

Expected<ConsumerConfig> Load(const std::map<std::string, std::string>& values, Needs needs = {}) {
  SettingsSources sources;
  sources.environment = Variables(values);
  Diagnostics diagnostics;
  auto loaded = LoadConsumerConfig(sources, needs, &diagnostics);
  if (!loaded) return std::unexpected(loaded.error());
  return loaded->config;
}

const std::map<std::string, std::string> kEnough = {{"KAFKA_BOOTSTRAP_SERVERS", "kafka:9094"},
                                                    {"KAFKA_USERNAME", "sink"},
                                                    {"KAFKA_PASSWORD", "secret"},
                                                    {"DATABASE_URL", "postgresql://picket@db/picket"}};

TEST(ConsumerConfig, TheEnvironmentAloneIsEnough) {
  const auto config = Load(kEnough);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->kafka.brokers, (std::vector<std::string>{"kafka:9094"}));
  EXPECT_EQ(config->kafka.topic, "picket.results");
  EXPECT_EQ(config->kafka.StatusTopic(), "picket.results.status");
  EXPECT_EQ(config->group, "picket-consumer");
  EXPECT_EQ(config->database_url, "postgresql://picket@db/picket");
  EXPECT_EQ(config->batch.records, 5000u);
  EXPECT_EQ(config->raw_retention, std::chrono::days(30));
}

TEST(ConsumerConfig, ADatabaseIsNeededForEverythingButPrinting) {
  auto values = kEnough;
  values.erase("DATABASE_URL");
  const auto config = Load(values);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kConfig);
  EXPECT_NE(config.error().message.find("database.url"), std::string::npos) << config.error().message;
  EXPECT_TRUE(Load(values, {.kafka = true, .database = false}));
}

TEST(ConsumerConfig, ADatabaseIsNamedInOneOfTwoForms) {
  const auto load = [](const char* url) {
    return Load({{"DATABASE_URL", url}}, {.kafka = false, .database = true});
  };
  for (const char* good : {"postgres://db/picket", "host=db dbname=picket", "host=db password=a://b", "service=x"}) {
    EXPECT_TRUE(load(good)) << good;
  }
  for (const char* bad : {"mysql://u:secret@db/picket", "picket", "db://x?y=z"}) {
    const auto config = load(bad);
    ASSERT_FALSE(config) << bad;
    EXPECT_EQ(config.error().code, ErrorCode::kConfig);
    EXPECT_EQ(config.error().message.find("secret"), std::string::npos) << config.error().message;
  }
}

TEST(ConsumerConfig, KafkaIsNotNeededForReports) {
  EXPECT_TRUE(Load({{"DATABASE_URL", "postgresql://db"}}, {.kafka = false, .database = true}));
}

TEST(ConsumerProperties, WhatExactlyOnceRestsOnCannotBeOverridden) {
  KafkaSettings kafka;
  kafka.brokers = {"a:1", "b:2"};
  kafka.librdkafka = {
      {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "true"}, {"fetch.wait.max.ms", "9"}};
  std::map<std::string, std::string> last;  // the last value of a property is the one in force
  for (const auto& [name, value] : ConsumerProperties(kafka, "g")) last[name] = value;
  EXPECT_EQ(last["auto.offset.reset"], "error");
  EXPECT_EQ(last["enable.auto.commit"], "false");
  EXPECT_EQ(last["fetch.wait.max.ms"], "9");
  EXPECT_EQ(last["bootstrap.servers"], "a:1,b:2");
  EXPECT_EQ(last["group.id"], "g");
}

TEST(ConsumerProperties, ALoginOnlyWhereThereIsOne) {
  KafkaSettings kafka;
  kafka.security_protocol = "SSL";
  for (const auto& [name, value] : ConsumerProperties(kafka, "g"))
    EXPECT_FALSE(name.starts_with("sasl.")) << name;
}

TEST(BrokerCertificate, AnUnreadableOneIsToldWithOpenSslsWords) {
  const CertificateFault fault = DescribeCertificate("k:9094", X509_V_ERR_CERT_HAS_EXPIRED, 0, {}, {});
  EXPECT_EQ(fault.kind, "expired");
  EXPECT_EQ(fault.text, "certificate of k:9094 is not acceptable: certificate has expired");
}

TEST(SqlState, ACureIsNamedWhereThereIsOne) {
  EXPECT_NE(CureOfSqlState("42501").find("grant"), std::string_view::npos);
  EXPECT_EQ(CureOfSqlState("53100"), "free space on the database's disk");
  EXPECT_EQ(CureOfSqlState("40001"), "");
}

}  // namespace
}  // namespace picket
