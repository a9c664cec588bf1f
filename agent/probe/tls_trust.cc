#include "agent/probe/tls_trust.h"

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <string.h>

#include <chrono>
#include <vector>

#include "port/ca_files.h"
#include "port/files.h"

namespace picket {
namespace {

constexpr uint32_t kDateFlags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;

WallTime ToWallTime(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const sys_days date = year(time.year) / month(static_cast<unsigned>(time.mon)) / time.day;
  const auto since_1970 = date.time_since_epoch() + hours(time.hour) + minutes(time.min) + seconds(time.sec);
  return {duration_cast<microseconds>(since_1970).count()};
}

bool SameName(const mbedtls_x509_buf& a, const mbedtls_x509_buf& b) {
  return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

// Called by mbedTLS for each certificate from the top of the chain down to the leaf (depth 0), with what it
// found wrong. Only looks: the flags stay as they are, and any flag makes the handshake fail.
int NoteVerification(void* context, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) {
  auto* verification = static_cast<Verification*>(context);
  if (depth > 0) {
    verification->chain_flags |= *flags;
    return 0;
  }
  verification->checked = true;
  verification->leaf_flags |= *flags;
  verification->self_signed = SameName(certificate->issuer_raw, certificate->subject_raw);
  verification->not_before = ToWallTime(certificate->valid_from);
  verification->not_after = ToWallTime(certificate->valid_to);
  return 0;
}

std::string Date(const std::optional<WallTime>& time) {
  return time ? " " + FormatTimestamp(*time).substr(0, 10) : std::string();
}

void Append(const std::string& text, std::string* list) {
  if (!list->empty()) *list += "; ";
  *list += text;
}

}  // namespace

bool Verification::OnlyDatesBad() const {
  return Bad() && ((leaf_flags | chain_flags) & ~kDateFlags) == 0;
}

std::string DescribeVerification(const Verification& v, const std::string& host) {
  std::string text;
  if (v.leaf_flags & MBEDTLS_X509_BADCERT_EXPIRED) Append("expired" + Date(v.not_after), &text);
  if (v.leaf_flags & MBEDTLS_X509_BADCERT_FUTURE) Append("not valid before" + Date(v.not_before), &text);
  if (v.leaf_flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) Append("not valid for the host " + host, &text);
  if ((v.leaf_flags | v.chain_flags) & MBEDTLS_X509_BADCERT_NOT_TRUSTED) {
    Append(v.self_signed ? "self-signed, not trusted" : "signed by an unknown CA", &text);
  }
  if (v.chain_flags & MBEDTLS_X509_BADCERT_EXPIRED) Append("a CA certificate above it expired", &text);
  if (v.chain_flags & MBEDTLS_X509_BADCERT_FUTURE)
    Append("a CA certificate above it is not yet valid", &text);
  constexpr uint32_t kNamed =
      kDateFlags | MBEDTLS_X509_BADCERT_CN_MISMATCH | MBEDTLS_X509_BADCERT_NOT_TRUSTED;
  const uint32_t rest = (v.leaf_flags | v.chain_flags) & ~kNamed;
  if (rest & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY)) {
    Append("weak signature or key", &text);
  }
  if (rest & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
              MBEDTLS_X509_BADCERT_NS_CERT_TYPE)) {
    Append("not meant for a TLS server", &text);
  }
  if (rest & MBEDTLS_X509_BADCERT_REVOKED) Append("revoked", &text);
  if (text.empty()) {
    char flags[32];
    snprintf(flags, sizeof flags, "not accepted (0x%x)", static_cast<unsigned>(rest));
    text = flags;
  }
  return text;
}

std::optional<std::string> TlsVersion(const void* ssl) {
  if (ssl == nullptr) return std::nullopt;
  switch (mbedtls_ssl_get_version_number(static_cast<const mbedtls_ssl_context*>(ssl))) {
    case MBEDTLS_SSL_VERSION_TLS1_2:
      return "1.2";
    case MBEDTLS_SSL_VERSION_TLS1_3:
      return "1.3";
    default:
      return std::nullopt;
  }
}

struct TrustStore::Chain {
  Chain() { mbedtls_x509_crt_init(&first); }
  ~Chain() { mbedtls_x509_crt_free(&first); }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  // Not const: mbedtls_ssl_conf_ca_chain takes a plain pointer, but verification only reads.
  mbedtls_x509_crt first;
};

TrustStore::TrustStore() : chain_(std::make_unique<Chain>()) {}
TrustStore::~TrustStore() = default;

Expected<std::unique_ptr<TrustStore>> TrustStore::Load(const std::string& ca_file) {
  std::unique_ptr<TrustStore> store(new TrustStore());
  store->path_ = ca_file.empty() ? FindSystemCaBundle() : ca_file;
  if (store->path_.empty()) return store;

  const std::string setting = ca_file.empty() ? "the system's CA file" : "CA file";
  // Before the reading, so that what changes meanwhile is seen by who compares.
  store->stamp_ = CaFilesStamp(store->path_);
  const Expected<std::vector<std::string>> files = ListCaFiles(store->path_);
  if (!files) return Fail(ErrorCode::kConfig, "%s: %s", setting.c_str(), files.error().message.c_str());
  for (const std::string& file : *files) {
    const Status added = store->Add(file);
    if (added) continue;
    if (files->size() == 1) {
      return Fail(ErrorCode::kConfig, "%s: %s", setting.c_str(), added.error().message.c_str());
    }
    ++store->skipped_;
  }
  for (const mbedtls_x509_crt* crt = &store->chain_->first; crt != nullptr && crt->raw.p != nullptr;
       crt = crt->next) {
    ++store->size_;
  }
  if (store->size_ > 0) return store;
  return Fail(ErrorCode::kConfig, "%s: %s holds no PEM certificate", setting.c_str(), store->path_.c_str());
}

Status TrustStore::Add(const std::string& file) {
  const Expected<std::string> pem = ReadFile(file, kMaxCaFileBytes);
  if (!pem) return std::unexpected(pem.error());
  // The parser wants the closing NUL counted. Positive: so many certificates were not understood.
  const int result = mbedtls_x509_crt_parse(
      &chain_->first, reinterpret_cast<const unsigned char*>(pem->c_str()), pem->size() + 1);
  if (result < 0) return Fail(ErrorCode::kConfig, "%s holds no PEM certificate", file.c_str());
  skipped_ += static_cast<size_t>(result);
  return {};
}

size_t TrustStore::Expired(WallTime now) const {
  size_t count = 0;
  for (const mbedtls_x509_crt* crt = &chain_->first; crt != nullptr && crt->raw.p != nullptr; crt = crt->next) {
    if (ToWallTime(crt->valid_to) < now) ++count;
  }
  return count;
}

bool TrustStore::Install(void* ssl_config, Verification* verification) const {
  if (size_ == 0) return false;
  auto* config = static_cast<mbedtls_ssl_config*>(ssl_config);
  mbedtls_ssl_conf_ca_chain(config, &chain_->first, nullptr);
  mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_verify(config, NoteVerification, verification);
  return true;
}

Status StartCrypto() {
  const psa_status_t status = psa_crypto_init();
  if (status != PSA_SUCCESS)
    return Fail(ErrorCode::kUnavailable, "psa_crypto_init: %d", static_cast<int>(status));
  return {};
}

}  // namespace picket
