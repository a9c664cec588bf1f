// Error texts in a buffer of fixed size. What comes from a certificate was written by a stranger: it is
// printed in visible ASCII only, and at bounded length. Free of librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_TEXT_H_
#define PICKET_PORT_KAFKA_TLS_TEXT_H_

#include <mbedtls/x509_crt.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kafka_tls_text {
  char* buffer;
  size_t size;    // of the buffer, at least 1
  size_t length;  // without the NUL, which is always there
};

void kafka_tls_text_init(struct kafka_tls_text* text, char* buffer, size_t size);

// printf. What does not fit is dropped.
__attribute__((format(printf, 2, 3))) void kafka_tls_text_append(struct kafka_tls_text* text,
                                                                 const char* format, ...);

// A distinguished name, "CN=broker, O=Example", at most 80 characters.
void kafka_tls_text_append_dn(struct kafka_tls_text* text, const mbedtls_x509_name* name);

// The hosts that a certificate is for: its dNSName and iPAddress names, or its common name when it has no
// such extension, comma separated; at most 3, then "and N more"; "no host" when there is none.
void kafka_tls_text_append_hosts(struct kafka_tls_text* text, const mbedtls_x509_crt* certificate);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_TEXT_H_
