// One connection: rd_kafka_transport_ssl_connect(), _handshake(), _send(), _recv(), _close(). All run in the
// broker's thread, on a non-blocking socket, and none waits: they say through rd_kafka_transport_poll_set()
// which event they want to be called again for.
#include "internal.h"

#include <errno.h>
#include <mbedtls/error.h>
#include <sys/socket.h>

#include "clock.h"
#include "crc32c.h"
#include "failure.h"
#include "generation.h"
#include "text.h"

// What librdkafka knows as SSL.
struct kafka_tls_session {
  mbedtls_ssl_context ssl;
  struct kafka_tls_generation* generation;  // its configuration
  struct kafka_tls_peer peer;
  struct kafka_tls_verdict verdict;
  int socket;
  int socket_errno;     // of the last call that failed for good, 0 before
  bool answered;        // a byte came from the peer
  bool established;     // the handshake is over, the certificate accepted
  bool broken;          // after a fatal error mbedTLS's context must not be used any more
  const void* pending;  // what a write that would have blocked was given: see send_record()
  size_t pending_size;
  uint32_t pending_crc;
};

// What the two functions below return when the socket fails for good; mbedTLS passes it on.
enum { kSocketError = MBEDTLS_ERR_ERROR_GENERIC_ERROR };

static int socket_send(void* opaque, const unsigned char* data, size_t size) {
  struct kafka_tls_session* session = opaque;
  ssize_t sent;
  do {
    sent = send(session->socket, data, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return (int)sent;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return MBEDTLS_ERR_SSL_WANT_WRITE;
  session->socket_errno = errno;
  return kSocketError;
}

static int socket_receive(void* opaque, unsigned char* data, size_t size) {
  struct kafka_tls_session* session = opaque;
  ssize_t received;
  do {
    received = recv(session->socket, data, size, 0);
  } while (received < 0 && errno == EINTR);
  if (received > 0) session->answered = true;
  if (received >= 0) return (int)received;  // 0: mbedTLS makes MBEDTLS_ERR_SSL_CONN_EOF of it
  if (errno == EAGAIN || errno == EWOULDBLOCK) return MBEDTLS_ERR_SSL_WANT_READ;
  session->socket_errno = errno;
  return kSocketError;
}

// The number of the fatal alert just received, else -1. mbedTLS has no accessor: it returns the bare fact and
// leaves the two bytes of the alert, decrypted, where it read them.
static int received_alert(const mbedtls_ssl_context* ssl, int error) {
  if (error != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE || ssl->MBEDTLS_PRIVATE(in_msg) == NULL) return -1;
  return ssl->MBEDTLS_PRIVATE(in_msg)[1];
}

// A broker that refuses us says why and closes, with what we are still sending unread; the kernel then resets
// the connection. Our next write fails, while the reason waits to be read.
static int unread_alert(struct kafka_tls_session* session) {
  unsigned char bytes[64];
  if (session->established) {
    return received_alert(&session->ssl, mbedtls_ssl_read(&session->ssl, bytes, sizeof bytes));
  }
  // Before the end of a handshake mbedTLS would go on writing. What TLS 1.2 says until then is not encrypted:
  // a record (RFC 5246 section 6.2.1) of type 21 with 2 bytes, level (2: fatal) and number.
  const ssize_t size = recv(session->socket, bytes, sizeof bytes, MSG_DONTWAIT);
  if (size >= 7 && bytes[0] == MBEDTLS_SSL_MSG_ALERT && bytes[1] == 3 && bytes[3] == 0 && bytes[4] == 2 &&
      bytes[5] == MBEDTLS_SSL_ALERT_LEVEL_FATAL) {
    return bytes[6];
  }
  return -1;
}

static kafka_tls_cause_t describe(struct kafka_tls_session* session, int error, char* errstr,
                                  size_t errstr_size) {
  int alert = received_alert(&session->ssl, error);
  const int socket_errno = session->socket_errno;
  if (error == kSocketError && (socket_errno == EPIPE || socket_errno == ECONNRESET)) {
    alert = unread_alert(session);
  }
  session->broken = true;
  const struct kafka_tls_failure failure = {
      .error = error,
      .socket_errno = socket_errno,
      .alert = alert,
      .verify_flags = mbedtls_ssl_get_verify_result(&session->ssl),
      .established = session->established,
      .answered = session->answered,
      .peer = &session->peer,
      .verdict = &session->verdict,
  };
  return kafka_tls_failure_describe(&failure, errstr, errstr_size);
}

// True when `error` only means "later", the event to wait for being asked for.
static bool is_waiting(rd_kafka_transport_t* rktrans, int error) {
  switch (error) {
    case MBEDTLS_ERR_SSL_WANT_READ:
      rd_kafka_transport_poll_set(rktrans, POLLIN);
      return true;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
      rd_kafka_transport_set_blocked(rktrans, rd_true);
      rd_kafka_transport_poll_set(rktrans, POLLOUT);
      return true;
    default:
      return false;
  }
}

static int session_setup(struct kafka_tls_session* session) {
  mbedtls_ssl_context* ssl = &session->ssl;
  int result = mbedtls_ssl_setup(ssl, &session->generation->config);
  if (result != 0) return result;
  mbedtls_ssl_set_bio(ssl, session, socket_send, socket_receive, NULL);
  mbedtls_ssl_set_verify(ssl, kafka_tls_verify, &session->verdict);
  // A name is sent as SNI and checked by mbedTLS, an address neither: kafka_tls_verify() checks it.
  return mbedtls_ssl_set_hostname(ssl, session->peer.address_size > 0 ? NULL : session->peer.host);
}

int rd_kafka_transport_ssl_connect(rd_kafka_broker_t* rkb, rd_kafka_transport_t* rktrans, char* errstr,
                                   size_t errstr_size) {
  const rd_kafka_conf_t* conf = &rkb->rkb_rk->rk_conf;
  struct kafka_tls_session* session = rd_calloc(1, sizeof *session);
  mbedtls_ssl_init(&session->ssl);
  session->generation = kafka_tls_context_take(rkb->rkb_rk);
  session->socket = rktrans->rktrans_s;
  rktrans->rktrans_ssl = session;  // freed by rd_kafka_transport_ssl_close(), also after a failure below

  char nodename[RD_KAFKA_NODENAME_SIZE];
  rd_kafka_broker_lock(rkb);
  rd_snprintf(nodename, sizeof nodename, "%s", rkb->rkb_nodename);
  rd_kafka_broker_unlock(rkb);
  kafka_tls_peer_init(&session->peer, nodename);
  session->verdict.peer = &session->peer;
  session->verdict.check_host = conf->ssl.endpoint_identification != RD_KAFKA_SSL_ENDPOINT_ID_NONE;
  session->verdict.has_now = kafka_tls_clock_now(&session->verdict.now);

  const int result = session_setup(session);
  if (result != 0) {
    describe(session, result, errstr, errstr_size);
    return -1;
  }
  // The answer rarely comes in time, but it can, and then the whole handshake is over in this call. A failure
  // has been reported, and the transport freed, when it returns: for the caller, who only passes reports on,
  // all is well.
  (void)rd_kafka_transport_ssl_handshake(rktrans);
  return 0;
}

// "Broker verified, TLSv1.3, TLS1-3-AES-128-GCM-SHA256, valid to 2026-11-28T09:00:00Z, issued by CN=Example":
// doctor/security_line.cc reads it again.
static void tell_handshake(rd_kafka_broker_t* rkb, const struct kafka_tls_session* session) {
  char buffer[256];
  struct kafka_tls_text text;
  kafka_tls_text_init(&text, buffer, sizeof buffer);
  const mbedtls_x509_crt* certificate = mbedtls_ssl_get_peer_cert(&session->ssl);
  if (certificate != NULL) {
    const mbedtls_x509_time* end = &certificate->valid_to;
    kafka_tls_text_append(&text, ", valid to %04d-%02d-%02dT%02d:%02d:%02dZ, issued by ", end->year, end->mon,
                          end->day, end->hour, end->min, end->sec);
    kafka_tls_text_append_dn(&text, &certificate->issuer);
  }
  rd_rkb_dbg(rkb, SECURITY, "SSLVERIFY", "Broker %s, %s, %s%s",
             rkb->rkb_rk->rk_conf.ssl.enable_verify ? "verified" : "NOT verified",
             mbedtls_ssl_get_version(&session->ssl), mbedtls_ssl_get_ciphersuite(&session->ssl), buffer);
}

int rd_kafka_transport_ssl_handshake(rd_kafka_transport_t* rktrans) {
  struct kafka_tls_session* session = rktrans->rktrans_ssl;
  rd_kafka_broker_t* rkb = rktrans->rktrans_rkb;
  char errstr[512];

  int result = mbedtls_ssl_handshake(&session->ssl);
  if (is_waiting(rktrans, result)) return 0;
  // VERIFY_REQUIRED has seen to both already. They are what all of this is for, so they are asked again.
  if (result == 0 && rkb->rkb_rk->rk_conf.ssl.enable_verify &&
      (mbedtls_ssl_get_peer_cert(&session->ssl) == NULL ||
       mbedtls_ssl_get_verify_result(&session->ssl) != 0)) {
    result = MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
  }
  if (result != 0) {
    const kafka_tls_cause_t cause = describe(session, result, errstr, sizeof errstr);
    const bool lost = cause == KAFKA_TLS_PLAINTEXT_PORT || cause == KAFKA_TLS_CLOSED || cause == KAFKA_TLS_IO;
    rd_kafka_broker_fail(rkb, LOG_ERR, lost ? RD_KAFKA_RESP_ERR__TRANSPORT : RD_KAFKA_RESP_ERR__SSL,
                         "SSL handshake failed: %s", errstr);  // closes and frees the session
    return -1;
  }
  session->established = true;
  tell_handshake(rkb, session);
  rd_kafka_transport_connect_done(rktrans, NULL);
  return 1;
}

// mbedtls_ssl_write() encrypts a record at once and keeps what the socket does not take. Called again it
// sends the rest, ignores the new data, and returns the size it is called with *then*: a retry must repeat
// the size, or bytes that were never sent count as sent. librdkafka repeats its buffer, except when the
// request timed out with nothing of it counted as sent; the next request would be taken for the rest of that
// one's record. So what was given is remembered, and compared by is_retry(); the connection is dropped when
// it is not the same.
static bool is_retry(const struct kafka_tls_session* session, const void* data, size_t size) {
  return session->pending == data && session->pending_size <= size &&
         session->pending_crc == rd_crc32c(0, data, session->pending_size);
}

static int send_record(struct kafka_tls_session* session, const void* data, size_t size) {
  if (session->pending != NULL) size = session->pending_size;
  const int result = mbedtls_ssl_write(&session->ssl, data, size);
  if (result == MBEDTLS_ERR_SSL_WANT_WRITE && session->pending == NULL) {
    session->pending = data;
    session->pending_size = size;
    session->pending_crc = rd_crc32c(0, data, size);
  } else if (result > 0) {
    session->pending = NULL;
  }
  return result;
}

ssize_t rd_kafka_transport_ssl_send(rd_kafka_transport_t* rktrans, rd_slice_t* slice, char* errstr,
                                    size_t errstr_size) {
  struct kafka_tls_session* session = rktrans->rktrans_ssl;
  ssize_t sum = 0;
  const void* data;
  size_t size;
  while ((size = rd_slice_peeker(slice, &data)) > 0) {
    if (session->pending != NULL && !is_retry(session, data, size)) {
      session->broken = true;
      rd_snprintf(errstr, errstr_size,
                  "a request timed out with its last TLS record half sent: starting over");
      return -1;
    }
    const int result = send_record(session, data, size);
    if (is_waiting(rktrans, result)) return sum;
    if (result <= 0) {
      describe(session, result, errstr, errstr_size);
      return -1;
    }
    rd_slice_read(slice, NULL, (size_t)result);  // moves on past what was peeked at
    sum += result;
  }
  return sum;
}

ssize_t rd_kafka_transport_ssl_recv(rd_kafka_transport_t* rktrans, rd_buf_t* rbuf, char* errstr,
                                    size_t errstr_size) {
  struct kafka_tls_session* session = rktrans->rktrans_ssl;
  ssize_t sum = 0;
  void* space;
  size_t size;
  // Until the buffer is full or the socket empty: what mbedTLS has read ahead, no poll() would announce.
  while ((size = rd_buf_get_writable(rbuf, &space)) > 0) {
    const int result = mbedtls_ssl_read(&session->ssl, space, size);
    if (is_waiting(rktrans, result)) return sum;
    if (result <= 0) {
      describe(session, result, errstr, errstr_size);
      return -1;
    }
    rd_buf_write(rbuf, NULL, (size_t)result);
    sum += result;
  }
  return sum;
}

void rd_kafka_transport_ssl_close(rd_kafka_transport_t* rktrans) {
  struct kafka_tls_session* session = rktrans->rktrans_ssl;
  if (session->established && !session->broken) {
    (void)mbedtls_ssl_close_notify(&session->ssl);  // a courtesy: if it would block, it is not sent
  }
  mbedtls_ssl_free(&session->ssl);  // zeroises keys and buffers
  kafka_tls_context_release(rktrans->rktrans_rkb->rkb_rk, session->generation);
  rd_free(session);
  rktrans->rktrans_ssl = NULL;
}
