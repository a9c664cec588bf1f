#include "text.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { kMaxNameLength = 80, kMaxHostLength = 36, kMaxHosts = 3 };

void kafka_tls_text_init(struct kafka_tls_text* text, char* buffer, size_t size) {
  text->buffer = buffer;
  text->size = size;
  text->length = 0;
  buffer[0] = '\0';
}

void kafka_tls_text_append(struct kafka_tls_text* text, const char* format, ...) {
  const size_t room = text->size - text->length;
  va_list arguments;
  va_start(arguments, format);
  const int written = vsnprintf(text->buffer + text->length, room, format, arguments);
  va_end(arguments);
  if (written > 0) text->length += (size_t)written < room ? (size_t)written : room - 1;
}

static void append_stranger(struct kafka_tls_text* text, const unsigned char* bytes, size_t size,
                            size_t limit) {
  const bool cut = size > limit;
  for (size_t i = 0; i < (cut ? limit : size); ++i) {
    kafka_tls_text_append(text, "%c",
                          bytes[i] > 0x20 && bytes[i] < 0x7f ? bytes[i]
                          : bytes[i] == 0x20                 ? ' '
                                                             : '?');
  }
  if (cut) kafka_tls_text_append(text, "...");
}

void kafka_tls_text_append_dn(struct kafka_tls_text* text, const mbedtls_x509_name* name) {
  char rendered[512];
  const int size = mbedtls_x509_dn_gets(rendered, sizeof rendered, name);
  if (size <= 0) {
    kafka_tls_text_append(text, "unreadable name");
    return;
  }
  append_stranger(text, (const unsigned char*)rendered, (size_t)size, kMaxNameLength);
}

static void append_host(struct kafka_tls_text* text, const mbedtls_x509_buf* host, bool is_address) {
  char printed[INET6_ADDRSTRLEN];
  if (!is_address) {
    append_stranger(text, host->p, host->len, kMaxHostLength);
  } else if ((host->len == 4 && inet_ntop(AF_INET, host->p, printed, sizeof printed) != NULL) ||
             (host->len == 16 && inet_ntop(AF_INET6, host->p, printed, sizeof printed) != NULL)) {
    kafka_tls_text_append(text, "%s", printed);
  } else {
    kafka_tls_text_append(text, "unreadable address");
  }
}

void kafka_tls_text_append_hosts(struct kafka_tls_text* text, const mbedtls_x509_crt* certificate) {
  int found = 0;
  if (mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) {
    for (const mbedtls_x509_sequence* name = &certificate->subject_alt_names; name != NULL;
         name = name->next) {
      const int type = name->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
      if (type != MBEDTLS_X509_SAN_DNS_NAME && type != MBEDTLS_X509_SAN_IP_ADDRESS) continue;
      if (++found > kMaxHosts) continue;
      if (found > 1) kafka_tls_text_append(text, ", ");
      append_host(text, &name->buf, type == MBEDTLS_X509_SAN_IP_ADDRESS);
    }
  } else {
    for (const mbedtls_x509_name* name = &certificate->subject; name != NULL; name = name->next) {
      if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) != 0) continue;
      if (++found > kMaxHosts) continue;
      if (found > 1) kafka_tls_text_append(text, ", ");
      append_host(text, &name->val, false);
    }
  }
  if (found == 0) kafka_tls_text_append(text, "no host");
  if (found > kMaxHosts) kafka_tls_text_append(text, " and %d more", found - kMaxHosts);
}
