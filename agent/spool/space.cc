#include "agent/spool/space.h"

#include <algorithm>

namespace picket {
namespace {

constexpr uint64_t kFileStepPages = 32;  // the file grows in steps of 32 KiB, see sqlite_db.cc
constexpr uint64_t kWalHeaderBytes = 32;
constexpr uint64_t kFrameHeaderBytes = 24;  // https://www.sqlite.org/fileformat2.html#walformat

// Bounds of the WAL: the lower one takes a record of kMaxBodyBytes in one transaction, the upper one a
// window of 1,000 ordinary records.
constexpr uint64_t kMinWalBytes = 112 << 10;
constexpr uint64_t kMaxWalBytes = 1 << 20;

// Row header, key, stamp and cell pointer beside the body: at most this.
constexpr size_t kRowOverheadBytes = 48;
// A row of more bytes than this continues on overflow pages (usable size less 35).
constexpr size_t kMaxLocalBytes = kPageBytes - 35;
constexpr size_t kOverflowBytes = kPageBytes - 4;

}  // namespace

SpaceLimits LimitsFor(uint64_t max_bytes) {
  SpaceLimits limits;
  limits.wal_bytes = std::clamp(max_bytes / 16, kMinWalBytes, kMaxWalBytes);
  limits.wal_frames =
      static_cast<uint32_t>((limits.wal_bytes - kWalHeaderBytes) / (kFrameHeaderBytes + kPageBytes));
  const uint64_t pages = (max_bytes - limits.wal_bytes) / kPageBytes;
  limits.max_pages =
      static_cast<uint32_t>(std::min<uint64_t>(pages / kFileStepPages * kFileStepPages, 1U << 30));
  limits.slack_pages = 16;
  return limits;
}

void AppendCost::Add(size_t body_bytes, bool in_order) {
  const size_t row = body_bytes + kRowOverheadBytes;
  if (row <= kMaxLocalBytes) {
    // Two neighbouring pages hold more than one page's worth together, else they would be one.
    units_ += 2 * row;
  } else {
    units_ += (row / kOverflowBytes + 3) * kUnitsPerPage;
  }
  // Index: 16 entries a page at least while it grows at one place; else a leaf and a split each.
  units_ += in_order ? kUnitsPerPage / 16 : 3 * kUnitsPerPage;
}

}  // namespace picket
