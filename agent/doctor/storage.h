// The place of the buffer: space, kind of file system, whether and how fast it takes what is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/config/config.h"
#include "doctor/report.h"
#include "port/error.h"

namespace picket {

// What is known of a file system by its magic number (statfs(2)).
struct FileSystemKind {
  std::string name;     // "ext4"; "0x1234" when not known
  std::string warning;  // why a buffer should not lie there; empty: it may
  std::string hint;     // what to know; empty: nothing
};
FileSystemKind KindOfFileSystem(uint64_t magic);

// What writing there is like.
struct StorageFacts {
  std::string directory;  // that of the buffer, or the nearest one above it that exists
  bool exists = false;    // `directory` is that of the buffer
  FileSystemKind kind;
  uint64_t free_bytes = 0;                 // for us
  uint64_t buffer_bytes = 0;               // of the buffer and its WAL, now
  std::optional<Error> write_error;        // of a trial file; kResourceExhausted: the disk is full
  std::chrono::microseconds sync_time{0};  // median of a few small writes with fdatasync
  std::string owner;                       // of the directory, when it is not us
  std::optional<int> held_by;              // process that has the buffer open
};

// Looks, and writes a small file that it deletes again. Nothing is left behind.
Expected<StorageFacts> LookAtStorage(const std::string& buffer_path);

// Adds "directory", "space" and "fsync". Pure.
void JudgeStorage(const StorageFacts& facts, const BufferConfig& buffer, Report* report);

}  // namespace picket
