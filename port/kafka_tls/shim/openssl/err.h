// See ssl.h: one header holds all that librdkafka needs.
#include <openssl/ssl.h>  // IWYU pragma: export
