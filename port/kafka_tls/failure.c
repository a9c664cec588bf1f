#include "failure.h"

#include <errno.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const struct {
  kafka_tls_cause_t cause;
  const char* name;
} kCauses[] = {
    {KAFKA_TLS_UNKNOWN_CA, "unknown_ca"},
    {KAFKA_TLS_NOT_YET_VALID, "not_yet_valid"},
    {KAFKA_TLS_EXPIRED, "expired"},
    {KAFKA_TLS_WRONG_HOST, "wrong_host"},
    {KAFKA_TLS_WEAK_CERTIFICATE, "weak_certificate"},
    {KAFKA_TLS_WRONG_PURPOSE, "wrong_purpose"},
    {KAFKA_TLS_BAD_CERTIFICATE, "bad_certificate"},
    {KAFKA_TLS_PEER_ALERT, "peer_alert"},
    {KAFKA_TLS_PLAINTEXT_PORT, "plaintext_port"},
    {KAFKA_TLS_CLOSED, "closed"},
    {KAFKA_TLS_PROTOCOL, "protocol"},
    {KAFKA_TLS_IO, "io"},
};

const char* kafka_tls_cause_name(kafka_tls_cause_t cause) {
  for (size_t i = 0; i < sizeof kCauses / sizeof kCauses[0]; ++i) {
    if (kCauses[i].cause == cause) return kCauses[i].name;
  }
  return "";
}

kafka_tls_cause_t kafka_tls_cause_of(const char* text) {
  const char* token = text == NULL ? NULL : strstr(text, "[tls:");
  if (token == NULL) return KAFKA_TLS_OK;
  token += strlen("[tls:");
  for (size_t i = 0; i < sizeof kCauses / sizeof kCauses[0]; ++i) {
    const size_t size = strlen(kCauses[i].name);
    if (strncmp(token, kCauses[i].name, size) == 0 && token[size] == ']') return kCauses[i].cause;
  }
  return KAFKA_TLS_OK;
}

// IANA, TLS Alerts. The cure is for the side that reads it: us, the client.
static const struct {
  int number;
  const char* name;
  const char* cure;
} kAlerts[] = {
    {10, "unexpected_message", NULL},
    {20, "bad_record_mac", NULL},
    {22, "record_overflow", NULL},
    {40, "handshake_failure",
     "no common cipher, or the broker wants a client certificate: set "
     "kafka.cert_file and kafka.key_file (ssl.certificate.location, ssl.key.location)"},
    {42, "bad_certificate", "the broker refused our client certificate, or wants one: see kafka.cert_file"},
    {43, "unsupported_certificate", "the broker refused our client certificate: see kafka.cert_file"},
    {44, "certificate_revoked", "our client certificate was revoked: see kafka.cert_file"},
    {45, "certificate_expired", "our client certificate expired: renew kafka.cert_file"},
    {46, "certificate_unknown", "the broker refused our client certificate: see kafka.cert_file"},
    {47, "illegal_parameter", NULL},
    {48, "unknown_ca", "the broker does not know the CA of our client certificate: see kafka.cert_file"},
    {49, "access_denied", "the broker refused our client certificate: see kafka.cert_file"},
    {50, "decode_error", NULL},
    {51, "decrypt_error", NULL},
    {70, "protocol_version", "the broker speaks neither TLS 1.2 nor 1.3: see its ssl.enabled.protocols"},
    {71, "insufficient_security", "no common cipher: see the broker's ssl.cipher.suites"},
    {80, "internal_error", "see the broker's log"},
    {86, "inappropriate_fallback", NULL},
    {90, "user_canceled", NULL},
    {109, "missing_extension", NULL},
    {110, "unsupported_extension", NULL},
    {112, "unrecognized_name", "the broker does not know the host name in kafka.brokers (bootstrap.servers)"},
    {113, "bad_certificate_status_response", NULL},
    {115, "unknown_psk_identity", NULL},
    {116, "certificate_required",
     "the broker wants a client certificate: set kafka.cert_file and "
     "kafka.key_file (ssl.certificate.location, ssl.key.location)"},
    {120, "no_application_protocol", NULL},
};

const char* kafka_tls_alert_name(int alert) {
  for (size_t i = 0; i < sizeof kAlerts / sizeof kAlerts[0]; ++i) {
    if (kAlerts[i].number == alert) return kAlerts[i].name;
  }
  return "unknown";
}

static const char* alert_cure(int alert) {
  for (size_t i = 0; i < sizeof kAlerts / sizeof kAlerts[0]; ++i) {
    if (kAlerts[i].number == alert && kAlerts[i].cure != NULL) return kAlerts[i].cure;
  }
  return "see the broker's log";
}

const char* kafka_tls_error_text(int error, char* out, size_t size) {
  char words[128] = "";
  mbedtls_strerror(error, words, sizeof words);  // leaves nothing without MBEDTLS_ERROR_C
  snprintf(out, size, "-0x%04x%s%s", (unsigned int)-error, words[0] == '\0' ? "" : " ", words);
  return out;
}

static kafka_tls_cause_t cause_of_flags(uint32_t flags) {
  // Set by mbedTLS after the callback, for the broker's own certificate (mbedtls_ssl_check_cert_usage).
  if (flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE)) {
    return KAFKA_TLS_WRONG_PURPOSE;
  }
  return KAFKA_TLS_BAD_CERTIFICATE;
}

static bool is_about_certificate(int error) {
  return error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || error == MBEDTLS_ERR_SSL_BAD_CERTIFICATE ||
         error == MBEDTLS_ERR_X509_FATAL_ERROR;
}

static kafka_tls_cause_t classify(const struct kafka_tls_failure* failure) {
  if (failure->alert >= 0) return KAFKA_TLS_PEER_ALERT;
  if (is_about_certificate(failure->error)) {
    return failure->verdict->cause != KAFKA_TLS_OK ? failure->verdict->cause
                                                   : cause_of_flags(failure->verify_flags);
  }
  const bool reset = failure->socket_errno == ECONNRESET || failure->socket_errno == EPIPE;
  const bool gone = failure->error == 0 || failure->error == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ||
                    failure->error == MBEDTLS_ERR_SSL_CONN_EOF;
  if (gone || reset) {
    if (failure->established) return KAFKA_TLS_OK;
    return failure->answered ? KAFKA_TLS_CLOSED : KAFKA_TLS_PLAINTEXT_PORT;
  }
  if (failure->socket_errno != 0) return KAFKA_TLS_IO;
  if (!failure->established && failure->error == MBEDTLS_ERR_SSL_INVALID_RECORD)
    return KAFKA_TLS_PLAINTEXT_PORT;
  return KAFKA_TLS_PROTOCOL;
}

static void append_disconnect(struct kafka_tls_text* text, const struct kafka_tls_failure* failure) {
  kafka_tls_text_append(text, "Disconnected: ");
  if (failure->socket_errno != 0) {
    kafka_tls_text_append(text, "connection reset by peer");
  } else if (failure->error == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    kafka_tls_text_append(text, "SSL connection closed by peer");
  } else {
    kafka_tls_text_append(text, "connection closed by peer");
  }
}

kafka_tls_cause_t kafka_tls_failure_describe(const struct kafka_tls_failure* failure, char* out,
                                             size_t size) {
  struct kafka_tls_text text;
  kafka_tls_text_init(&text, out, size);
  const kafka_tls_cause_t cause = classify(failure);
  if (cause == KAFKA_TLS_OK) {
    append_disconnect(&text, failure);
    return cause;
  }

  char code[160];
  const char* broker = failure->peer->nodename;
  kafka_tls_text_append(&text, "[tls:%s] ", kafka_tls_cause_name(cause));
  switch (cause) {
    case KAFKA_TLS_PEER_ALERT:
      kafka_tls_text_append(&text, "%s sent the TLS alert %s (%d): %s", broker,
                            kafka_tls_alert_name(failure->alert), failure->alert, alert_cure(failure->alert));
      break;
    case KAFKA_TLS_PLAINTEXT_PORT:
      kafka_tls_text_append(
          &text,
          "%s %s: connecting to a PLAINTEXT broker listener? Check the port in "
          "kafka.brokers (bootstrap.servers)",
          broker,
          failure->answered ? "gave an answer that is not TLS" : "closed the connection without an answer");
      break;
    case KAFKA_TLS_CLOSED:
      kafka_tls_text_append(&text, "%s closed the connection during the handshake%s: see the broker's log",
                            broker, failure->socket_errno != 0 ? " (reset)" : "");
      break;
    case KAFKA_TLS_IO:
      kafka_tls_text_append(&text, "the connection to %s failed: %s", broker,
                            strerror(failure->socket_errno));
      break;
    case KAFKA_TLS_PROTOCOL:
      kafka_tls_text_append(&text, "TLS with %s failed: mbedTLS %s", broker,
                            kafka_tls_error_text(failure->error, code, sizeof code));
      break;
    default:
      if (failure->verdict->cause == cause) {
        kafka_tls_text_append(&text, "%s", failure->verdict->reason);
      } else if (cause == KAFKA_TLS_WRONG_PURPOSE) {
        kafka_tls_text_append(&text,
                              "certificate of %s is not made for a TLS server: its (extended) key usage "
                              "forbids it",
                              broker);
      } else {
        kafka_tls_text_append(&text, "certificate of %s is missing, unreadable or not acceptable: mbedTLS %s",
                              broker, kafka_tls_error_text(failure->error, code, sizeof code));
      }
      break;
  }
  return cause;
}
