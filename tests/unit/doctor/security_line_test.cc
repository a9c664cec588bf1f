#include <gtest/gtest.h>

#include "doctor/kafka_session.h"

namespace picket {
namespace {

constexpr const char* kThread = "[thrd:sasl_ssl://kafka:9094/bootstrap]: sasl_ssl://kafka:9094/bootstrap: ";

TEST(ReadSecurityLine, TheAgentsHandshake) {
  const SecurityNews news =
      ReadSecurityLine("SSLVERIFY", std::string(kThread) +
                                        "Broker verified, TLSv1.3, TLS1-3-AES-128-GCM-SHA256, valid to "
                                        "2026-11-28T09:00:00Z, issued by CN=Example CA, O=Example");
  ASSERT_TRUE(news.tls);
  EXPECT_EQ(news.tls->version, "TLSv1.3");
  EXPECT_EQ(news.tls->cipher, "TLS1-3-AES-128-GCM-SHA256");
  EXPECT_EQ(news.tls->certificate.issuer, "CN=Example CA, O=Example");
  ASSERT_TRUE(news.tls->certificate.not_after);
  EXPECT_EQ(FormatTimestamp(*news.tls->certificate.not_after).substr(0, 10), "2026-11-28");
}

TEST(ReadSecurityLine, TheConsumersHandshake) {
  const SecurityNews news =
      ReadSecurityLine("SSLVERIFY", std::string(kThread) + "Broker SSL certificate verified");
  ASSERT_TRUE(news.tls);
  EXPECT_EQ(news.tls->version, "");
}

TEST(ReadSecurityLine, TheMechanisms) {
  const SecurityNews news = ReadSecurityLine(
      "SASLMECHS", std::string(kThread) + "Broker supported SASL mechanisms: PLAIN,SCRAM-SHA-512");
  EXPECT_EQ(news.mechanisms, "PLAIN,SCRAM-SHA-512");
}

TEST(ReadSecurityLine, OtherLinesSayNothing) {
  for (const char* facility : {"SASL", "SSL", "SSLVERIFY", "FAIL"}) {
    const SecurityNews news = ReadSecurityLine(facility, "anything");
    EXPECT_FALSE(news.tls);
    EXPECT_FALSE(news.mechanisms);
  }
}

}  // namespace
}  // namespace picket
