#include "consumer/doctor/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <time.h>

#include <memory>

namespace picket {
namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

std::optional<WallTime> LastDay(const X509* certificate) {
  tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return WallTime{static_cast<int64_t>(timegm(&parts)) * 1'000'000};
}

std::string NameText(const X509_NAME* name) {
  const std::unique_ptr<BIO, FreeBio> out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  const char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<size_t>(size)};
}

}  // namespace

BrokerCertificate ReadBrokerCertificate(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Certificate certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  if (certificate == nullptr) return {};
  return {NameText(X509_get_issuer_name(certificate.get())), LastDay(certificate.get())};
}

CaFileFacts ReadCaFile(const std::string& pem, WallTime now) {
  CaFileFacts facts;
  const std::unique_ptr<BIO, FreeBio> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (in == nullptr) return facts;
  while (const Certificate certificate{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    ++facts.certificates;
    const std::optional<WallTime> end = LastDay(certificate.get());
    if (end && *end < now) ++facts.expired;
  }
  return facts;
}

KafkaFault DescribeVerdict(int x509_error, const std::string& broker) {
  const std::string certificate = "certificate of " + broker;
  switch (x509_error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return {"unknown_ca", certificate + " is signed by an unknown CA: set kafka.ca_file to that CA"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {"not_yet_valid",
              certificate + " is not yet valid: check this machine's clock (NTP), or the certificate"};
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {"expired",
              certificate + " expired: renew the broker's certificate, or check this machine's clock"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {"wrong_host", certificate +
                                " is not for that host: use a name from the certificate in kafka.brokers and "
                                "advertised.listeners"};
    case X509_V_ERR_INVALID_PURPOSE:
      return {"wrong_purpose", certificate + " is not made for a TLS server"};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return {"weak_certificate", certificate + " has a weak key or signature"};
    case X509_V_OK:
      return {};
    default:
      return {"bad_certificate",
              certificate + " is not accepted: " + X509_verify_cert_error_string(x509_error)};
  }
}

}  // namespace picket
