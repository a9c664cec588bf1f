// What picket's build of librdkafka adds to librdkafka's interface: the causes of TLS failures by name, and
// the clock that certificates are judged by. Everything else is <librdkafka/rdkafka.h>, unchanged.
//
// C, not C++: it is compiled into librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_KAFKA_TLS_H_
#define PICKET_PORT_KAFKA_TLS_KAFKA_TLS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Why a TLS connection failed. The text that librdkafka hands to its error and log callbacks (codes
// RD_KAFKA_RESP_ERR__SSL, and __TRANSPORT where the connection was lost) holds "[tls:NAME]" once, NAME being
// kafka_tls_cause_name() of the cause. Names and numbers are stable; new ones may follow.
//
// librdkafka gives identical texts of one broker to the callbacks once in 30 s only.
typedef enum {
  KAFKA_TLS_OK = 0,                // not a TLS failure: no token in the text
  KAFKA_TLS_UNKNOWN_CA = 1,        // "unknown_ca": no trusted CA signed the chain, or it is self-signed
  KAFKA_TLS_NOT_YET_VALID = 2,     // "not_yet_valid": a date lies ahead, or this host's clock is behind
  KAFKA_TLS_EXPIRED = 3,           // "expired"
  KAFKA_TLS_WRONG_HOST = 4,        // "wrong_host": the certificate names other hosts
  KAFKA_TLS_WEAK_CERTIFICATE = 5,  // "weak_certificate": SHA-1, RSA below 2048 bits, small or odd curves
  KAFKA_TLS_WRONG_PURPOSE = 6,     // "wrong_purpose": key usage does not allow a TLS server
  KAFKA_TLS_BAD_CERTIFICATE = 7,   // "bad_certificate": missing, unreadable, revoked, or a chain too long
  KAFKA_TLS_PEER_ALERT = 8,        // "peer_alert": the broker refused us; the text names its alert
  KAFKA_TLS_PLAINTEXT_PORT = 9,    // "plaintext_port": the answer, if any came, was not TLS
  KAFKA_TLS_CLOSED = 10,           // "closed": the broker closed or reset the connection while shaking hands
  KAFKA_TLS_PROTOCOL = 11,         // "protocol": anything else that TLS forbids or mbedTLS could not do
  KAFKA_TLS_IO = 12,               // "io": the socket failed; the text has the system's reason
} kafka_tls_cause_t;

// The cause's name as above, "" for KAFKA_TLS_OK and unknown numbers. Never NULL.
const char* kafka_tls_cause_name(kafka_tls_cause_t cause);

// The cause named in an error text, KAFKA_TLS_OK when it names none. `text` may be NULL.
kafka_tls_cause_t kafka_tls_cause_of(const char* text);

// The time by which the dates of brokers' certificates are judged, in seconds since 1970-01-01 UTC. Called
// during handshakes, from librdkafka's broker threads, several at a time; must not block.
typedef int64_t (*kafka_tls_clock_fn)(void* opaque);

// Replaces the system's clock in those judgements, for hosts that start without the right time. For the whole
// process: call it before the first rd_kafka_new() and never while a handle lives. NULL restores the system's
// clock. `opaque` is handed to `clock` and must outlive every handle.
void kafka_tls_set_clock(kafka_tls_clock_fn clock, void* opaque);

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_KAFKA_TLS_H_
