// What an HTTPS request costs with OpenSSL and nothing else: one context, a fresh connection for each
// request, chain and host name verified, no session resumed.
//
//   bare_openssl CA_FILE HOST PORT PATH WARM_UP COUNT INTERVAL_US
//
// HOST is looked up once. Output and exit status: pace.h; 2 for a wrong command line, CA file or host.
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pace.h"

struct target {
  SSL_CTX* context;
  const struct addrinfo* address;
  const char* host;
  char get[512];
};

// Sends the request and reads to the end of the answer; 0 when that says 200.
static int fetch(SSL* ssl, const struct target* target) {
  char answer[16384];
  if (SSL_connect(ssl) != 1) return 1;
  if (SSL_write(ssl, target->get, (int)strlen(target->get)) <= 0) return 1;
  int got = SSL_read(ssl, answer, sizeof answer);
  if (got < 12 || strncmp(answer + 8, " 200", 4) != 0) return 1;
  while (SSL_read(ssl, answer, sizeof answer) > 0) {
  }
  SSL_shutdown(ssl);
  return 0;
}

static int request(void* opaque) {
  const struct target* target = opaque;
  int result = 1;
  int fd = socket(target->address->ai_family, SOCK_STREAM, 0);
  SSL* ssl = SSL_new(target->context);
  if (fd >= 0 && ssl != NULL && connect(fd, target->address->ai_addr, target->address->ai_addrlen) == 0 &&
      SSL_set_fd(ssl, fd) == 1 && SSL_set_tlsext_host_name(ssl, target->host) == 1 &&
      SSL_set1_host(ssl, target->host) == 1) {
    result = fetch(ssl, target);
  }
  if (result != 0) ERR_print_errors_fp(stderr);
  SSL_free(ssl);
  if (fd >= 0) close(fd);
  return result;
}

int main(int argc, char** argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: bare_openssl CA_FILE HOST PORT PATH WARM_UP COUNT INTERVAL_US\n");
    return 2;
  }
  struct target target = {.host = argv[2]};
  snprintf(target.get, sizeof target.get, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[4],
           argv[2]);
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found = NULL;
  if (getaddrinfo(argv[2], argv[3], &hints, &found) != 0) {
    fprintf(stderr, "bare_openssl: no address of %s\n", argv[2]);
    return 2;
  }
  target.address = found;
  target.context = SSL_CTX_new(TLS_client_method());
  if (target.context == NULL || SSL_CTX_load_verify_locations(target.context, argv[1], NULL) != 1) {
    fprintf(stderr, "bare_openssl: no CA certificates in %s\n", argv[1]);
    return 2;
  }
  SSL_CTX_set_verify(target.context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_session_cache_mode(target.context, SSL_SESS_CACHE_OFF);
  int status = run_paced(atoi(argv[5]), atoi(argv[6]), atol(argv[7]), request, &target);
  SSL_CTX_free(target.context);
  freeaddrinfo(found);
  return status;
}
