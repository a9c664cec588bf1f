// Through librdkafka's own interface, without a broker: what a handle takes, and what it refuses.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <memory>
#include <string>

#include "tests/unit/kafka_tls/test_certificates.h"

namespace picket {
namespace {

struct Destroy {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy>;

class HandleTest : public testing::Test {
 protected:
  HandleTest() : conf_(rd_kafka_conf_new()) {
    Set("security.protocol", "ssl");
    Set("log_level", "0");
    certificate_ = MakeCertificate({.subject = "CN=test CA", .is_ca = true}, key_, key_);
  }

  void Set(const char* property, const std::string& value) {
    EXPECT_EQ(rd_kafka_conf_set(conf_.get(), property, value.c_str(), error_.data(), error_.size()),
              RD_KAFKA_CONF_OK)
        << error_.data();
  }
  // "" when it is taken, else the error's text.
  std::string SetCert(rd_kafka_cert_type_t type, const std::string& data,
                      rd_kafka_cert_enc_t encoding = RD_KAFKA_CERT_ENC_PEM) {
    const auto result = rd_kafka_conf_set_ssl_cert(conf_.get(), type, encoding, data.data(), data.size(),
                                                   error_.data(), error_.size());
    return result == RD_KAFKA_CONF_OK ? "" : error_.data();
  }
  // The same for making a handle of `conf`.
  std::string Make(Conf conf, rd_kafka_type_t type = RD_KAFKA_PRODUCER) {
    const std::unique_ptr<rd_kafka_t, Destroy> handle(
        rd_kafka_new(type, conf.get(), error_.data(), error_.size()));
    if (handle == nullptr) return error_.data();
    static_cast<void>(conf.release());  // the handle's now
    return "";
  }
  std::string Make() { return Make(std::move(conf_)); }

  Conf conf_;
  TestKey key_;
  std::string certificate_;
  std::array<char, 512> error_{};
};

TEST_F(HandleTest, TakesCaCertificateAndKeyFromMemory) {
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_CA, certificate_ + certificate_), "");
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_PUBLIC_KEY, certificate_), "");
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_PRIVATE_KEY, key_.Pem()), "");
  EXPECT_EQ(Make(), "");
}

TEST_F(HandleTest, SharesThemWithCopiesOfTheConfiguration) {
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_CA, certificate_), "");
  Conf copy(rd_kafka_conf_dup(conf_.get()));
  EXPECT_EQ(Make(), "");
  EXPECT_EQ(Make(std::move(copy)), "");
}

TEST_F(HandleTest, ReplacesAndClearsWhatWasSet) {
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_PRIVATE_KEY, key_.Pem()), "");
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_PRIVATE_KEY, key_.Pem()), "");
  EXPECT_EQ(rd_kafka_conf_set_ssl_cert(conf_.get(), RD_KAFKA_CERT_PRIVATE_KEY, RD_KAFKA_CERT_ENC_PEM, nullptr,
                                       0, error_.data(), error_.size()),
            RD_KAFKA_CONF_OK);
  EXPECT_EQ(SetCert(RD_KAFKA_CERT_CA, certificate_), "");
  EXPECT_EQ(Make(), "");  // a key without its certificate would be refused
}

TEST_F(HandleTest, RefusesWhatItCannotParse) {
  EXPECT_NE(SetCert(RD_KAFKA_CERT_CA, "nonsense"), "");
  EXPECT_NE(SetCert(RD_KAFKA_CERT_PRIVATE_KEY, certificate_), "");
  EXPECT_NE(SetCert(RD_KAFKA_CERT_CA, certificate_, RD_KAFKA_CERT_ENC_PKCS12).find("convert it to PEM"),
            std::string::npos);
  EXPECT_NE(SetCert(RD_KAFKA_CERT__CNT, certificate_), "");
}

TEST_F(HandleTest, RefusesACertificateWithoutItsKey) {
  Set("ssl.ca.pem", certificate_);
  Set("ssl.certificate.pem", certificate_);
  EXPECT_NE(Make().find("set both"), std::string::npos) << error_.data();
}

TEST_F(HandleTest, RefusesTheKeyOfAnotherCertificate) {
  TestKey other;
  Set("ssl.ca.pem", certificate_);
  Set("ssl.certificate.pem", certificate_);
  Set("ssl.key.pem", other.Pem());
  EXPECT_NE(Make().find("does not belong"), std::string::npos) << error_.data();
}

TEST_F(HandleTest, RefusesCasThatAreNotThere) {
  Set("ssl.ca.location", "/nonexistent/ca.pem");
  EXPECT_EQ(Make(), "kafka.ca_file (ssl.ca.location) failed: /nonexistent/ca.pem: No such file or directory");
}

TEST_F(HandleTest, RefusesPropertiesOfOpensslAlone) {
  Set("ssl.ca.pem", certificate_);
  Set("ssl.cipher.suites", "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(Make().find("ssl.cipher.suites is not supported by this build"), 0u) << error_.data();
}

TEST_F(HandleTest, HasNoMockBrokers) {
  Set("test.mock.num.brokers", "1");
  EXPECT_NE(Make(), "");
}

TEST_F(HandleTest, NoConsumerIsMade) {
  EXPECT_EQ(Make(std::move(conf_), RD_KAFKA_CONSUMER), "this build of librdkafka has no consumer");
}

TEST_F(HandleTest, NoTransactionsAreBegun) {
  Set("transactional.id", "t");
  EXPECT_EQ(Make(), "transactional.id: this build of librdkafka has no transactions");
}

}  // namespace
}  // namespace picket
