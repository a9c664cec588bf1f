#include "consumer/source/broker_certificate.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <memory>

namespace picket {
namespace {

constexpr size_t kMaxHosts = 8;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

// "CN=some CA, O=..."; printable, so that a certificate cannot forge a line.
std::string NameOf(const X509_NAME* name) {
  const std::unique_ptr<BIO, Freer<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ) < 0) return "?";
  char text[256];
  const int size = BIO_read(out.get(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : "?";
}

std::string TimeOf(const ASN1_TIME* time) {
  struct tm parts = {};
  char text[32];
  if (ASN1_TIME_to_tm(time, &parts) != 1 || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) return "?";
  return text;
}

std::string AddressOf(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN];
  const int size = ASN1_STRING_length(address);
  if (size != 4 && size != 16) return "?";
  const int family = size == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text) != nullptr ? text : "?";
}

std::string HostsOf(const X509* certificate) {
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string hosts;
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int i = 0; i < count; ++i) {
    if (static_cast<size_t>(i) == kMaxHosts) return hosts + ", ...";
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    if (!hosts.empty()) hosts += ", ";
    if (name->type == GEN_IPADD) {
      hosts += AddressOf(name->d.iPAddress);
    } else {
      hosts.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                   static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
  }
  return hosts.empty() ? "nobody" : hosts;
}

std::string KindOfFault(int x509_error) {
  switch (x509_error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // another CA of the same name
      return "unknown_ca";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "not_yet_valid";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "expired";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "wrong_host";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return "weak_certificate";
    case X509_V_ERR_INVALID_PURPOSE:
      return "wrong_purpose";
    default:
      return "bad_certificate";
  }
}

}  // namespace

CertificateFault DescribeCertificate(const std::string& broker, int x509_error, int depth,
                                     std::span<const uint8_t> der, WallTime now) {
  const uint8_t* bytes = der.data();
  const Certificate certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  CertificateFault fault{.kind = KindOfFault(x509_error), .text = "certificate of " + broker};
  if (certificate == nullptr) {
    fault.text += std::string(" is not acceptable: ") + X509_verify_cert_error_string(x509_error);
    return fault;
  }
  const X509* const shown = certificate.get();
  if (depth > 0 && fault.kind != "unknown_ca") fault.text = "CA certificate " + NameOf(X509_get_subject_name(shown)) + " of " + broker;
  const std::string clock_says = "the clock here says " + FormatTimestamp(now).substr(0, 10);
  if (fault.kind == "unknown_ca") {
    fault.text += x509_error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
                      ? " is self-signed (" + NameOf(X509_get_subject_name(shown)) +
                            ") and not trusted: set kafka.ca_file to it"
                      : " is signed by an unknown CA (issuer " + NameOf(X509_get_issuer_name(shown)) +
                            "): set kafka.ca_file to that CA";
  } else if (fault.kind == "not_yet_valid") {
    fault.text += " is not valid before " + TimeOf(X509_get0_notBefore(shown)) + ", and " + clock_says +
                  ": check this machine's clock (NTP), or the certificate";
  } else if (fault.kind == "expired") {
    fault.text += " expired " + TimeOf(X509_get0_notAfter(shown)) + ", " + clock_says +
                  ": renew the broker's certificate, or check this machine's clock";
  } else if (fault.kind == "wrong_host") {
    fault.text += " is not for that host but for " + HostsOf(shown) +
                  ": use a name from the certificate in kafka.brokers and advertised.listeners";
  } else {
    fault.text += std::string(" is not acceptable (") + X509_verify_cert_error_string(x509_error) +
                  "): have the broker's certificate made anew";
  }
  return fault;
}

}  // namespace picket
