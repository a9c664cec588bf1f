#include "consumer/source/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>
#include <utility>

#include "port/ca_files.h"
#include "port/files.h"

namespace picket {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Handle = std::unique_ptr<X509, X509Deleter>;

bool IsCertificate(std::string_view block) {
  const std::unique_ptr<BIO, void (*)(BIO*)> text(BIO_new_mem_buf(block.data(), static_cast<int>(block.size())),
                                                  [](BIO* bio) { BIO_free(bio); });
  const X509Handle certificate(text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr);
  // What OpenSSL noted about a bad one must not turn up in the next error of this thread.
  ERR_clear_error();
  return certificate != nullptr;
}

// Adds the certificates of one file's text. A block that never ends is one that cannot be read.
void AddBlocks(std::string_view text, TrustedCas* cas) {
  constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
  for (size_t at = text.find(kCertificate); at != text.npos; at = text.find(kCertificate, at)) {
    const size_t end = text.find(kEnd, at);
    const size_t next = text.find(kBegin, at + kBegin.size());
    if (end == text.npos || next < end) {
      ++cas->skipped;
      at += kBegin.size();
      continue;
    }
    const std::string_view block = text.substr(at, end + kEnd.size() - at);
    if (IsCertificate(block)) {
      cas->pem.append(block).append("\n");
      ++cas->count;
    } else {
      ++cas->skipped;
    }
    at = end;
  }
}

}  // namespace

Expected<TrustedCas> ReadTrustedCas(const std::string& path) {
  TrustedCas cas;
  cas.source = path.empty() ? FindSystemCaBundle() : path;
  if (cas.source.empty()) return cas;
  const auto refuse = [](const std::string& why) {
    return Fail(ErrorCode::kConfig, "kafka.ca_file: %s", why.c_str());
  };
  const Expected<std::vector<std::string>> files = ListCaFiles(cas.source);
  if (!files) return refuse(files.error().message);
  for (const std::string& file : *files) {
    const Expected<std::string> text = ReadFile(file, kMaxCaFileBytes);
    if (text) {
      AddBlocks(*text, &cas);
    } else if (files->size() == 1) {
      return refuse(text.error().message);
    } else {
      ++cas.skipped;
    }
  }
  if (cas.count == 0) return refuse(cas.source + " holds no certificate that can be read");
  return cas;
}

bool IsForAddress(const char* der, size_t size, const std::string& address) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der);
  const X509Handle certificate(d2i_X509(nullptr, &bytes, static_cast<long>(size)));
  ERR_clear_error();
  if (!certificate) return false;
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  const std::string bare = bracketed ? address.substr(1, address.size() - 2) : address;
  return X509_check_ip_asc(certificate.get(), bare.c_str(), 0) == 1;
}

}  // namespace picket
