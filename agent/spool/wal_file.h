// The WAL's file, where SQLite leaves it to us: its blocks are allocated ahead, and what a failed fsync
// left in it is made unreadable. SQLite holds no lock on this file, so that opening and closing it is safe.
#pragma once

#include <cstdint>
#include <string>

#include "port/error.h"

namespace picket {

// Path of the WAL of the database at `path`.
std::string WalPath(const std::string& path);

// Allocates the blocks of the WAL up to `bytes`, so that a transaction can be written on a full disk
// (where the file system overwrites in place). What is in it stays. kResourceExhausted: no room.
Status AllocateWal(const std::string& path, uint64_t bytes);

// Ends the WAL after its first `frames` frames and syncs that. For use after a failed commit: its frames
// may be in the page cache and never reach the disk, and must not be taken for committed ones later.
Status CutWal(const std::string& path, uint32_t frames);

}  // namespace picket
