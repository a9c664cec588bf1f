// Certificates made on the spot: a CA, and what it signs.
#pragma once

#include <gtest/gtest.h>
#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
extern "C" {  // it forgets to say so itself
#include <mbedtls/psa_util.h>
}

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace picket {

// A P-256 key.
class TestKey {
 public:
  TestKey() {
    mbedtls_pk_init(&key_);
    EXPECT_EQ(psa_crypto_init(), PSA_SUCCESS);
    EXPECT_EQ(mbedtls_pk_setup(&key_, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
    EXPECT_EQ(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key_), mbedtls_psa_get_random,
                                  MBEDTLS_PSA_RANDOM_STATE),
              0);
  }
  ~TestKey() { mbedtls_pk_free(&key_); }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  mbedtls_pk_context* get() { return &key_; }
  std::string Pem() {
    std::array<unsigned char, 2048> pem{};
    EXPECT_EQ(mbedtls_pk_write_key_pem(&key_, pem.data(), pem.size()), 0);
    return reinterpret_cast<char*>(pem.data());
  }

 private:
  mbedtls_pk_context key_;
};

struct TestCertificate {
  std::string subject = "CN=broker";
  std::string issuer = "CN=test CA";
  std::vector<std::string> dns = {};        // dNSName
  std::vector<std::string> addresses = {};  // iPAddress, as bytes in network order
  std::string from = "20200101000000";
  std::string to = "20400101000000";
  bool is_ca = false;
};

// PEM of `wanted` with the public half of `key`, signed with `issuer_key`.
inline std::string MakeCertificate(const TestCertificate& wanted, TestKey& key, TestKey& issuer_key) {
  mbedtls_x509write_cert writer;
  mbedtls_x509write_crt_init(&writer);
  mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&writer, key.get());
  mbedtls_x509write_crt_set_issuer_key(&writer, issuer_key.get());
  EXPECT_EQ(mbedtls_x509write_crt_set_subject_name(&writer, wanted.subject.c_str()), 0);
  EXPECT_EQ(mbedtls_x509write_crt_set_issuer_name(&writer, wanted.issuer.c_str()), 0);
  EXPECT_EQ(mbedtls_x509write_crt_set_validity(&writer, wanted.from.c_str(), wanted.to.c_str()), 0);
  std::array<unsigned char, 1> serial{1};
  EXPECT_EQ(mbedtls_x509write_crt_set_serial_raw(&writer, serial.data(), serial.size()), 0);
  EXPECT_EQ(mbedtls_x509write_crt_set_basic_constraints(&writer, wanted.is_ca ? 1 : 0, -1), 0);

  std::vector<std::unique_ptr<mbedtls_x509_san_list>> names;
  const auto add = [&names](int type, const std::string& value) {
    auto name = std::make_unique<mbedtls_x509_san_list>();
    *name = {};
    name->node.type = type;
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(value.data()));
    name->node.san.unstructured_name = {.tag = 0, .len = value.size(), .p = bytes};
    if (!names.empty()) name->next = names.back().get();  // mbedTLS writes the list from its end
    names.push_back(std::move(name));
  };
  for (const std::string& name : wanted.dns) add(MBEDTLS_X509_SAN_DNS_NAME, name);
  for (const std::string& address : wanted.addresses) add(MBEDTLS_X509_SAN_IP_ADDRESS, address);
  if (!names.empty()) {
    EXPECT_EQ(mbedtls_x509write_crt_set_subject_alternative_name(&writer, names.back().get()), 0);
  }

  std::array<unsigned char, 4096> pem{};
  EXPECT_EQ(mbedtls_x509write_crt_pem(&writer, pem.data(), pem.size(), mbedtls_psa_get_random,
                                      MBEDTLS_PSA_RANDOM_STATE),
            0);
  mbedtls_x509write_crt_free(&writer);
  return reinterpret_cast<char*>(pem.data());
}

// A parsed list of certificates.
class CertificateList {
 public:
  CertificateList() { mbedtls_x509_crt_init(&list_); }
  explicit CertificateList(const std::string& pem) : CertificateList() {
    EXPECT_EQ(
        mbedtls_x509_crt_parse(&list_, reinterpret_cast<const unsigned char*>(pem.c_str()), pem.size() + 1),
        0);
  }
  ~CertificateList() { mbedtls_x509_crt_free(&list_); }
  CertificateList(const CertificateList&) = delete;
  CertificateList& operator=(const CertificateList&) = delete;

  mbedtls_x509_crt* get() { return &list_; }
  int size() const {
    int count = 0;
    for (const mbedtls_x509_crt* c = &list_; c != nullptr && c->raw.p != nullptr; c = c->next) ++count;
    return count;
  }

 private:
  mbedtls_x509_crt list_;
};

}  // namespace picket
