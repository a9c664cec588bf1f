// Primitives beside those in shim/openssl/ssl.h, on mbedTLS, free of librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_CRYPTO_H_
#define PICKET_PORT_KAFKA_TLS_CRYPTO_H_

#include <openssl/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

// A number in [low, high], each equally likely, from the cryptographic generator. Needs low <= high and at
// most 2^31 numbers. Aborts when the generator fails: the caller, librdkafka's SCRAM nonce, knows no error,
// and a predictable nonce must not leave the process.
//
// librdkafka draws each character of that nonce with rd_jitter(), which is rand_r() on a 32-bit seed: at most
// 32 bits of chance in 32 characters. The build renames rd_jitter to this function in rdkafka_sasl_scram.c
// alone.
int kafka_tls_random_in_range(int low, int high);

// SCRAM's Hi() (RFC 5802 section 2.2): PBKDF2-HMAC with one block of output. `md` is EVP_sha*(); `out` holds
// its digest size, at most EVP_MAX_MD_SIZE. Fewer than 1 iteration counts as 1. Returns the bytes written; 0
// on failure.
size_t kafka_tls_scram_hi(const EVP_MD* md, const void* password, size_t password_size, const void* salt,
                          size_t salt_size, int iterations, unsigned char* out);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_CRYPTO_H_
