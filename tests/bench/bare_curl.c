// What a probe costs at least with the agent's own libcurl, mbedTLS and c-ares: one easy handle, a fresh
// connection for each request, no regexp, no record, no event loop.
//
//   bare_curl shared|parsed CA_FILE URL WARM_UP COUNT INTERVAL_US
//
// "shared" parses CA_FILE once and hands the chain to every connection, as the agent does; "parsed" is
// libcurl used as its manual says: CURLOPT_CAINFO, which on mbedTLS parses the file for each connection.
// Output and exit status: pace.h; 2 for a wrong command line or CA file.
#include <curl/curl.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "pace.h"

static CURLcode use_shared_chain(CURL* easy, void* ssl_config, void* chain) {
  (void)easy;
  mbedtls_ssl_conf_ca_chain(ssl_config, chain, NULL);
  mbedtls_ssl_conf_authmode(ssl_config, MBEDTLS_SSL_VERIFY_REQUIRED);
  return CURLE_OK;
}

static size_t drop(char* data, size_t size, size_t count, void* opaque) {
  (void)data;
  (void)opaque;
  return size * count;
}

static int request(void* opaque) {
  CURL* easy = opaque;
  long status = 0;
  CURLcode result = curl_easy_perform(easy);
  if (result != CURLE_OK) {
    fprintf(stderr, "bare_curl: %s\n", curl_easy_strerror(result));
    return 1;
  }
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status == 200 ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: bare_curl shared|parsed CA_FILE URL WARM_UP COUNT INTERVAL_US\n");
    return 2;
  }
  mbedtls_x509_crt chain;
  mbedtls_x509_crt_init(&chain);
  // Positive: so many certificates of the bundle were not understood.
  if (psa_crypto_init() != PSA_SUCCESS || mbedtls_x509_crt_parse_file(&chain, argv[2]) < 0) {
    fprintf(stderr, "bare_curl: no CA certificates in %s\n", argv[2]);
    return 2;
  }
  curl_global_init(CURL_GLOBAL_ALL);
  CURL* easy = curl_easy_init();
  if (easy == NULL) return 2;
  if (strcmp(argv[1], "shared") == 0) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_shared_chain);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &chain);
  } else {
    curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
  }
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(easy, CURLOPT_URL, argv[3]);
  int status = run_paced(atoi(argv[4]), atoi(argv[5]), atol(argv[6]), request, easy);
  curl_easy_cleanup(easy);
  curl_global_cleanup();
  mbedtls_x509_crt_free(&chain);
  mbedtls_psa_crypto_free();
  return status;
}
