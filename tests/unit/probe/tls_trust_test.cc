#include "agent/probe/tls_trust.h"

#include <gtest/gtest.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "port/files.h"

namespace picket {
namespace {

Verification Leaf(uint32_t flags) {
  Verification verification;
  verification.checked = true;
  verification.leaf_flags = flags;
  verification.not_before = WallTime{1'767'225'600'000'000};  // 2026-01-01
  verification.not_after = WallTime{1'793'491'200'000'000};   // 2026-11-01
  return verification;
}

TEST(Verification, IsGoodOnlyWhenCheckedAndClean) {
  EXPECT_FALSE(Verification().Good());
  EXPECT_FALSE(Verification().Bad());
  EXPECT_TRUE(Leaf(0).Good());
  EXPECT_FALSE(Leaf(MBEDTLS_X509_BADCERT_EXPIRED).Good());
  Verification chain = Leaf(0);
  chain.chain_flags = MBEDTLS_X509_BADCERT_EXPIRED;
  EXPECT_FALSE(chain.Good());
  EXPECT_TRUE(chain.Bad());
}

TEST(Verification, TellsDatesFromTheRest) {
  EXPECT_TRUE(Leaf(MBEDTLS_X509_BADCERT_EXPIRED).OnlyDatesBad());
  EXPECT_TRUE(Leaf(MBEDTLS_X509_BADCERT_FUTURE).OnlyDatesBad());
  EXPECT_FALSE(Leaf(MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_NOT_TRUSTED).OnlyDatesBad());
  EXPECT_FALSE(Leaf(0).OnlyDatesBad());
}

TEST(DescribeVerification, SaysWhatIsWrong) {
  EXPECT_EQ(DescribeVerification(Leaf(MBEDTLS_X509_BADCERT_EXPIRED), "h"), "expired 2026-11-01");
  EXPECT_EQ(DescribeVerification(Leaf(MBEDTLS_X509_BADCERT_FUTURE), "h"), "not valid before 2026-01-01");
  EXPECT_EQ(DescribeVerification(Leaf(MBEDTLS_X509_BADCERT_CN_MISMATCH), "shop.example"),
            "not valid for the host shop.example");
  EXPECT_EQ(DescribeVerification(Leaf(MBEDTLS_X509_BADCERT_NOT_TRUSTED), "h"), "signed by an unknown CA");
  EXPECT_EQ(DescribeVerification(Leaf(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_CN_MISMATCH), "h"),
            "expired 2026-11-01; not valid for the host h");
}

TEST(DescribeVerification, NamesSelfSigned) {
  Verification verification = Leaf(MBEDTLS_X509_BADCERT_NOT_TRUSTED);
  verification.self_signed = true;
  EXPECT_EQ(DescribeVerification(verification, "h"), "self-signed, not trusted");
}

TEST(DescribeVerification, BlamesTheChainForItsOwnDates) {
  Verification verification = Leaf(0);
  verification.chain_flags = MBEDTLS_X509_BADCERT_EXPIRED;
  EXPECT_EQ(DescribeVerification(verification, "h"), "a CA certificate above it expired");
}

TEST(DescribeVerification, NeverSaysNothing) {
  for (uint32_t bit = 1; bit <= MBEDTLS_X509_BADCRL_BAD_KEY; bit <<= 1) {
    EXPECT_FALSE(DescribeVerification(Leaf(bit), "h").empty()) << bit;
  }
}

class TrustStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/picket-trust-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    file_ = folder_ + "/ca.pem";
  }
  void TearDown() override {
    unlink(file_.c_str());
    rmdir(folder_.c_str());
  }
  std::string folder_, file_;
};

TEST_F(TrustStoreTest, ANamedFileMustBeThere) {
  const auto store = TrustStore::Load(file_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kConfig);
  EXPECT_NE(store.error().message.find(file_), std::string::npos) << store.error().message;
}

TEST_F(TrustStoreTest, ANamedFileMustHoldACertificate) {
  for (const char* text :
       {"", "no certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    ASSERT_TRUE(WriteFileAtomically(file_, text));
    const auto store = TrustStore::Load(file_);
    ASSERT_FALSE(store) << text;
    EXPECT_EQ(store.error().code, ErrorCode::kConfig);
  }
}

}  // namespace
}  // namespace picket
