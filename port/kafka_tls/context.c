// rd_kafka_ssl_init(), _term(), _ctx_init(), _ctx_term(): once a process, once a handle; and what all
// connections of a handle share, read anew when its files change.
#include "internal.h"

#include <mbedtls/ssl_ciphersuites.h>
#include <psa/crypto.h>

#include "generation.h"
#include "stamp.h"

// Called under librdkafka's locks, before it starts a thread, and again for each first handle.
void rd_kafka_ssl_init(void) {
  // A failure shows again, and is reported, in rd_kafka_ssl_ctx_init().
  (void)psa_crypto_init();
  // Builds a static list on first use, without a lock.
  (void)mbedtls_ssl_list_ciphersuites();
}

// mbedTLS belongs to the whole process (others probe sites with it): nothing is taken down here.
void rd_kafka_ssl_term(void) {}

// Properties that OpenSSL's build of librdkafka honours and this one cannot: saying so beats ignoring them.
static int refuse_unsupported(const rd_kafka_conf_t* conf, char* errstr, size_t errstr_size) {
  const struct {
    const char* property;
    rd_bool_t is_set;
    const char* instead;
  } unsupported[] = {
      {"ssl.cipher.suites", conf->ssl.cipher_suites != NULL, "choose on the broker: its ssl.cipher.suites"},
      {"ssl.curves.list", conf->ssl.curves_list != NULL, "mbedTLS's default curves are offered"},
      {"ssl.sigalgs.list", conf->ssl.sigalgs_list != NULL, "mbedTLS's default algorithms are offered"},
      {"ssl.crl.location", conf->ssl.crl_location != NULL, "use short-lived certificates"},
      {"ssl.keystore.location", conf->ssl.keystore_location != NULL,
       "convert it to PEM for ssl.certificate.location and ssl.key.location"},
      {"ssl.certificate.verify_cb", conf->ssl.cert_verify_cb != NULL,
       "certificates are verified by mbedTLS alone"},
  };
  for (size_t i = 0; i < RD_ARRAYSIZE(unsupported); ++i) {
    if (!unsupported[i].is_set) continue;
    rd_snprintf(errstr, errstr_size, "%s is not supported by this build, whose TLS is mbedTLS: %s",
                unsupported[i].property, unsupported[i].instead);
    return -1;
  }
  return 0;
}

// Of the files that a generation was read from.
static uint64_t stamp_of_files(const rd_kafka_conf_t* conf, const char* system_cas) {
  const char* cas = conf->ssl.ca_location != NULL && strcmp(conf->ssl.ca_location, "probe") != 0
                        ? conf->ssl.ca_location
                        : system_cas;
  const char* const paths[] = {cas, conf->ssl.cert_location, conf->ssl.key_location};
  uint64_t stamp = 0;
  for (size_t i = 0; i < RD_ARRAYSIZE(paths); ++i) {
    if (paths[i] != NULL) stamp = stamp * 31 + kafka_tls_stamp(paths[i]);
  }
  return stamp;
}

// What came through memory cannot be read again; a key in memory is wiped once used.
static rd_bool_t is_from_files(const rd_kafka_conf_t* conf) {
  return conf->ssl.ca_pem == NULL && conf->ssl.cert_pem == NULL && conf->ssl.key_pem == NULL &&
         conf->ssl.ca == NULL && conf->ssl.cert == NULL && conf->ssl.key == NULL;
}

int rd_kafka_ssl_ctx_init(rd_kafka_t* rk, char* errstr, size_t errstr_size) {
  if (refuse_unsupported(&rk->rk_conf, errstr, errstr_size) != 0) return -1;

  const psa_status_t status = psa_crypto_init();
  if (status != PSA_SUCCESS) {
    rd_snprintf(errstr, errstr_size, "mbedTLS has no random numbers (PSA error %d)", (int)status);
    return -1;
  }

  struct kafka_tls_generation* first = kafka_tls_generation_new(rk, errstr, errstr_size);
  if (first == NULL) return -1;
  // After the reading, for only then it is known where the system's CAs are.
  struct kafka_tls_context* context = rd_calloc(1, sizeof *context);
  mtx_init(&context->lock, mtx_plain);
  context->current = first;
  context->stamp = stamp_of_files(&rk->rk_conf, first->system_cas);
  rk->rk_conf.ssl.ctx = context;
  return 0;
}

static void release_locked(struct kafka_tls_generation* generation) {
  if (--generation->references == 0) kafka_tls_generation_free(generation);
}

// The stamp is taken before the files are read: what changes meanwhile shows at the next connection. It is
// noted also when they cannot be used, so that the same fault is told once.
static void read_anew_locked(rd_kafka_t* rk, struct kafka_tls_context* context) {
  const uint64_t stamp = stamp_of_files(&rk->rk_conf, context->current->system_cas);
  if (stamp == context->stamp) return;
  context->stamp = stamp;
  char errstr[512];
  struct kafka_tls_generation* next = kafka_tls_generation_new(rk, errstr, sizeof errstr);
  if (next == NULL) {
    rd_kafka_log(rk, LOG_WARNING, "SSLFILES",
                 "a changed file cannot be used, what was read before stays in use: %s", errstr);
    return;
  }
  release_locked(context->current);
  context->current = next;
  rd_kafka_log(rk, LOG_NOTICE, "SSLFILES", "CA, certificate and key were read anew");
}

struct kafka_tls_generation* kafka_tls_context_take(rd_kafka_t* rk) {
  struct kafka_tls_context* context = rk->rk_conf.ssl.ctx;
  mtx_lock(&context->lock);
  if (is_from_files(&rk->rk_conf)) read_anew_locked(rk, context);
  struct kafka_tls_generation* generation = context->current;
  ++generation->references;
  mtx_unlock(&context->lock);
  return generation;
}

void kafka_tls_context_release(rd_kafka_t* rk, struct kafka_tls_generation* generation) {
  struct kafka_tls_context* context = rk->rk_conf.ssl.ctx;
  mtx_lock(&context->lock);
  release_locked(generation);
  mtx_unlock(&context->lock);
}

void rd_kafka_ssl_ctx_term(rd_kafka_t* rk) {
  struct kafka_tls_context* context = rk->rk_conf.ssl.ctx;
  release_locked(context->current);  // the last one: all connections are closed
  mtx_destroy(&context->lock);
  rd_free(context);
  rk->rk_conf.ssl.ctx = NULL;
}
