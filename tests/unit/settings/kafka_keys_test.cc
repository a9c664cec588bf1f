#include "settings/kafka_keys.h"

#include <gtest/gtest.h>

#include "tests/unit/settings/fakes.h"

namespace picket {
namespace {

constexpr const char* kGood = "brokers: ['a.example:9094']\n  username: u\n  password: p\n";

class KafkaKeysTest : public testing::Test {
 protected:
  // `section`: what stands below "kafka:", indented by two.
  KafkaSettings Read(const std::string& section, bool required = true) {
    files_.content["f"] = "kafka:\n  " + section;
    files_.content["/pem"] = "";
    diagnostics_ = {};
    SettingsSources sources;
    sources.config_path = "f";
    sources.files = &files_;
    settings_ = std::make_unique<Settings>(LoadSettings(keys_, sources, &diagnostics_));
    return ReadKafkaSettings(*settings_, required, &diagnostics_);
  }
  std::string Problem(const std::string& section) {
    Read(section);
    return Lines(diagnostics_).empty() ? "accepted" : Lines(diagnostics_).front();
  }

  const std::vector<Key> keys_ = KafkaKeys();
  FakeFiles files_;
  Diagnostics diagnostics_;
  std::unique_ptr<Settings> settings_;
};

TEST_F(KafkaKeysTest, DefaultsAreThoseOfTheStruct) {
  const KafkaSettings expected;
  const KafkaSettings kafka = Read("\n", false);
  EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{});
  EXPECT_EQ(kafka.topic, expected.topic);
  EXPECT_EQ(kafka.security_protocol, expected.security_protocol);
  EXPECT_EQ(kafka.sasl_mechanism, expected.sasl_mechanism);
  EXPECT_TRUE(kafka.brokers.empty() && kafka.ca_file.empty() && kafka.librdkafka.empty());
}

TEST_F(KafkaKeysTest, ReadsEverything) {
  const KafkaSettings kafka = Read(
      "brokers: [a:1, '[::1]:9094']\n  topic: t\n  username: u\n  password: p\n  sasl_mechanism: "
      "scram-sha-512\n"
      "  ca_file: /pem\n  cert_file: /pem\n  key_file: /pem\n  librdkafka: {linger.ms: 5, debug: broker}\n");
  EXPECT_EQ(Lines(diagnostics_), std::vector<std::string>{});
  EXPECT_EQ(kafka.brokers, (std::vector<std::string>{"a:1", "[::1]:9094"}));
  EXPECT_EQ(kafka.topic, "t");
  EXPECT_EQ(kafka.StatusTopic(), "t.status");
  EXPECT_EQ(kafka.username, "u");
  EXPECT_EQ(kafka.password, "p");
  EXPECT_EQ(kafka.sasl_mechanism, "SCRAM-SHA-512");
  EXPECT_EQ(kafka.ca_file, "/pem");
  EXPECT_EQ(kafka.cert_file, "/pem");
  EXPECT_EQ(kafka.key_file, "/pem");
  EXPECT_EQ(kafka.librdkafka, (std::map<std::string, std::string>{{"linger.ms", "5"}, {"debug", "broker"}}));
}

TEST_F(KafkaKeysTest, WithoutBrokersNothingIsAskedForWhenKafkaIsNotNeeded) {
  Read("topic: t\n", false);
  EXPECT_FALSE(diagnostics_.HasErrors());
  Read("topic: t\n", true);
  EXPECT_NE(Lines(diagnostics_).front().find("kafka.brokers is missing"), std::string::npos);
}

TEST_F(KafkaKeysTest, SaslNeedsUserAndPassword) {
  EXPECT_NE(Problem("brokers: a:1\n  password: p\n").find("kafka.username is missing"), std::string::npos);
  EXPECT_NE(Problem("brokers: a:1\n  username: u\n").find("kafka.password_file is missing"),
            std::string::npos);
  EXPECT_EQ(Problem("brokers: a:1\n  security_protocol: ssl\n  cert_file: /pem\n  key_file: /pem\n"),
            "accepted");
}

TEST_F(KafkaKeysTest, WhatIsWrongIsNotCalledMissingToo) {
  Read("brokers: {}\n  username: u\n  password_file: /nowhere\n  cert_file: /nowhere\n  key_file: /pem\n");
  EXPECT_EQ(Lines(diagnostics_).size(), 3u) << testing::PrintToString(Lines(diagnostics_));
  Read("brokers: a:1\n  username: u\n  password_file: /nowhere\n  cert_file: /nowhere\n  key_file: /pem\n");
  EXPECT_EQ(Lines(diagnostics_).size(), 2u) << testing::PrintToString(Lines(diagnostics_));
}

TEST_F(KafkaKeysTest, PlaintextIsNoChoice) {
  EXPECT_NE(Problem(std::string(kGood) + "  security_protocol: PLAINTEXT\n").find("not one of SASL_SSL, SSL"),
            std::string::npos);
  EXPECT_NE(Problem(std::string(kGood) + "  sasl_mechanism: GSSAPI\n"), "accepted");
}

TEST_F(KafkaKeysTest, CertificateAndKeyBelongTogether) {
  EXPECT_EQ(Problem(std::string(kGood) + "  cert_file: /pem\n"),
            "f:5:14: error: kafka.cert_file and kafka.key_file belong together; only kafka.cert_file is set");
  EXPECT_EQ(Problem(std::string(kGood) + "  key_file: /pem\n"),
            "f:5:13: error: kafka.cert_file and kafka.key_file belong together; only kafka.key_file is set");
}

TEST_F(KafkaKeysTest, ABrokerIsHostAndPort) {
  for (const char* good :
       {"a:1", "a.example:65535", "10.0.0.1:9092", "'[::1]:9092'", "'[fe80::1%eth0]:1'", "a_b-c:9"}) {
    EXPECT_EQ(Problem("brokers: [" + std::string(good) + "]\n  username: u\n  password: p\n"), "accepted")
        << good;
  }
  for (const std::string bad : {"a", "a:", ":1", "a:0", "a:65536", "a:x", "::1:9092", "[::1]", "[]:1",
                                "[::1:9", "SASL_SSL://a:1", "a b:1", "a:1/x", "a:-1"}) {
    const std::string problem = Problem("brokers: [ok:1, '" + bad + "']\n  username: u\n  password: p\n");
    EXPECT_EQ(problem.substr(0, 17), "f:2:19: error: ka") << bad << " " << problem;
  }
}

TEST_F(KafkaKeysTest, ATopicIsWhatKafkaTakes) {
  const std::string rest = std::string(kGood) + "  topic: ";
  EXPECT_EQ(Problem(rest + std::string(242, 'a')), "accepted");
  for (const std::string& bad : {std::string(243, 'a'), std::string("a b"), std::string("a/b"),
                                 std::string("'é'"), std::string("'.'"), std::string("..")}) {
    EXPECT_NE(Problem(rest + bad), "accepted") << bad;
  }
}

TEST_F(KafkaKeysTest, WhatPicketSetsItselfIsRefusedWithAReason) {
  EXPECT_EQ(Problem(std::string(kGood) + "  librdkafka:\n    sasl.password: hush\n"),
            "f:6:5: error: kafka.librdkafka: 'sasl.password' is refused: use kafka.password_file");
  for (const char* property : {"bootstrap.servers",
                               "security.protocol",
                               "ssl.ca.location",
                               "ssl.key.password",
                               "ssl.cipher.suites",
                               "enable.ssl.certificate.verification",
                               "ssl.endpoint.identification.algorithm",
                               "sasl.oauthbearer.config",
                               "enable.idempotence",
                               "acks",
                               "message.timeout.ms",
                               "queue.buffering.max.messages",
                               "transactional.id",
                               "group.id",
                               "enable.auto.commit",
                               "enable.auto.offset.store",
                               "auto.offset.reset",
                               "isolation.level",
                               "plugin.library.paths",
                               "error_cb",
                               "test.mock.num.brokers"}) {
    EXPECT_NE(RefusedKafkaProperty(property), nullptr) << property;
  }
}

TEST_F(KafkaKeysTest, TheRestPasses) {
  for (const char* property :
       {"debug", "linger.ms", "compression.codec", "client.id", "socket.keepalive.enable",
        "message.max.bytes", "statistics.interval.ms", "broker.address.family", "fetch.max.bytes"}) {
    EXPECT_EQ(RefusedKafkaProperty(property), nullptr) << property;
  }
}

}  // namespace
}  // namespace picket
