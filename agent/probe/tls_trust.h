// Which certificates are trusted, and what was found in those that servers showed. mbedTLS's types stay
// in tls_trust.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "port/clock.h"
#include "port/error.h"

namespace picket {

// What checking one server's chain has found. Flags are mbedTLS's MBEDTLS_X509_BADCERT_* bits.
struct Verification {
  bool checked = false;  // the leaf was looked at
  uint32_t leaf_flags = 0;
  uint32_t chain_flags = 0;                       // of every certificate above the leaf
  bool self_signed = false;                       // the leaf names itself as issuer
  std::optional<WallTime> not_before, not_after;  // of the leaf

  bool Good() const { return checked && (leaf_flags | chain_flags) == 0; }
  bool Bad() const { return (leaf_flags | chain_flags) != 0; }
  // Nothing but "expired" and "not yet valid": what a wrong clock would say of good certificates.
  bool OnlyDatesBad() const;
};

// "expired on 2026-11-01; not valid for the host shop.example": for error_detail.
std::string DescribeVerification(const Verification& verification, const std::string& host);

// "1.2" or "1.3" of a live connection; `ssl` is the mbedtls_ssl_context of CURLINFO_TLS_SSL_PTR. Empty for
// anything else.
std::optional<std::string> TlsVersion(const void* ssl);

// The trusted CA certificates, parsed once and shared by every connection: left to itself libcurl parses
// the file anew for each (92 MB with 200 connections open, where one shared chain takes 9).
class TrustStore {
 public:
  // Reads a PEM file, or all of a directory's; what in them is no certificate is left out and counted. Empty path: the system's bundle, from the usual places; when there is none the store
  // is empty, and every server is refused. kConfig when a named file cannot be read or nothing in it is
  // a certificate.
  static Expected<std::unique_ptr<TrustStore>> Load(const std::string& ca_file);
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // Prepares a connection: `ssl_config` is the mbedtls_ssl_config of CURLOPT_SSL_CTX_FUNCTION. Sets the
  // chain, insists on verification, and notes the outcome in *verification, which like this store must
  // outlive the connection's handshake. False when the store is empty: give the connection up.
  bool Install(void* ssl_config, Verification* verification) const;

  const std::string& Path() const { return path_; }  // empty: no bundle was found
  uint64_t Stamp() const { return stamp_; }          // of the files when they were read: port/ca_files.h
  size_t Size() const { return size_; }              // certificates
  size_t Skipped() const { return skipped_; }        // certificates in the file that were not understood
  size_t Expired(WallTime now) const;                // certificates whose last day is over

 private:
  struct Chain;
  TrustStore();
  Status Add(const std::string& file);
  std::unique_ptr<Chain> chain_;
  std::string path_;
  uint64_t stamp_ = 0;
  size_t size_ = 0;
  size_t skipped_ = 0;
};

// Starts mbedTLS's key store (PSA), once for the process; kUnavailable when it has no randomness.
// Never blocks: to be called only when the system's entropy is known to be ready.
Status StartCrypto();

}  // namespace picket
