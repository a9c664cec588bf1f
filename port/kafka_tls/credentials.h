// Reading CAs, certificates and private keys. Free of librdkafka.
//
// Every function adds to, or fills, a list or key that the caller has initialised and frees, also after a
// failure. On failure it returns -1 and writes one line to `error` (`error_size` at least 1) that names file
// and reason.
#ifndef PICKET_PORT_KAFKA_TLS_CREDENTIALS_H_
#define PICKET_PORT_KAFKA_TLS_CREDENTIALS_H_

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// CAs from a file (PEM, any number; or one in DER) or from all files of a directory (hashed or not; at most
// KAFKA_TLS_MAX_FILES of stamp.h), without its subdirectories. Returns how many certificates could not be read and were left out; at least one was read.
int kafka_tls_read_cas(mbedtls_x509_crt* list, const char* path, char* error, size_t error_size);

// The system's CAs from the first of the usual bundles that holds any. Returns as kafka_tls_read_cas() and
// sets
// `*path` to it (a string that lives for ever).
int kafka_tls_read_system_cas(mbedtls_x509_crt* list, const char** path, char* error, size_t error_size);

// Certificates from memory: PEM, any number, with or without a final NUL; or one in DER. All must be
// readable. Returns 0.
int kafka_tls_parse_certificates(mbedtls_x509_crt* list, const void* data, size_t size, char* error,
                                 size_t error_size);

// A certificate followed by the CAs between it and the root, from a PEM file. All must be readable. Returns
// 0.
int kafka_tls_read_certificates(mbedtls_x509_crt* list, const char* path, char* error, size_t error_size);

// A private key from memory or a file: PEM or DER, PKCS#8, SEC1 or PKCS#1. `password` may be NULL. Needs
// psa_crypto_init(). Returns 0.
int kafka_tls_parse_key(mbedtls_pk_context* key, const void* data, size_t size, const char* password,
                        char* error, size_t error_size);
int kafka_tls_read_key(mbedtls_pk_context* key, const char* path, const char* password, char* error,
                       size_t error_size);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_CREDENTIALS_H_
