#include "port/kafka_tls/credentials.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/kafka_tls/test_certificates.h"

namespace picket {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string folder = testing::TempDir() + "credentials_XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    certificate_ = MakeCertificate({.subject = "CN=test CA", .is_ca = true}, key_, key_);
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& content) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << content;
    return path;
  }
  int ReadCas(const std::string& path) {
    return kafka_tls_read_cas(list_.get(), path.c_str(), error_.data(), error_.size());
  }
  std::string ErrorText() const { return error_.data(); }

  std::filesystem::path folder_;
  TestKey key_;
  std::string certificate_;
  CertificateList list_;
  std::array<char, 256> error_{};
};

TEST_F(CredentialsTest, ReadsAllCasOfAFile) {
  EXPECT_EQ(ReadCas(File("ca.pem", "a comment\n" + certificate_ + certificate_)), 0);
  EXPECT_EQ(list_.size(), 2);
}

TEST_F(CredentialsTest, CountsTheCasItCannotRead) {
  EXPECT_EQ(ReadCas(File("ca.pem",
                         "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + certificate_)),
            1);
  EXPECT_EQ(list_.size(), 1);
}

TEST_F(CredentialsTest, ReadsTheFilesOfADirectory) {
  File("a.pem", certificate_);
  File("b.crt", certificate_);
  File("README", "not a certificate");
  EXPECT_EQ(ReadCas(folder_), 1);
  EXPECT_EQ(list_.size(), 2);
}

TEST_F(CredentialsTest, RefusesADirectoryWithoutCertificates) {
  File("README", "not a certificate");
  EXPECT_EQ(ReadCas(folder_), -1);
  EXPECT_EQ(ErrorText(), folder_.string() + ": holds no certificate");
}

TEST_F(CredentialsTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(ReadCas(folder_ / "absent.pem"), -1);
  EXPECT_EQ(ErrorText(), (folder_ / "absent.pem").string() + ": No such file or directory");
  EXPECT_EQ(ReadCas(File("empty.pem", "")), -1);
  EXPECT_EQ(ReadCas(File("key.pem", key_.Pem())), -1);
  EXPECT_EQ(ErrorText().find((folder_ / "key.pem").string()), 0u) << ErrorText();
}

TEST_F(CredentialsTest, ParsesCertificatesFromMemoryWithAndWithoutNul) {
  EXPECT_EQ(kafka_tls_parse_certificates(list_.get(), certificate_.data(), certificate_.size(), error_.data(),
                                         error_.size()),
            0);
  EXPECT_EQ(kafka_tls_parse_certificates(list_.get(), certificate_.data(), certificate_.size() + 1,
                                         error_.data(), error_.size()),
            0);
  EXPECT_EQ(list_.size(), 2);
}

TEST_F(CredentialsTest, RefusesAChainThatIsDamagedInPart) {
  const std::string damaged = certificate_ + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(
      kafka_tls_parse_certificates(list_.get(), damaged.data(), damaged.size(), error_.data(), error_.size()),
      -1);
  EXPECT_EQ(kafka_tls_parse_certificates(list_.get(), "", 0, error_.data(), error_.size()), -1);
}

TEST_F(CredentialsTest, ReadsAPrivateKeyFromFileAndMemory) {
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  EXPECT_EQ(
      kafka_tls_read_key(&key, File("key.pem", key_.Pem()).c_str(), nullptr, error_.data(), error_.size()),
      0);
  EXPECT_EQ(mbedtls_pk_check_pair(key_.get(), &key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE), 0);
  mbedtls_pk_free(&key);
  mbedtls_pk_init(&key);
  const std::string pem = key_.Pem();
  EXPECT_EQ(kafka_tls_parse_key(&key, pem.data(), pem.size(), nullptr, error_.data(), error_.size()), 0);
  mbedtls_pk_free(&key);
}

// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:secret`
constexpr char kEncryptedKey[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj2OvH4UCNLUwICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPuQ2FMFJfrCGVlVphT5+1IEgZDI\n"
    "nLNF/6PI3okUP+gaUIbU6HvCPczrX/HJYAU/AnLOWddPV2vaCWbl3VnnxXz8BxcE\n"
    "WCfg6+zxd5sSCNweFOULUKVVuQyv83nuyuJjGPxVmDyGpPB8ODDLSjgS0MQIwejF\n"
    "sY8QDphRTDqZTwbqByJUsh2aqW4wCyMh1nExN4ZzM9wg6DQny/1Ufzs51Bh/S1I=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

TEST_F(CredentialsTest, OpensAnEncryptedKeyWithItsPasswordOnly) {
  const struct {
    const char* password;
    int result;
    const char* error;
  } cases[] = {{"secret", 0, ""},
               {"wrong", -1, "private key: kafka.key_password (ssl.key.password) does not open it"},
               {nullptr, -1, "private key: is encrypted: set kafka.key_password (ssl.key.password)"}};
  for (const auto& c : cases) {
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    error_[0] = '\0';
    EXPECT_EQ(kafka_tls_parse_key(&key, kEncryptedKey, sizeof kEncryptedKey - 1, c.password, error_.data(),
                                  error_.size()),
              c.result);
    EXPECT_EQ(ErrorText(), c.error);
    mbedtls_pk_free(&key);
  }
}

TEST_F(CredentialsTest, SaysThatAKeyFileIsMissing) {
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  EXPECT_EQ(kafka_tls_read_key(&key, (folder_ / "absent.key").c_str(), nullptr, error_.data(), error_.size()),
            -1);
  EXPECT_EQ(ErrorText(), (folder_ / "absent.key").string() + ": No such file or directory");
  mbedtls_pk_free(&key);
}

}  // namespace
}  // namespace picket
