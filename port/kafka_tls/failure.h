// From what mbedTLS and the socket report to a cause and a line for the operator. Free of librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_FAILURE_H_
#define PICKET_PORT_KAFKA_TLS_FAILURE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kafka_tls_failure {
  int error;         // mbedTLS's code, negative; 0: the peer closed the connection without saying so in TLS
  int socket_errno;  // errno of the last failed call on the socket, 0 if none failed
  int alert;         // the number of the fatal alert received, -1 if none was
  uint32_t verify_flags;  // MBEDTLS_X509_BADCERT_*, as mbedtls_ssl_get_verify_result() has them
  bool established;       // the handshake was over
  bool answered;          // at least one byte came from the peer
  const struct kafka_tls_peer* peer;
  const struct kafka_tls_verdict* verdict;
};

// Writes one line to `out`: "[tls:cause] what happened: what to change". A connection that ends after its
// handshake is no failure of TLS: the line is then "Disconnected: ...", which librdkafka looks for, without a
// token, and KAFKA_TLS_OK is returned. `size` is at least 1.
kafka_tls_cause_t kafka_tls_failure_describe(const struct kafka_tls_failure* failure, char* out, size_t size);

// The name of a TLS alert as in RFC 8446 section 6 and IANA's registry, "unknown" if there is none.
const char* kafka_tls_alert_name(int alert);

// mbedTLS's text for one of its codes, "-0x7780 SSL - ...", into `out`; returns `out`.
const char* kafka_tls_error_text(int error, char* out, size_t size);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_FAILURE_H_
