// Whom a connection must reach, and the verdict on the certificate that it shows. Free of librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_VERIFY_H_
#define PICKET_PORT_KAFKA_TLS_VERIFY_H_

#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kafka_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KAFKA_TLS_NODENAME_SIZE 256  // librdkafka's RD_KAFKA_NODENAME_SIZE
#define KAFKA_TLS_REASON_SIZE 360    // librdkafka's buffer has 512, and adds broker, state and duration

struct kafka_tls_peer {
  char nodename[KAFKA_TLS_NODENAME_SIZE];  // "host:port" as configured or told by a broker; for texts
  char host[KAFKA_TLS_NODENAME_SIZE];      // the host alone: no port, brackets, zone or final dot
  unsigned char address[16];               // network order
  size_t address_size;                     // 4, 16, or 0 when `host` is a name
};

// Splits librdkafka's node name. A name without a port, and an IPv6 address with or without brackets, are
// understood. Longer names are cut to the buffers' sizes, which can only make them match nothing.
void kafka_tls_peer_init(struct kafka_tls_peer* peer, const char* nodename);

struct kafka_tls_verdict {
  const struct kafka_tls_peer* peer;
  bool check_host;  // ssl.endpoint.identification.algorithm=https
  bool has_now;     // dates are judged by `now`; else mbedTLS has judged them by the system's clock
  int64_t now;      // seconds since 1970-01-01 UTC

  // Filled in by kafka_tls_verify().
  kafka_tls_cause_t cause;             // the gravest found: lowest number first
  char reason[KAFKA_TLS_REASON_SIZE];  // one line on it, "" while all is well
};

// The callback for mbedtls_ssl_set_verify(), `verdict` being its opaque pointer: called for each certificate
// of the chain from the top down to the broker's own (depth 0), and leaves in `*flags` the reasons to refuse
// it. mbedTLS has judged chain, signatures, key sizes and a host *name*; this adds
//  - host addresses: matched with the certificate's iPAddress names alone (RFC 6125 section 1.7.2, RFC 2818
//    section 3.1), since mbedtls_ssl_set_hostname() would also send them as SNI, which RFC 6066 forbids;
//  - the clock of kafka_tls_set_clock();
//  - leave to ignore the host where the configuration says so.
// Returns 0.
int kafka_tls_verify(void* verdict, mbedtls_x509_crt* certificate, int depth, uint32_t* flags);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_VERIFY_H_
