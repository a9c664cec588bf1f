// The buffer on disk: what could not be acknowledged in time, in one SQLite file.
//
// Knows records as identified bytes (record/envelope.h), not as probe results. Bounded by a byte cap; what
// the cap drops is written down as evicted ranges in the same transaction. Used by one thread. Its format
// and what each fault does: docs/spool.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "port/clock.h"
#include "port/error.h"
#include "port/log.h"
#include "record/envelope.h"

namespace picket {

// What an operator can do when the spool fails with that code, to go behind a colon.
const char* BufferCure(ErrorCode code);

// Number of a lane within this spool file, from 1.
using LaneId = int64_t;

// A lane as the spool knows it: what is needed to send its records after a restart, and to say in the
// next start fact how it ended.
struct LaneInfo {
  LaneId id = 0;
  Lane lane;
  std::string topic;
  std::string boot_id;  // Clock::BootId() of the boot it ran in: its boot times mean something only there
  uint32_t window_records = 0;  // most records that run held in memory only: what an unclean end may cost
  bool ended_clean = false;     // EndLane was called
  uint64_t high = 0;  // highest seq known to have been stamped: exact when ended_clean, else a floor
};

// Closed range of sequence numbers.
struct SeqRange {
  uint64_t first = 0;
  uint64_t last = 0;
  bool operator==(const SeqRange&) const = default;
};

// Dropped by the byte cap (or lost to corruption) and not yet reported in a fact that is itself safe.
struct Evicted {
  LaneId lane = 0;
  SeqRange range;
};

// Place of a record in the spool; valid until removed or evicted. Rows ascend in the order of Append.
struct SpoolKey {
  LaneId lane = 0;
  uint64_t seq = 0;
  auto operator<=>(const SpoolKey&) const = default;
};

struct SpooledRecord {
  SpoolKey key;
  Envelope envelope;
};

struct SpoolStats {
  uint64_t records = 0;
  uint64_t bytes = 0;  // database and WAL on disk now; the WAL is allocated ahead
  uint64_t max_bytes = 0;
  uint64_t evicted_records = 0;    // since the file was made
  std::optional<WallTime> oldest, newest;  // stamps of the first and the last record held
};

struct SpoolOptions {
  std::string path;               // its directory is made when missing
  uint64_t max_bytes = 16 << 20;  // hard cap on database plus WAL; at least 256 KiB
};

class Spool {
 public:
  // Opens or makes the file: WAL, synchronous=FULL, locking_mode=EXCLUSIVE before the first access (no
  // shared memory), one connection; locked until the object is destroyed. kAlreadyExists: another process
  // holds it (named in the text where it can be known). kUnsupported: a newer format or another program's
  // database, left untouched. kCorrupt is not returned: a damaged file is moved aside to
  // PATH.corrupt-TIME, logged, and a new one is made, with the lanes that could still be read and all
  // their seqs so far as evicted. kIo, kPermission, kResourceExhausted, kInvalidArgument otherwise.
  //
  // After kIo, kPermission or kCorrupt from any other function, the next call closes and reopens the file
  // before it does anything else: nothing that an fsync failed for is taken as written. Lane ids, keys and
  // what was reported as stored stay valid across that.
  static Expected<std::unique_ptr<Spool>> Open(const SpoolOptions& options, const Clock& clock,
                                               Logger& logger);
  virtual ~Spool() = default;

  // The last lane of a stream of this agent id, if the file knows one (how the previous epoch ended).
  virtual Expected<std::optional<LaneInfo>> LastLane(const std::string& stream) = 0;
  // Writes a new lane down, durable when it returns: the one small write of a start. `window_records` comes
  // back in LaneInfo. Lanes that are superseded, empty and fully reported are forgotten here.
  virtual Expected<LaneId> BeginLane(const Lane& lane, const std::string& topic, const std::string& boot_id,
                                     uint32_t window_records) = 0;
  // The lane ends in order: `high` seqs were stamped. Durable when it returns.
  virtual Status EndLane(LaneId lane, uint64_t high) = 0;
  virtual Expected<LaneInfo> GetLane(LaneId lane) = 0;
  // Lanes of which the file holds no record and no unreported eviction, those just begun among them: whatever
  // of them is not with the broker by now will never be.
  virtual Expected<std::vector<LaneInfo>> SettledLanes() = 0;

  // Stores records, durable when it returns: in one transaction as long as that fits into the WAL's share
  // of the cap (1,000 records of 400 bytes with the default cap), else in several. When the cap or a full
  // disk demands it, older records are evicted first (streams other than "status" first; oldest first),
  // each with its range in the same transaction. Storing a key that is there already changes nothing.
  // kResourceExhausted: no room and nothing left to evict; kInvalidArgument: unknown lane, seq 0 or above
  // 2^63-1, or a body above kMaxBodyBytes, and nothing was stored; kIo: the device failed. After another
  // error some of the first records may be stored: append the same again.
  struct Entry {
    LaneId lane = 0;
    const Envelope* envelope = nullptr;
  };
  virtual Status Append(std::span<const Entry> entries) = 0;

  // Up to max_records records after `after` (exclusive; nullopt: from the oldest) in Append order, at most
  // max_bytes of body together but always one if there is one. Only what is on disk. `after` may have been
  // removed since if it is the last record of the Read before; any other key that is not there reads from
  // the oldest again.
  virtual Expected<std::vector<SpooledRecord>> Read(std::optional<SpoolKey> after, size_t max_records,
                                                    size_t max_bytes) = 0;

  // Deletes acknowledged (or rejected) records, in one transaction as far as the WAL's share allows, durable
  // when it returns; unknown keys are ignored. Best with whole runs of seqs. Works on a full disk.
  virtual Status Remove(std::span<const SpoolKey> keys) = 0;

  // Evictions not yet reported, at most 1,024 coalesced ranges by lane and seq; ClearEvicted forgets those
  // that a durable or acknowledged fact names (what was added to a range since stays).
  virtual Expected<std::vector<Evicted>> UnreportedEvictions() = 0;
  virtual Status ClearEvicted(std::span<const Evicted> reported) = 0;

  virtual SpoolStats Stats() const = 0;
};

// "SQLite 3.46.1": the library in use.
std::string SpoolLibraryVersion();

}  // namespace picket
