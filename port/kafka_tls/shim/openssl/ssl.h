// What librdkafka's own sources see of "OpenSSL": opaque types, and the few primitives that they call
// outside rdkafka_ssl.c and rdkafka_cert.c. Not OpenSSL, and of no use to anything but librdkafka.
//
// The primitives are renamed, so that no symbol of OpenSSL's exists in the archive: a program may link both.
#ifndef PICKET_PORT_KAFKA_TLS_SHIM_OPENSSL_SSL_H_
#define PICKET_PORT_KAFKA_TLS_SHIM_OPENSSL_SSL_H_

#include <stddef.h>

// From 1.1.1 on librdkafka draws seeds from RAND_priv_bytes and needs no per-thread clean-up; below 3.0.0 it
// leaves out providers, and says so when `ssl.providers` is set. The same holds for engines.
#define OPENSSL_VERSION_NUMBER 0x10101000L
#define OPENSSL_NO_ENGINE 1

typedef struct kafka_tls_context SSL_CTX;
typedef struct kafka_tls_session SSL;
typedef struct mbedtls_x509_crt X509;        // a certificate, and through its `next` the chain behind it
typedef struct mbedtls_x509_crt X509_STORE;  // trusted CAs: a list of them
typedef struct mbedtls_pk_context EVP_PKEY;
typedef struct mbedtls_md_info_t EVP_MD;

// Named in librdkafka's headers only, never made or looked into.
typedef struct kafka_tls_no_engine ENGINE;
typedef struct kafka_tls_no_bio BIO;
typedef int pem_password_cb(char* buffer, int size, int for_writing, void* opaque);
#define STACK_OF(type) struct kafka_tls_no_stack_of_##type

#define EVP_EncodeBlock kafka_tls_base64_encode
#define EVP_DecodeBlock kafka_tls_base64_decode
#define RAND_priv_bytes kafka_tls_random_bytes
#define EVP_sha1 kafka_tls_md_sha1
#define EVP_sha256 kafka_tls_md_sha256
#define EVP_sha512 kafka_tls_md_sha512
#define SHA1 kafka_tls_sha1
#define SHA256 kafka_tls_sha256
#define SHA512 kafka_tls_sha512
#define HMAC kafka_tls_hmac

#define EVP_MAX_MD_SIZE 64  // bytes: SHA-512
#define SHA_DIGEST_LENGTH 20
#define SHA256_DIGEST_LENGTH 32
#define SHA512_DIGEST_LENGTH 64

#ifdef __cplusplus
extern "C" {
#endif

// Base64 (RFC 4648 section 4, no line breaks) of `size` bytes. Writes 4 * ceil(size / 3) characters and a NUL
// to `out`; returns the count without the NUL, or 0 when `size` is negative or nothing was encoded.
int EVP_EncodeBlock(unsigned char* out, const unsigned char* in, int size);

// The reverse. `size` must be a multiple of 4; no white space is accepted. Writes 3 * size / 4 bytes to
// `out`, those that the padding stands for being 0, and returns that count; -1 when `in` is not Base64.
int EVP_DecodeBlock(unsigned char* out, const unsigned char* in, int size);

// Fills `out` with `size` bytes from the cryptographic generator, seeded by the operating system. Returns 1;
// 0 when the generator failed, and then `out` must not be used.
int RAND_priv_bytes(unsigned char* out, int size);

// The hash function, or NULL when mbedTLS was built without it.
const EVP_MD* EVP_sha1(void);
const EVP_MD* EVP_sha256(void);
const EVP_MD* EVP_sha512(void);

// Hash (FIPS 180-4) of `size` bytes into `digest`, which holds the hash function's *_DIGEST_LENGTH bytes.
// Returns `digest`; NULL on failure, `digest` being zeroed.
unsigned char* SHA1(const unsigned char* data, size_t size, unsigned char* digest);
unsigned char* SHA256(const unsigned char* data, size_t size, unsigned char* digest);
unsigned char* SHA512(const unsigned char* data, size_t size, unsigned char* digest);

// HMAC (RFC 2104) into `mac`, which holds at least EVP_MAX_MD_SIZE bytes. `*mac_size`, unless NULL, receives
// the count written. Returns `mac`; NULL on failure.
unsigned char* HMAC(const EVP_MD* md, const void* key, int key_size, const unsigned char* data, size_t size,
                    unsigned char* mac, unsigned int* mac_size);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_SHIM_OPENSSL_SSL_H_
