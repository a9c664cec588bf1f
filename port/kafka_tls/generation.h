// What the connections of one handle share, in one reading. Read-only once made: broker threads use it without
// a lock; the private key's blinding has mbedTLS's own.
#ifndef PICKET_PORT_KAFKA_TLS_GENERATION_H_
#define PICKET_PORT_KAFKA_TLS_GENERATION_H_

#include "internal.h"

struct kafka_tls_generation {
  int references;  // the context's, and one a connection; guarded by the context's lock
  mbedtls_ssl_config config;
  mbedtls_x509_crt trusted;  // the CAs, unless they came through rd_kafka_conf_set_ssl_cert()
  mbedtls_x509_crt chain;    // our own certificate and what stands between it and its CA
  mbedtls_pk_context key;
  const char* system_cas;  // where the CAs are from when nothing names them; lives for ever
};

// Reads what the handle's properties name. NULL with the reason in `errstr`, naming the setting.
struct kafka_tls_generation* kafka_tls_generation_new(rd_kafka_t* rk, char* errstr, size_t errstr_size);
void kafka_tls_generation_free(struct kafka_tls_generation* generation);

#endif  // PICKET_PORT_KAFKA_TLS_GENERATION_H_
