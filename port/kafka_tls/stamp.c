#include "stamp.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

static uint64_t mix(uint64_t hash, uint64_t value) {
  // FNV-1a, by the word.
  return (hash ^ value) * UINT64_C(1099511628211);
}

static uint64_t stamp_of(const struct stat* info) {
  uint64_t hash = UINT64_C(14695981039346656037);
  hash = mix(hash, (uint64_t)info->st_dev);
  hash = mix(hash, (uint64_t)info->st_ino);
  hash = mix(hash, (uint64_t)info->st_size);
  hash = mix(hash, (uint64_t)info->st_mtim.tv_sec);
  hash = mix(hash, (uint64_t)info->st_mtim.tv_nsec);
  hash = mix(hash, (uint64_t)info->st_ctim.tv_sec);
  return mix(hash, (uint64_t)info->st_ctim.tv_nsec);
}

uint64_t kafka_tls_stamp(const char* path) {
  struct stat info;
  if (stat(path, &info) != 0) return 0;
  uint64_t stamp = stamp_of(&info);
  DIR* directory = S_ISDIR(info.st_mode) ? opendir(path) : NULL;
  if (directory == NULL) return stamp;
  const struct dirent* entry;
  for (int i = 0; i < KAFKA_TLS_MAX_FILES && (entry = readdir(directory)) != NULL; ++i) {
    // A sum, since the order of a directory is nobody's promise.
    if (fstatat(dirfd(directory), entry->d_name, &info, 0) == 0 && S_ISREG(info.st_mode)) {
      stamp += stamp_of(&info);
    }
  }
  closedir(directory);
  return stamp;
}
