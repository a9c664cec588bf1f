#include "port/kafka_tls/failure.h"

#include <gtest/gtest.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <array>
#include <cerrno>
#include <string>

namespace picket {
namespace {

struct Facts {
  int error = 0;
  int socket_errno = 0;
  int alert = -1;
  uint32_t verify_flags = 0;
  bool established = false;
  bool answered = false;
};

class FailureTest : public testing::Test {
 protected:
  FailureTest() { kafka_tls_peer_init(&peer_, "kafka.example:9094"); }

  kafka_tls_failure FailureOf(const Facts& facts) const {
    return {.error = facts.error,
            .socket_errno = facts.socket_errno,
            .alert = facts.alert,
            .verify_flags = facts.verify_flags,
            .established = facts.established,
            .answered = facts.answered,
            .peer = &peer_,
            .verdict = &verdict_};
  }
  std::string Describe(const Facts& facts) {
    const kafka_tls_failure failure = FailureOf(facts);
    std::array<char, 512> text{};
    const kafka_tls_cause_t cause = kafka_tls_failure_describe(&failure, text.data(), text.size());
    EXPECT_EQ(kafka_tls_cause_of(text.data()), cause) << text.data();
    return text.data();
  }

  kafka_tls_peer peer_;
  kafka_tls_verdict verdict_ = {};
};

TEST(CauseTest, EveryCauseHasANameThatLeadsBackToIt) {
  for (int i = KAFKA_TLS_UNKNOWN_CA; i <= KAFKA_TLS_IO; ++i) {
    const auto cause = static_cast<kafka_tls_cause_t>(i);
    const std::string name = kafka_tls_cause_name(cause);
    ASSERT_NE(name, "");
    EXPECT_EQ(kafka_tls_cause_of(("ssl://b:1: SSL handshake failed: [tls:" + name + "] text").c_str()),
              cause);
  }
}

TEST(CauseTest, OtherTextsHaveNone) {
  EXPECT_EQ(kafka_tls_cause_of(nullptr), KAFKA_TLS_OK);
  EXPECT_EQ(kafka_tls_cause_of("Connection refused"), KAFKA_TLS_OK);
  EXPECT_EQ(kafka_tls_cause_of("[tls:expired_long_ago]"), KAFKA_TLS_OK);
  EXPECT_EQ(kafka_tls_cause_of("[tls:"), KAFKA_TLS_OK);
  EXPECT_STREQ(kafka_tls_cause_name(KAFKA_TLS_OK), "");
  EXPECT_STREQ(kafka_tls_cause_name(static_cast<kafka_tls_cause_t>(99)), "");
}

TEST_F(FailureTest, ASilentCloseIsAPlaintextPort) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_CONN_EOF});
  EXPECT_NE(text.find("[tls:plaintext_port] kafka.example:9094"), std::string::npos) << text;
  EXPECT_NE(text.find("connecting to a PLAINTEXT broker listener?"), std::string::npos) << text;
}

TEST_F(FailureTest, AResetBeforeAnyAnswerIsAPlaintextPortToo) {
  // A plaintext listener takes the ClientHello for a request of 370 MB and closes with most of it unread.
  const std::string text = Describe({.error = MBEDTLS_ERR_ERROR_GENERIC_ERROR, .socket_errno = ECONNRESET});
  EXPECT_NE(text.find("[tls:plaintext_port]"), std::string::npos) << text;
}

TEST_F(FailureTest, AnAnswerThatIsNotTlsIsAPlaintextPort) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_INVALID_RECORD, .answered = true});
  EXPECT_NE(text.find("[tls:plaintext_port]"), std::string::npos) << text;
}

TEST_F(FailureTest, AnEndInTheMiddleIsClosed) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_CONN_EOF, .answered = true});
  EXPECT_NE(text.find("[tls:closed]"), std::string::npos) << text;
}

TEST_F(FailureTest, AnAlertIsNamed) {
  const std::string text = Describe(
      {.error = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, .alert = 116, .established = true, .answered = true});
  EXPECT_NE(text.find("[tls:peer_alert] kafka.example:9094 sent the TLS alert certificate_required (116)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("kafka.cert_file"), std::string::npos) << text;
  EXPECT_STREQ(kafka_tls_alert_name(70), "protocol_version");
  EXPECT_STREQ(kafka_tls_alert_name(255), "unknown");
}

TEST_F(FailureTest, TheVerdictSpeaksForTheCertificate) {
  verdict_.cause = KAFKA_TLS_EXPIRED;
  snprintf(verdict_.reason, sizeof verdict_.reason, "it expired");
  EXPECT_EQ(Describe({.error = MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, .answered = true}),
            "[tls:expired] it expired");
}

TEST_F(FailureTest, KeyUsageIsJudgedAfterTheVerdict) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_BAD_CERTIFICATE,
                                     .verify_flags = MBEDTLS_X509_BADCERT_EXT_KEY_USAGE,
                                     .answered = true});
  EXPECT_NE(text.find("[tls:wrong_purpose] certificate of kafka.example:9094"), std::string::npos) << text;
}

TEST_F(FailureTest, AMissingCertificateIsBad) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_BAD_CERTIFICATE, .answered = true});
  EXPECT_NE(text.find("[tls:bad_certificate]"), std::string::npos) << text;
}

TEST_F(FailureTest, ASocketErrorHasTheSystemsReason) {
  const std::string text =
      Describe({.error = MBEDTLS_ERR_ERROR_GENERIC_ERROR, .socket_errno = ETIMEDOUT, .established = true});
  EXPECT_NE(text.find("[tls:io] the connection to kafka.example:9094 failed: "), std::string::npos) << text;
}

TEST_F(FailureTest, TheRestCarriesMbedtlsCode) {
  const std::string text = Describe({.error = MBEDTLS_ERR_SSL_DECODE_ERROR, .answered = true});
  EXPECT_NE(text.find("[tls:protocol] TLS with kafka.example:9094 failed: mbedTLS -0x7300"),
            std::string::npos)
      << text;
}

// librdkafka tells a lost connection by the first word, and then does not call it an error.
TEST_F(FailureTest, AnEstablishedConnectionJustEnds) {
  EXPECT_EQ(Describe({.error = 0, .established = true, .answered = true}),
            "Disconnected: connection closed by peer");
  EXPECT_EQ(Describe({.error = MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, .established = true, .answered = true}),
            "Disconnected: SSL connection closed by peer");
  EXPECT_EQ(Describe({.error = MBEDTLS_ERR_ERROR_GENERIC_ERROR,
                      .socket_errno = ECONNRESET,
                      .established = true,
                      .answered = true}),
            "Disconnected: connection reset by peer");
}

TEST_F(FailureTest, FitsAnyBuffer) {
  const kafka_tls_failure failure = FailureOf({.error = MBEDTLS_ERR_SSL_CONN_EOF});
  for (size_t size = 1; size < 64; ++size) {
    std::string text(size + 1, '#');
    kafka_tls_failure_describe(&failure, text.data(), size);
    EXPECT_EQ(text[size], '#');
    EXPECT_LT(std::string(text.c_str()).size(), size);
  }
}

}  // namespace
}  // namespace picket
