// The parts that know librdkafka: its internals, our handle behind SSL_CTX, and the guard against versions
// that nobody has compared these parts with. To be included first: rd.h chooses the C library's features.
#ifndef PICKET_PORT_KAFKA_TLS_INTERNAL_H_
#define PICKET_PORT_KAFKA_TLS_INTERNAL_H_

#include "rdkafka_int.h"
// After it, since librdkafka's headers do not stand alone.
#include <mbedtls/build_info.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "kafka_tls.h"
#include "rdkafka_cert.h"
#include "rdkafka_ssl.h"
#include "rdkafka_transport.h"
#include "rdkafka_transport_int.h"
#include "verify.h"

#if RD_KAFKA_VERSION != 0x020e02ff
#error "written for librdkafka 2.14.2: compare its rdkafka_ssl.c and rdkafka_cert.c first (docs/kafka_tls.md)"
#endif
// 3.6.4 made the host name mandatory (mbedtls_ssl_set_hostname); 4.0 moved half of the interface.
#if MBEDTLS_VERSION_NUMBER < 0x03060400 || MBEDTLS_VERSION_NUMBER >= 0x03070000
#error "written for mbedTLS 3.6, from 3.6.4 on"
#endif
#if !defined(MBEDTLS_THREADING_C) || !defined(MBEDTLS_SSL_PROTO_TLS1_2) ||                         \
    !defined(MBEDTLS_SSL_PROTO_TLS1_3) || !defined(MBEDTLS_HAVE_TIME_DATE) ||                      \
    !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION) || !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) || \
    !defined(MBEDTLS_PKCS5_C) || !defined(MBEDTLS_PEM_PARSE_C) || !defined(MBEDTLS_FS_IO) ||       \
    !defined(MBEDTLS_PSA_CRYPTO_C)
#error "mbedTLS lacks an option that the Kafka connection needs (docs/kafka_tls.md)"
#endif
_Static_assert(KAFKA_TLS_NODENAME_SIZE == RD_KAFKA_NODENAME_SIZE, "node names are copied whole");

struct kafka_tls_generation;

// What librdkafka knows as SSL_CTX, one a handle.
struct kafka_tls_context {
  mtx_t lock;  // of everything here
  struct kafka_tls_generation* current;
  uint64_t stamp;  // of the files when they were last looked at: see stamp.h
};

// For a new connection: the CAs, certificate and key as the files have them now. When a file has changed and
// cannot be used, those of before, with one warning in the log. To be released when the connection ends.
struct kafka_tls_generation* kafka_tls_context_take(rd_kafka_t* rk);
void kafka_tls_context_release(rd_kafka_t* rk, struct kafka_tls_generation* generation);

#endif  // PICKET_PORT_KAFKA_TLS_INTERNAL_H_
