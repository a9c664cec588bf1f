#include "crypto.h"

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int kafka_tls_base64_encode(unsigned char* out, const unsigned char* in, int size) {
  if (size <= 0) {
    *out = '\0';
    return 0;
  }
  const size_t capacity = ((size_t)size + 2) / 3 * 4 + 1;
  size_t written = 0;
  if (mbedtls_base64_encode(out, capacity, &written, in, (size_t)size) != 0) {
    *out = '\0';
    return 0;
  }
  return (int)written;
}

int kafka_tls_base64_decode(unsigned char* out, const unsigned char* in, int size) {
  if (size < 0 || size % 4 != 0) return -1;
  if (size == 0) return 0;
  const size_t capacity = (size_t)size / 4 * 3;
  size_t padding = 0;
  if (in[size - 1] == '=') padding = in[size - 2] == '=' ? 2 : 1;
  size_t written = 0;
  // mbedTLS skips line breaks, so that fewer bytes than expected may come out: the caller, who derives the
  // size from the input's, would then read what was never written.
  if (mbedtls_base64_decode(out, capacity, &written, in, (size_t)size) != 0 ||
      written != capacity - padding) {
    return -1;
  }
  memset(out + written, 0, padding);
  return (int)capacity;
}

int kafka_tls_random_bytes(unsigned char* out, int size) {
  if (size < 0) return 0;
  psa_status_t status = psa_generate_random(out, (size_t)size);
  if (status == PSA_ERROR_BAD_STATE) {  // librdkafka may ask before it has initialised its TLS
    status = psa_crypto_init();
    if (status == PSA_SUCCESS) status = psa_generate_random(out, (size_t)size);
  }
  return status == PSA_SUCCESS;
}

int kafka_tls_random_in_range(int low, int high) {
  const uint32_t count = (uint32_t)high - (uint32_t)low + 1;
  const uint32_t limit =
      UINT32_MAX - UINT32_MAX % count;  // a multiple of count: above it the draw is repeated
  uint32_t draw = 0;
  do {
    if (!kafka_tls_random_bytes((unsigned char*)&draw, (int)sizeof draw)) {
      fputs("kafka_tls: the random number generator failed\n", stderr);
      abort();
    }
  } while (draw >= limit);
  return low + (int)(draw % count);
}

const EVP_MD* kafka_tls_md_sha1(void) {
  return mbedtls_md_info_from_type(MBEDTLS_MD_SHA1);
}
const EVP_MD* kafka_tls_md_sha256(void) {
  return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
}
const EVP_MD* kafka_tls_md_sha512(void) {
  return mbedtls_md_info_from_type(MBEDTLS_MD_SHA512);
}

static unsigned char* digest_of(const EVP_MD* md, size_t digest_size, const unsigned char* data, size_t size,
                                unsigned char* digest) {
  if (md != NULL && mbedtls_md(md, data, size, digest) == 0) return digest;
  memset(digest, 0, digest_size);  // librdkafka does not look at the result
  return NULL;
}

unsigned char* kafka_tls_sha1(const unsigned char* data, size_t size, unsigned char* digest) {
  return digest_of(kafka_tls_md_sha1(), SHA_DIGEST_LENGTH, data, size, digest);
}

unsigned char* kafka_tls_sha256(const unsigned char* data, size_t size, unsigned char* digest) {
  return digest_of(kafka_tls_md_sha256(), SHA256_DIGEST_LENGTH, data, size, digest);
}

unsigned char* kafka_tls_sha512(const unsigned char* data, size_t size, unsigned char* digest) {
  return digest_of(kafka_tls_md_sha512(), SHA512_DIGEST_LENGTH, data, size, digest);
}

unsigned char* kafka_tls_hmac(const EVP_MD* md, const void* key, int key_size, const unsigned char* data,
                              size_t size, unsigned char* mac, unsigned int* mac_size) {
  if (md == NULL || key_size < 0) return NULL;
  if (mbedtls_md_hmac(md, key, (size_t)key_size, data, size, mac) != 0) return NULL;
  if (mac_size != NULL) *mac_size = mbedtls_md_get_size(md);
  return mac;
}

size_t kafka_tls_scram_hi(const EVP_MD* md, const void* password, size_t password_size, const void* salt,
                          size_t salt_size, int iterations, unsigned char* out) {
  if (md == NULL) return 0;
  const size_t size = mbedtls_md_get_size(md);
  const unsigned int count = iterations < 1 ? 1 : (unsigned int)iterations;
  if (mbedtls_pkcs5_pbkdf2_hmac_ext(mbedtls_md_get_type(md), password, password_size, salt, salt_size, count,
                                    (uint32_t)size, out) != 0) {
    mbedtls_platform_zeroize(out, size);
    return 0;
  }
  return size;
}
