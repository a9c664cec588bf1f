// rd_kafka_ssl_hmac(): in spite of its name, SCRAM's Hi().
#include "internal.h"

#include "crypto.h"

int rd_kafka_ssl_hmac(rd_kafka_broker_t* rkb, const EVP_MD* evp, const rd_chariov_t* in,
                      const rd_chariov_t* salt, int itcnt, rd_chariov_t* out) {
  out->size =
      kafka_tls_scram_hi(evp, in->ptr, in->size, salt->ptr, salt->size, itcnt, (unsigned char*)out->ptr);
  if (out->size > 0) return 0;
  rd_rkb_dbg(rkb, SECURITY, "SSLHMAC", "Hi() failed");
  return -1;
}

// librdkafka's own self-test has a slot for the TLS part; ours has unit tests (tests/unit/kafka_tls).
int unittest_ssl(void) {
  return 0;
}
