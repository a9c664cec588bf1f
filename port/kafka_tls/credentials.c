#include "credentials.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "failure.h"
#include "stamp.h"

// Where distributions keep their bundle: Debian, Alpine and OpenWrt; Fedora and RHEL, new and old; SUSE;
// BSDs.
static const char* const kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/usr/local/share/certs/ca-root-nss.crt",
};

static int fail(const char* what, int code, char* error, size_t error_size) {
  char text[160];
  snprintf(error, error_size, "%s: mbedTLS %s", what, kafka_tls_error_text(code, text, sizeof text));
  return -1;
}

// A copy with a NUL behind it, which mbedTLS's PEM parser wants counted in. NULL when out of memory.
static unsigned char* with_nul(const void* data, size_t size) {
  unsigned char* copy = malloc(size + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, data, size);
  copy[size] = '\0';
  return copy;
}

static void zeroize_and_free(unsigned char* data, size_t size) {
  mbedtls_platform_zeroize(data, size);
  free(data);
}

// mbedTLS tells PEM from DER by the final NUL and "-----BEGIN".
static bool is_pem(const unsigned char* text) {
  return strstr((const char*)text, "-----BEGIN") != NULL;
}

// Where hashed directories have links beside the files they point to, each is read once.
struct seen_file {
  dev_t device;
  ino_t inode;
};

static bool note_file(struct seen_file* seen, size_t* count, const struct stat* info) {
  for (size_t i = 0; i < *count; ++i) {
    if (seen[i].device == info->st_dev && seen[i].inode == info->st_ino) return false;
  }
  if (*count == KAFKA_TLS_MAX_FILES) return false;
  seen[(*count)++] = (struct seen_file){info->st_dev, info->st_ino};
  return true;
}

// All regular files; what is no certificate counts as left out. mbedtls_x509_crt_parse_path() gives up at the
// first link that leads nowhere.
static int parse_directory(mbedtls_x509_crt* list, const char* path) {
  DIR* directory = opendir(path);
  if (directory == NULL) return MBEDTLS_ERR_X509_FILE_IO_ERROR;
  struct seen_file* seen = calloc(KAFKA_TLS_MAX_FILES, sizeof *seen);
  size_t count = 0;
  int skipped = 0;
  const struct dirent* entry;
  while (seen != NULL && (entry = readdir(directory)) != NULL) {
    char file[PATH_MAX];
    struct stat info;
    if (snprintf(file, sizeof file, "%s/%s", path, entry->d_name) >= (int)sizeof file) continue;
    if (fstatat(dirfd(directory), entry->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode)) continue;
    if (!note_file(seen, &count, &info)) continue;
    const int result = mbedtls_x509_crt_parse_file(list, file);
    skipped += result < 0 ? 1 : result;
  }
  const bool out_of_memory = seen == NULL;
  free(seen);
  closedir(directory);
  return out_of_memory ? MBEDTLS_ERR_X509_ALLOC_FAILED : skipped;
}

int kafka_tls_read_cas(mbedtls_x509_crt* list, const char* path, char* error, size_t error_size) {
  struct stat info;
  if (stat(path, &info) != 0) {
    snprintf(error, error_size, "%s: %s", path, strerror(errno));
    return -1;
  }
  const int result =
      S_ISDIR(info.st_mode) ? parse_directory(list, path) : mbedtls_x509_crt_parse_file(list, path);
  // A positive result counts the unreadable ones among others that were read; in a directory, maybe among
  // none.
  if (result < 0) {
    if (result == MBEDTLS_ERR_PK_FILE_IO_ERROR || result == MBEDTLS_ERR_X509_FILE_IO_ERROR) {
      snprintf(error, error_size, "%s: cannot be read", path);
      return -1;
    }
    return fail(path, result, error, error_size);
  }
  if (list->version == 0) {
    snprintf(error, error_size, "%s: holds no certificate", path);
    return -1;
  }
  return result;
}

int kafka_tls_read_system_cas(mbedtls_x509_crt* list, const char** path, char* error, size_t error_size) {
  for (size_t i = 0; i < sizeof kSystemBundles / sizeof kSystemBundles[0]; ++i) {
    const int skipped = kafka_tls_read_cas(list, kSystemBundles[i], error, error_size);
    if (skipped < 0) continue;
    *path = kSystemBundles[i];
    return skipped;
  }
  snprintf(error, error_size, "the system has no CA bundle in any of the usual places");
  return -1;
}

int kafka_tls_parse_certificates(mbedtls_x509_crt* list, const void* data, size_t size, char* error,
                                 size_t error_size) {
  unsigned char* text = with_nul(data, size);
  if (text == NULL) return fail("certificate", MBEDTLS_ERR_X509_ALLOC_FAILED, error, error_size);
  const int result = mbedtls_x509_crt_parse(list, text, is_pem(text) ? size + 1 : size);
  free(text);
  if (result < 0) return fail("certificate", result, error, error_size);
  if (result > 0) {
    snprintf(error, error_size, "certificate: %d of those given cannot be read", result);
    return -1;
  }
  return 0;
}

int kafka_tls_read_certificates(mbedtls_x509_crt* list, const char* path, char* error, size_t error_size) {
  errno = 0;
  const int result = mbedtls_x509_crt_parse_file(list, path);
  if (result == 0) return 0;
  if (result > 0) {
    snprintf(error, error_size, "%s: %d of its certificates cannot be read", path, result);
    return -1;
  }
  if (result == MBEDTLS_ERR_PK_FILE_IO_ERROR) {
    snprintf(error, error_size, "%s: %s", path, errno != 0 ? strerror(errno) : "cannot be read");
    return -1;
  }
  return fail(path, result, error, error_size);
}

static int key_failure(const char* what, int code, char* error, size_t error_size) {
  if (code == MBEDTLS_ERR_PK_PASSWORD_REQUIRED) {
    snprintf(error, error_size, "%s: is encrypted: set kafka.key_password (ssl.key.password)", what);
    return -1;
  }
  if (code == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) {
    snprintf(error, error_size, "%s: kafka.key_password (ssl.key.password) does not open it", what);
    return -1;
  }
  return fail(what, code, error, error_size);
}

int kafka_tls_parse_key(mbedtls_pk_context* key, const void* data, size_t size, const char* password,
                        char* error, size_t error_size) {
  unsigned char* text = with_nul(data, size);
  if (text == NULL) return fail("private key", MBEDTLS_ERR_PK_ALLOC_FAILED, error, error_size);
  const int result = mbedtls_pk_parse_key(
      key, text, is_pem(text) ? size + 1 : size, (const unsigned char*)password,
      password == NULL ? 0 : strlen(password), mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
  zeroize_and_free(text, size);
  return result == 0 ? 0 : key_failure("private key", result, error, error_size);
}

int kafka_tls_read_key(mbedtls_pk_context* key, const char* path, const char* password, char* error,
                       size_t error_size) {
  errno = 0;
  const int result =
      mbedtls_pk_parse_keyfile(key, path, password, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
  if (result == 0) return 0;
  if (result == MBEDTLS_ERR_PK_FILE_IO_ERROR) {
    snprintf(error, error_size, "%s: %s", path, errno != 0 ? strerror(errno) : "cannot be read");
    return -1;
  }
  return key_failure(path, result, error, error_size);
}
