// Whether a file, or one of a directory's, was changed. Free of librdkafka.
#ifndef PICKET_PORT_KAFKA_TLS_STAMP_H_
#define PICKET_PORT_KAFKA_TLS_STAMP_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A number made of inode, size and times (stat(2)) of the file at `path`, or of every file of the directory
// there, at most KAFKA_TLS_MAX_FILES: when it differs from before, something was changed. Reads no contents.
// 0 when there is nothing.
uint64_t kafka_tls_stamp(const char* path);

enum { KAFKA_TLS_MAX_FILES = 4096 };

#ifdef __cplusplus
}
#endif

#endif  // PICKET_PORT_KAFKA_TLS_STAMP_H_
