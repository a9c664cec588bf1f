// One reading of the CAs, our own certificate and its key, and the TLS configuration made of them.
#include "generation.h"

#include <mbedtls/psa_util.h>

#include "credentials.h"
#include "failure.h"

// Forward secrecy and authenticated encryption only (RFC 9325 section 4.2); ChaCha20 first, since most
// gateways have no AES instructions. The broker makes the choice.
static const int kCipherSuites[] = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    0,
};

static void log_cas(rd_kafka_t* rk, const char* source, int skipped) {
  rd_kafka_dbg(rk, SECURITY, "SSL", "Trusting the CA certificates of %s", source);
  if (skipped > 0) {
    rd_kafka_log(rk, LOG_WARNING, "SSL", "%d certificates of %s cannot be read and are not trusted", skipped,
                 source);
  }
}

// From ssl.ca.location and ssl.ca.pem, together where both are set; else from the system.
static int load_trusted(rd_kafka_t* rk, struct kafka_tls_generation* generation, char* errstr,
                        size_t errstr_size) {
  mbedtls_x509_crt* trusted = &generation->trusted;
  const rd_kafka_conf_t* conf = &rk->rk_conf;
  char error[256];
  const rd_bool_t has_location = conf->ssl.ca_location != NULL && strcmp(conf->ssl.ca_location, "probe") != 0;

  if (has_location) {
    const int skipped = kafka_tls_read_cas(trusted, conf->ssl.ca_location, error, sizeof error);
    if (skipped < 0) {
      rd_snprintf(errstr, errstr_size, "kafka.ca_file (ssl.ca.location) failed: %s", error);
      return -1;
    }
    log_cas(rk, conf->ssl.ca_location, skipped);
  }
  if (conf->ssl.ca_pem != NULL) {
    if (kafka_tls_parse_certificates(trusted, conf->ssl.ca_pem, strlen(conf->ssl.ca_pem), error,
                                     sizeof error) != 0) {
      rd_snprintf(errstr, errstr_size, "ssl.ca.pem failed: %s", error);
      return -1;
    }
    log_cas(rk, "ssl.ca.pem", 0);
  }
  if (has_location || conf->ssl.ca_pem != NULL) return 0;

  const int skipped = kafka_tls_read_system_cas(trusted, &generation->system_cas, error, sizeof error);
  if (skipped < 0) {
    if (!conf->ssl.enable_verify) return 0;
    rd_snprintf(errstr, errstr_size,
                "no CA to verify brokers with: %s: install the package ca-certificates, or set "
                "kafka.ca_file (ssl.ca.location)",
                error);
    return -1;
  }
  log_cas(rk, generation->system_cas, skipped);
  return 0;
}

// Our own certificate: the last of the sources that is set wins, as with OpenSSL. `*chain` is left NULL
// without one.
static int load_chain(const rd_kafka_conf_t* conf, mbedtls_x509_crt* own, mbedtls_x509_crt** chain,
                      char* errstr, size_t errstr_size) {
  char error[256];
  if (conf->ssl.cert_pem != NULL) {
    if (kafka_tls_parse_certificates(own, conf->ssl.cert_pem, strlen(conf->ssl.cert_pem), error,
                                     sizeof error) != 0) {
      rd_snprintf(errstr, errstr_size, "ssl.certificate.pem failed: %s", error);
      return -1;
    }
    *chain = own;
  } else if (conf->ssl.cert_location != NULL) {
    if (kafka_tls_read_certificates(own, conf->ssl.cert_location, error, sizeof error) != 0) {
      rd_snprintf(errstr, errstr_size, "kafka.cert_file (ssl.certificate.location) failed: %s", error);
      return -1;
    }
    *chain = own;
  } else if (conf->ssl.cert != NULL) {
    *chain = conf->ssl.cert->x509;
  }
  return 0;
}

static int load_key(rd_kafka_conf_t* conf, mbedtls_pk_context* own, mbedtls_pk_context** key, char* errstr,
                    size_t errstr_size) {
  char error[256];
  if (conf->ssl.key_pem != NULL) {
    if (kafka_tls_parse_key(own, conf->ssl.key_pem, strlen(conf->ssl.key_pem), conf->ssl.key_password, error,
                            sizeof error) != 0) {
      rd_snprintf(errstr, errstr_size, "ssl.key.pem failed: %s", error);
      return -1;
    }
    rd_kafka_desensitize_str(conf->ssl.key_pem);  // it is in the context now
    *key = own;
  } else if (conf->ssl.key_location != NULL) {
    if (kafka_tls_read_key(own, conf->ssl.key_location, conf->ssl.key_password, error, sizeof error) != 0) {
      rd_snprintf(errstr, errstr_size, "kafka.key_file (ssl.key.location) failed: %s", error);
      return -1;
    }
    *key = own;
  } else if (conf->ssl.key != NULL) {
    *key = conf->ssl.key->pkey;
  }
  return 0;
}

// For brokers that ask for a client certificate (mutual TLS).
static int load_own_certificate(rd_kafka_t* rk, struct kafka_tls_generation* generation, char* errstr,
                                size_t errstr_size) {
  mbedtls_x509_crt* chain = NULL;
  mbedtls_pk_context* key = NULL;
  if (load_chain(&rk->rk_conf, &generation->chain, &chain, errstr, errstr_size) != 0 ||
      load_key(&rk->rk_conf, &generation->key, &key, errstr, errstr_size) != 0) {
    return -1;
  }
  if (chain == NULL && key == NULL) return 0;
  if (chain == NULL || key == NULL) {
    rd_snprintf(errstr, errstr_size,
                "a client certificate needs its private key and the key its certificate: set "
                "both ssl.certificate.location and ssl.key.location");
    return -1;
  }
  if (mbedtls_pk_check_pair(&chain->pk, key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) != 0) {
    rd_snprintf(errstr, errstr_size,
                "the private key (kafka.key_file, ssl.key.*) does not belong to the client certificate "
                "(kafka.cert_file, ssl.certificate.*)");
    return -1;
  }
  if (mbedtls_ssl_conf_own_cert(&generation->config, chain, key) != 0) {
    rd_snprintf(errstr, errstr_size, "the client certificate cannot be used: out of memory");
    return -1;
  }
  return 0;
}

static int configure(rd_kafka_t* rk, struct kafka_tls_generation* generation, char* errstr, size_t errstr_size) {
  mbedtls_ssl_config* config = &generation->config;
  char error[160];
  int result = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
  if (result != 0) {
    rd_snprintf(errstr, errstr_size, "TLS cannot be set up: mbedTLS %s",
                kafka_tls_error_text(result, error, sizeof error));
    return -1;
  }
  mbedtls_ssl_conf_rng(config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_ciphersuites(config, kCipherSuites);
  mbedtls_ssl_conf_authmode(
      config, rk->rk_conf.ssl.enable_verify ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  mbedtls_ssl_conf_session_tickets(config,
                                   MBEDTLS_SSL_SESSION_TICKETS_DISABLED);  // connections live for hours
#endif

  if (rk->rk_conf.ssl.ca != NULL) {
    mbedtls_ssl_conf_ca_chain(config, rk->rk_conf.ssl.ca->store, NULL);
  } else {
    if (load_trusted(rk, generation, errstr, errstr_size) != 0) return -1;
    mbedtls_ssl_conf_ca_chain(config, &generation->trusted, NULL);
  }
  return load_own_certificate(rk, generation, errstr, errstr_size);
}

struct kafka_tls_generation* kafka_tls_generation_new(rd_kafka_t* rk, char* errstr, size_t errstr_size) {
  struct kafka_tls_generation* generation = rd_calloc(1, sizeof *generation);
  generation->references = 1;
  mbedtls_ssl_config_init(&generation->config);
  mbedtls_x509_crt_init(&generation->trusted);
  mbedtls_x509_crt_init(&generation->chain);
  mbedtls_pk_init(&generation->key);
  if (configure(rk, generation, errstr, errstr_size) == 0) return generation;
  kafka_tls_generation_free(generation);
  return NULL;
}

void kafka_tls_generation_free(struct kafka_tls_generation* generation) {
  mbedtls_ssl_config_free(&generation->config);
  mbedtls_x509_crt_free(&generation->trusted);
  mbedtls_x509_crt_free(&generation->chain);
  mbedtls_pk_free(&generation->key);  // zeroises
  rd_free(generation);
}
