// Replaces rdkafka_cert.c: certificates and keys handed over in memory, rd_kafka_conf_set_ssl_cert(). They
// are read-only once made, and shared by copies of a configuration through their count of references.
#include "internal.h"

#include "credentials.h"

static void cert_release(rd_kafka_cert_t* cert) {
  if (rd_refcnt_sub(&cert->refcnt) > 0) return;
  if (cert->x509 != NULL) {
    mbedtls_x509_crt_free(cert->x509);
    rd_free(cert->x509);
  }
  if (cert->store != NULL) {
    mbedtls_x509_crt_free(cert->store);
    rd_free(cert->store);
  }
  if (cert->pkey != NULL) {
    mbedtls_pk_free(cert->pkey);  // zeroises
    rd_free(cert->pkey);
  }
  rd_refcnt_destroy(&cert->refcnt);
  rd_free(cert);
}

static mbedtls_x509_crt* new_certificate_list(void) {
  mbedtls_x509_crt* list = rd_malloc(sizeof *list);
  mbedtls_x509_crt_init(list);
  return list;
}

static int cert_parse(const rd_kafka_conf_t* conf, rd_kafka_cert_t* cert, const void* data, size_t size,
                      char* errstr, size_t errstr_size) {
  switch (cert->type) {
    case RD_KAFKA_CERT_CA:
      cert->store = new_certificate_list();
      return kafka_tls_parse_certificates(cert->store, data, size, errstr, errstr_size);
    case RD_KAFKA_CERT_PUBLIC_KEY:
      cert->x509 = new_certificate_list();
      return kafka_tls_parse_certificates(cert->x509, data, size, errstr, errstr_size);
    case RD_KAFKA_CERT_PRIVATE_KEY:
      cert->pkey = rd_malloc(sizeof *cert->pkey);
      mbedtls_pk_init(cert->pkey);
      return kafka_tls_parse_key(cert->pkey, data, size, conf->ssl.key_password, errstr, errstr_size);
    default:
      rd_snprintf(errstr, errstr_size, "Invalid certificate type %d", (int)cert->type);
      return -1;
  }
}

rd_kafka_conf_res_t rd_kafka_conf_set_ssl_cert(rd_kafka_conf_t* conf, rd_kafka_cert_type_t cert_type,
                                               rd_kafka_cert_enc_t cert_enc, const void* buffer, size_t size,
                                               char* errstr, size_t errstr_size) {
  rd_kafka_cert_t** const places[RD_KAFKA_CERT__CNT] = {
      [RD_KAFKA_CERT_PUBLIC_KEY] = &conf->ssl.cert,
      [RD_KAFKA_CERT_PRIVATE_KEY] = &conf->ssl.key,
      [RD_KAFKA_CERT_CA] = &conf->ssl.ca,
  };
  if ((int)cert_type < 0 || cert_type >= RD_KAFKA_CERT__CNT) {
    rd_snprintf(errstr, errstr_size, "Invalid certificate type %d", (int)cert_type);
    return RD_KAFKA_CONF_INVALID;
  }
  if (cert_enc != RD_KAFKA_CERT_ENC_PEM && cert_enc != RD_KAFKA_CERT_ENC_DER) {
    rd_snprintf(
        errstr, errstr_size,
        cert_enc == RD_KAFKA_CERT_ENC_PKCS12
            ? "PKCS#12 is not supported by this build, whose TLS is mbedTLS: convert it to PEM (encoding %d)"
            : "Invalid certificate encoding %d",
        (int)cert_enc);
    return RD_KAFKA_CONF_INVALID;
  }
  rd_kafka_global_init();  // keys are parsed with the generator at hand

  rd_kafka_cert_t** place = places[cert_type];
  rd_kafka_cert_t* cert = NULL;
  if (buffer != NULL) {
    cert = rd_calloc(1, sizeof *cert);
    cert->type = cert_type;
    cert->encoding = cert_enc;
    rd_refcnt_init(&cert->refcnt, 1);
    if (cert_parse(conf, cert, buffer, size, errstr, errstr_size) != 0) {
      cert_release(cert);
      return RD_KAFKA_CONF_INVALID;
    }
  }
  if (*place != NULL) cert_release(*place);
  *place = cert;
  return RD_KAFKA_CONF_OK;
}

static void drop(rd_kafka_cert_t** place) {
  if (*place != NULL) cert_release(*place);
  *place = NULL;
}

void rd_kafka_conf_cert_dtor(int scope, void* pconf) {
  rd_kafka_conf_t* conf = pconf;
  (void)scope;  // certificates are a matter of handles, not topics
  drop(&conf->ssl.key);
  drop(&conf->ssl.cert);
  drop(&conf->ssl.ca);
}

static rd_kafka_cert_t* share(rd_kafka_cert_t* cert) {
  if (cert != NULL) rd_refcnt_add(&cert->refcnt);
  return cert;
}

void rd_kafka_conf_cert_copy(int scope, void* pdst, const void* psrc, void* dstptr, const void* srcptr,
                             size_t filter_cnt, const char** filter) {
  rd_kafka_conf_t* destination = pdst;
  const rd_kafka_conf_t* source = psrc;
  (void)dstptr;
  (void)srcptr;
  (void)filter_cnt;
  (void)filter;
  rd_kafka_conf_cert_dtor(scope, pdst);
  destination->ssl.key = share(source->ssl.key);
  destination->ssl.cert = share(source->ssl.cert);
  destination->ssl.ca = share(source->ssl.ca);
}
