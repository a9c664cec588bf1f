#include "verify.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text.h"

void kafka_tls_peer_init(struct kafka_tls_peer* peer, const char* nodename) {
  memset(peer, 0, sizeof *peer);
  snprintf(peer->nodename, sizeof peer->nodename, "%s", nodename);
  snprintf(peer->host, sizeof peer->host, "%s", nodename);
  char* host = peer->host;

  struct in6_addr v6;
  if (inet_pton(AF_INET6, host, &v6) != 1) {  // a bare IPv6 address has no port to cut off
    char* port = strrchr(host, ':');
    char* bracket = strrchr(host, ']');
    if (port != NULL && (bracket == NULL || bracket < port)) *port = '\0';
  }
  size_t size = strlen(host);
  if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
    memmove(host, host + 1, size - 2);
    host[size - 2] = '\0';
  }
  if (strchr(host, ':') != NULL) {
    host[strcspn(host, "%")] = '\0';  // the zone of a link-local address means something on this host only
  } else {
    // The root's dot, which DNS takes and certificates never hold.
    size = strlen(host);
    if (size > 1 && host[size - 1] == '.') host[size - 1] = '\0';
  }

  if (inet_pton(AF_INET, host, peer->address) == 1) {
    peer->address_size = 4;
  } else if (inet_pton(AF_INET6, host, peer->address) == 1) {
    peer->address_size = 16;
  }
}

static bool has_address(const mbedtls_x509_crt* certificate, const struct kafka_tls_peer* peer) {
  if (!mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) return false;
  for (const mbedtls_x509_sequence* name = &certificate->subject_alt_names; name != NULL; name = name->next) {
    if ((name->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == MBEDTLS_X509_SAN_IP_ADDRESS &&
        name->buf.len == peer->address_size && memcmp(name->buf.p, peer->address, peer->address_size) == 0) {
      return true;
    }
  }
  return false;
}

static void judge_host(const struct kafka_tls_verdict* verdict, const mbedtls_x509_crt* certificate,
                       uint32_t* flags) {
  if (!verdict->check_host) {
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
  } else if (verdict->peer->address_size > 0 && !has_address(certificate, verdict->peer)) {
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
}

static void judge_dates(const struct kafka_tls_verdict* verdict, const mbedtls_x509_crt* certificate,
                        uint32_t* flags) {
  if (!verdict->has_now) return;
  *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
  mbedtls_x509_time now;
  if (mbedtls_x509_time_gmtime((mbedtls_time_t)verdict->now, &now) != 0) {
    *flags |= MBEDTLS_X509_BADCERT_FUTURE;  // a clock outside the calendar vouches for nothing
    return;
  }
  if (mbedtls_x509_time_cmp(&certificate->valid_to, &now) < 0) *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
  if (mbedtls_x509_time_cmp(&certificate->valid_from, &now) > 0) *flags |= MBEDTLS_X509_BADCERT_FUTURE;
}

static kafka_tls_cause_t gravest(uint32_t flags) {
  if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) return KAFKA_TLS_UNKNOWN_CA;
  if (flags & MBEDTLS_X509_BADCERT_FUTURE) return KAFKA_TLS_NOT_YET_VALID;
  if (flags & MBEDTLS_X509_BADCERT_EXPIRED) return KAFKA_TLS_EXPIRED;
  if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) return KAFKA_TLS_WRONG_HOST;
  if (flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY)) {
    return KAFKA_TLS_WEAK_CERTIFICATE;
  }
  if (flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
               MBEDTLS_X509_BADCERT_NS_CERT_TYPE)) {
    return KAFKA_TLS_WRONG_PURPOSE;
  }
  return flags == 0 ? KAFKA_TLS_OK : KAFKA_TLS_BAD_CERTIFICATE;
}

// "the certificate of localhost:9094", or of the CA above it: dates and weaknesses may be either's.
static void append_owner(struct kafka_tls_text* text, const struct kafka_tls_verdict* verdict,
                         const mbedtls_x509_crt* certificate, int depth) {
  if (depth == 0) {
    kafka_tls_text_append(text, "certificate of %s", verdict->peer->nodename);
  } else {
    kafka_tls_text_append(text, "CA certificate ");
    kafka_tls_text_append_dn(text, &certificate->subject);
    kafka_tls_text_append(text, " of %s", verdict->peer->nodename);
  }
}

static void append_date(struct kafka_tls_text* text, const mbedtls_x509_time* date) {
  kafka_tls_text_append(text, "%04d-%02d-%02dT%02d:%02d:%02dZ", date->year, date->mon, date->day, date->hour,
                        date->min, date->sec);
}

static void append_now(struct kafka_tls_text* text, const struct kafka_tls_verdict* verdict) {
  // To the day: librdkafka suppresses repetitions of a text only while it stays the same.
  mbedtls_x509_time now;
  const mbedtls_time_t seconds = verdict->has_now ? (mbedtls_time_t)verdict->now : (mbedtls_time_t)time(NULL);
  if (mbedtls_x509_time_gmtime(seconds, &now) == 0) {
    kafka_tls_text_append(text, "%04d-%02d-%02d", now.year, now.mon, now.day);
  } else {
    kafka_tls_text_append(text, "unreadable");
  }
}

static bool is_self_signed(const mbedtls_x509_crt* certificate) {
  return certificate->issuer_raw.len == certificate->subject_raw.len &&
         memcmp(certificate->issuer_raw.p, certificate->subject_raw.p, certificate->issuer_raw.len) == 0;
}

static void explain(struct kafka_tls_verdict* verdict, const mbedtls_x509_crt* certificate, int depth) {
  struct kafka_tls_text text;
  kafka_tls_text_init(&text, verdict->reason, sizeof verdict->reason);
  switch (verdict->cause) {
    case KAFKA_TLS_UNKNOWN_CA:
      kafka_tls_text_append(&text, "certificate of %s is ", verdict->peer->nodename);
      if (depth == 0 && is_self_signed(certificate)) {
        kafka_tls_text_append(&text, "self-signed (");
        kafka_tls_text_append_dn(&text, &certificate->subject);
        kafka_tls_text_append(&text, ") and not trusted: set kafka.ca_file (ssl.ca.location) to it");
      } else {
        kafka_tls_text_append(&text, "signed by an unknown CA (issuer ");
        kafka_tls_text_append_dn(&text, &certificate->issuer);
        kafka_tls_text_append(&text, "): set kafka.ca_file (ssl.ca.location) to that CA");
      }
      break;
    case KAFKA_TLS_NOT_YET_VALID:
      append_owner(&text, verdict, certificate, depth);
      kafka_tls_text_append(&text, " is not valid before ");
      append_date(&text, &certificate->valid_from);
      kafka_tls_text_append(&text, ", and the clock here says ");
      append_now(&text, verdict);
      kafka_tls_text_append(&text, ": check this machine's clock (NTP), or the certificate");
      break;
    case KAFKA_TLS_EXPIRED:
      append_owner(&text, verdict, certificate, depth);
      kafka_tls_text_append(&text, " expired ");
      append_date(&text, &certificate->valid_to);
      kafka_tls_text_append(&text, ", the clock here says ");
      append_now(&text, verdict);
      kafka_tls_text_append(&text, ": renew the broker's certificate, or check this machine's clock");
      break;
    case KAFKA_TLS_WRONG_HOST:
      kafka_tls_text_append(&text, "certificate of %s is not for that host but for ",
                            verdict->peer->nodename);
      kafka_tls_text_append_hosts(&text, certificate);
      kafka_tls_text_append(&text,
                            ": use a name from the certificate in kafka.brokers (bootstrap.servers) "
                            "and advertised.listeners");
      break;
    case KAFKA_TLS_WEAK_CERTIFICATE:
      append_owner(&text, verdict, certificate, depth);
      kafka_tls_text_append(&text,
                            " is too weak: SHA-256, and RSA of 2048 bits or a curve of 256, are required");
      break;
    case KAFKA_TLS_WRONG_PURPOSE:
      append_owner(&text, verdict, certificate, depth);
      kafka_tls_text_append(&text, " is not made for a TLS server: its (extended) key usage forbids it");
      break;
    default:
      append_owner(&text, verdict, certificate, depth);
      kafka_tls_text_append(&text, " is not acceptable");
      break;
  }
}

int kafka_tls_verify(void* opaque, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) {
  struct kafka_tls_verdict* verdict = opaque;
  if (depth == 0) judge_host(verdict, certificate, flags);
  judge_dates(verdict, certificate, flags);
  const kafka_tls_cause_t cause = gravest(*flags);
  if (cause != KAFKA_TLS_OK && (verdict->cause == KAFKA_TLS_OK || cause < verdict->cause)) {
    verdict->cause = cause;
    explain(verdict, certificate, depth);
  }
  return 0;
}
