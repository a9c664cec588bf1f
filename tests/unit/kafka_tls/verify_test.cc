#include "port/kafka_tls/verify.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/kafka_tls/test_certificates.h"

namespace picket {
namespace {

constexpr int64_t kNow = 1'795'251'600;  // 2026-11-21T09:00:00Z

kafka_tls_peer PeerOf(const std::string& nodename) {
  kafka_tls_peer peer;
  kafka_tls_peer_init(&peer, nodename.c_str());
  return peer;
}

TEST(PeerTest, SplitsHostAndPort) {
  EXPECT_STREQ(PeerOf("kafka.example:9094").host, "kafka.example");
  EXPECT_STREQ(PeerOf("kafka.example:9094").nodename, "kafka.example:9094");
  EXPECT_STREQ(PeerOf("kafka.example").host, "kafka.example");
  EXPECT_EQ(PeerOf("kafka.example:9094").address_size, 0u);
}

TEST(PeerTest, DropsTheDotOfAnAbsoluteName) {
  EXPECT_STREQ(PeerOf("kafka.example.:9094").host, "kafka.example");
  EXPECT_STREQ(PeerOf(".:9094").host, ".");
  EXPECT_STREQ(PeerOf("").host, "");
}

TEST(PeerTest, TellsAddressesFromNames) {
  EXPECT_EQ(PeerOf("192.0.2.7:9094").address_size, 4u);
  EXPECT_EQ(PeerOf("192.0.2.7:9094").address[3], 7);
  EXPECT_EQ(PeerOf("192.0.2:9094").address_size, 0u);
  EXPECT_EQ(PeerOf("[2001:db8::1]:9094").address_size, 16u);
  EXPECT_STREQ(PeerOf("[2001:db8::1]:9094").host, "2001:db8::1");
  EXPECT_STREQ(PeerOf("[fe80::1%eth0]:9094").host, "fe80::1");
  EXPECT_EQ(PeerOf("[fe80::1%eth0]:9094").address_size, 16u);
  EXPECT_STREQ(PeerOf("2001:db8::1").host, "2001:db8::1");
}

TEST(PeerTest, CutsOverlongNames) {
  EXPECT_EQ(std::string(PeerOf(std::string(1000, 'a')).host).size(), size_t{KAFKA_TLS_NODENAME_SIZE - 1});
}

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() : ca_({.subject = "CN=test CA", .is_ca = true}) {}

  // What a connection to `nodename` that is shown `certificate` comes to.
  void Verify(const std::string& nodename, const TestCertificate& certificate) {
    CertificateList trusted(MakeCertificate(ca_, ca_key_, ca_key_));
    CertificateList shown(MakeCertificate(certificate, key_, self_signed_ ? key_ : ca_key_));
    peer_ = PeerOf(nodename);
    verdict_ = {};
    verdict_.peer = &peer_;
    verdict_.check_host = check_host_;
    verdict_.has_now = true;
    verdict_.now = now_;
    flags_ = 0;
    mbedtls_x509_crt_verify(shown.get(), trust_ca_ ? trusted.get() : nullptr, nullptr,
                            peer_.address_size > 0 ? nullptr : peer_.host, &flags_, kafka_tls_verify,
                            &verdict_);
  }
  std::string Cause() const { return kafka_tls_cause_name(verdict_.cause); }
  std::string Reason() const { return verdict_.reason; }

  TestKey ca_key_;
  TestKey key_;
  TestCertificate ca_;
  bool trust_ca_ = true;
  bool self_signed_ = false;
  bool check_host_ = true;
  int64_t now_ = kNow;

  kafka_tls_peer peer_;
  kafka_tls_verdict verdict_;
  uint32_t flags_ = 0;
};

TEST_F(VerifyTest, AcceptsAKnownCaTheRightNameAndDate) {
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_EQ(flags_, 0u);
  EXPECT_EQ(Cause(), "");
  EXPECT_EQ(Reason(), "");
}

TEST_F(VerifyTest, AcceptsAWildcardForOneLabel) {
  Verify("b1.kafka.example:9094", {.dns = {"*.kafka.example"}});
  EXPECT_EQ(flags_, 0u);
  Verify("a.b1.kafka.example:9094", {.dns = {"*.kafka.example"}});
  EXPECT_EQ(Cause(), "wrong_host");
}

TEST_F(VerifyTest, NamesTheIssuerThatNobodyKnows) {
  trust_ca_ = false;
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_NE(flags_, 0u);
  EXPECT_EQ(
      Reason(),
      "certificate of kafka.example:9094 is signed by an unknown CA (issuer CN=test CA): set kafka.ca_file "
      "(ssl.ca.location) to that CA");
}

TEST_F(VerifyTest, RefusesAnImpostorWithTheCasName) {
  self_signed_ = true;  // issuer "CN=test CA", but not its key
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_EQ(Cause(), "unknown_ca");
}

TEST_F(VerifyTest, SaysSelfSigned) {
  self_signed_ = true;
  Verify("kafka.example:9094", {.subject = "CN=broker", .issuer = "CN=broker", .dns = {"kafka.example"}});
  EXPECT_EQ(Cause(), "unknown_ca");
  EXPECT_NE(Reason().find("is self-signed (CN=broker)"), std::string::npos) << Reason();
}

TEST_F(VerifyTest, NamesTheHostsOfTheCertificate) {
  Verify("kafka.example:9094",
         {.dns = {"a.example", "b.example"}, .addresses = {std::string("\xc0\x00\x02\x07", 4)}});
  EXPECT_NE(flags_, 0u);
  EXPECT_EQ(Cause(), "wrong_host");
  EXPECT_NE(Reason().find("is not for that host but for a.example, b.example, 192.0.2.7:"), std::string::npos)
      << Reason();
}

TEST_F(VerifyTest, CountsTheHostsItDoesNotName) {
  Verify("kafka.example:9094",
         {.dns = {"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"}});
  EXPECT_NE(Reason().find("c.example and 3 more:"), std::string::npos) << Reason();
}

TEST_F(VerifyTest, MatchesAddressesWithAddressesOnly) {
  const std::string v4("\xc0\x00\x02\x07", 4);
  Verify("192.0.2.7:9094", {.addresses = {v4}});
  EXPECT_EQ(flags_, 0u);
  Verify("192.0.2.8:9094", {.addresses = {v4}});
  EXPECT_EQ(Cause(), "wrong_host");
  Verify("192.0.2.7:9094", {.dns = {"192.0.2.7"}});
  EXPECT_EQ(Cause(), "wrong_host");
  Verify("192.0.2.7:9094", {.subject = "CN=192.0.2.7"});
  EXPECT_EQ(Cause(), "wrong_host");
  Verify("[2001:db8::1]:9094",
         {.addresses = {std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16)}});
  EXPECT_EQ(flags_, 0u);
}

TEST_F(VerifyTest, TakesTheCommonNameWhenThereIsNoOther) {
  Verify("kafka.example:9094", {.subject = "CN=kafka.example"});
  EXPECT_EQ(flags_, 0u);
  Verify("kafka.example:9094", {.subject = "CN=kafka.example", .dns = {"other.example"}});
  EXPECT_EQ(Cause(), "wrong_host");
}

TEST_F(VerifyTest, LeavesTheHostAloneWhenToldSoButNothingElse) {
  check_host_ = false;
  Verify("kafka.example:9094", {.dns = {"other.example"}});
  EXPECT_EQ(flags_, 0u);
  Verify("192.0.2.7:9094", {.dns = {"other.example"}});
  EXPECT_EQ(flags_, 0u);
  trust_ca_ = false;
  Verify("kafka.example:9094", {.dns = {"other.example"}});
  EXPECT_EQ(Cause(), "unknown_ca");
}

TEST_F(VerifyTest, JudgesDatesByTheGivenClock) {
  Verify("kafka.example:9094", {.dns = {"kafka.example"}, .to = "20250101000000"});
  EXPECT_EQ(Cause(), "expired");
  EXPECT_EQ(Reason(),
            "certificate of kafka.example:9094 expired 2025-01-01T00:00:00Z, the clock here says 2026-11-21: "
            "renew the "
            "broker's certificate, or check this machine's clock");
  now_ = 1'700'000'000;  // 2023
  Verify("kafka.example:9094", {.dns = {"kafka.example"}, .to = "20250101000000"});
  EXPECT_EQ(flags_, 0u);
}

TEST_F(VerifyTest, SaysWhatTheClockSaysWhenItIsBehind) {
  now_ = 86'400;
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_EQ(Cause(), "not_yet_valid");
  EXPECT_NE(Reason().find("the clock here says 1970-01-02"), std::string::npos) << Reason();
}

TEST_F(VerifyTest, RefusesAClockOutsideTheCalendar) {
  now_ = INT64_MAX;
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_EQ(Cause(), "not_yet_valid");
}

TEST_F(VerifyTest, NamesTheCaWhoseDateItIs) {
  ca_.to = "20250101000000";
  Verify("kafka.example:9094", {.dns = {"kafka.example"}});
  EXPECT_EQ(Cause(), "expired");
  EXPECT_NE(Reason().find("CA certificate CN=test CA of kafka.example:9094 expired"), std::string::npos)
      << Reason();
}

TEST_F(VerifyTest, ReportsTheGravestOfSeveral) {
  trust_ca_ = false;
  Verify("kafka.example:9094", {.dns = {"other.example"}, .to = "20250101000000"});
  EXPECT_EQ(Cause(), "unknown_ca");
}

TEST_F(VerifyTest, PrintsNoControlCharactersOfStrangers) {
  Verify("kafka.example:9094", {.dns = {"evil\n\x1b[31m.example"}});
  EXPECT_NE(Reason().find("evil??[31m.example"), std::string::npos) << Reason();
}

TEST_F(VerifyTest, CutsLongNamesAndKeepsOneLine) {
  const std::string label(63, 'x');
  Verify(label + ".example:9094",
         {.dns = {std::string(200, 'a'), std::string(200, 'b'), std::string(200, 'c'), std::string(200, 'd'),
                  std::string(200, 'e')}});
  EXPECT_LT(Reason().size(), size_t{KAFKA_TLS_REASON_SIZE});
  EXPECT_NE(Reason().find(std::string(36, 'a') + "..."), std::string::npos) << Reason();
  EXPECT_NE(Reason().find("advertised.listeners"), std::string::npos) << Reason();
}

}  // namespace
}  // namespace picket
