#include "doctor/kafka_session.h"

namespace picket {
namespace {

// What stands behind `label` up to the next ", " or the end; with `rest`, all behind it.
std::string After(std::string_view text, std::string_view label, bool rest = false) {
  const size_t at = text.find(label);
  if (at == text.npos) return {};
  text.remove_prefix(at + label.size());
  return std::string(rest ? text : text.substr(0, text.find(", ")));
}

// port/kafka_tls/session.c: "Broker verified, TLSv1.3, TLS1-3-AES-128-GCM-SHA256, valid to
// 2026-11-28T09:00:00Z, issued by CN=...". OpenSSL's build: "Broker SSL certificate verified".
TlsFacts ReadHandshake(std::string_view text) {
  TlsFacts facts;
  constexpr std::string_view kOurs = "Broker verified, ";
  const size_t at = text.find(kOurs);
  if (at == text.npos) return facts;
  facts.version = After(text, kOurs);
  facts.cipher = After(text, facts.version + ", ");
  WallTime end;
  if (ParseTimestamp(After(text, "valid to "), &end)) facts.certificate.not_after = end;
  facts.certificate.issuer = After(text, "issued by ", /*rest=*/true);
  return facts;
}

}  // namespace

SecurityNews ReadSecurityLine(std::string_view facility, std::string_view text) {
  SecurityNews news;
  if (facility == "SSLVERIFY" && text.find("verified") != text.npos) news.tls = ReadHandshake(text);
  if (facility == "SASLMECHS") news.mechanisms = After(text, "SASL mechanisms: ", /*rest=*/true);
  return news;
}

}  // namespace picket
