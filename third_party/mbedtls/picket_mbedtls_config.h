// Differences of picket's mbedTLS from the release's default configuration.
//
// Read after mbedtls_config.h when the library is built, and appended to the
// installed copy of it, so that every user sees the same structures.

// The loop, the keeper and librdkafka's broker threads share one PSA keystore.
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD

// Curve25519 from Project Everest: TLS 1.2 key exchange in less CPU time.
#define MBEDTLS_ECDH_VARIANT_EVEREST_ENABLED

// No keys are kept on disk by the library.
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_ITS_FILE_C

// Pre-shared keys without certificates, and ciphers no public server asks for.
#undef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_PSK_ENABLED
#undef MBEDTLS_ARIA_C
#undef MBEDTLS_CAMELLIA_C

// Renegotiation is an attack surface and TLS 1.3 has none.
#undef MBEDTLS_SSL_RENEGOTIATION

// Size: not called in production.
#undef MBEDTLS_DEBUG_C
#undef MBEDTLS_SELF_TEST
#undef MBEDTLS_VERSION_FEATURES
