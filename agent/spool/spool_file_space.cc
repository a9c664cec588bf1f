// Opening a buffer file and keeping it within its bounds: the parts of SpoolFile that deal in pages.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "agent/spool/os_file.h"
#include "agent/spool/schema.h"
#include "agent/spool/spool_file.h"
#include "agent/spool/wal_file.h"

namespace picket {
namespace {

// How many rows one look for victims takes, between two looks at the space they freed.
constexpr size_t kVictimsAtOnce = 64;

// The file holds names and URLs of what is watched: for its owner alone. SQLite gives the WAL the same mode.
Status CreatePrivately(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? Status() : SystemError("create", path);
  close(fd);
  return {};
}

Expected<uint32_t> PragmaValue(const sqlite::Statement& statement) {
  sqlite::Query query(statement);
  const Expected<bool> row = query.Next();
  if (!row) return std::unexpected(row.error());
  return static_cast<uint32_t>(query.GetInt(0));
}

}  // namespace

Expected<std::unique_ptr<SpoolFile>> SpoolFile::Open(const std::string& path, const SpaceLimits& limits,
                                                     Logger& logger, std::vector<LaneInfo>* lanes) {
  lanes->clear();
  if (Status created = CreatePrivately(path); !created) return std::unexpected(std::move(created).error());
  Expected<std::unique_ptr<sqlite::Database>> db = sqlite::Database::Open(path);
  if (!db) return std::unexpected(db.error());
  auto file = std::unique_ptr<SpoolFile>(new SpoolFile(path, limits, logger, std::move(*db)));
  if (Status loaded = file->Load(lanes); !loaded) {
    file->Abandon();
    return std::unexpected(loaded.error());
  }
  return file;
}

Status SpoolFile::Load(std::vector<LaneInfo>* lanes) {
  if (Status locked = LockFile(*db_); !locked) return locked;
  if (Status known = EnsureSchema(*db_); !known) return known;

  Expected<LaneTable> lane_table = LaneTable::Load(*db_);
  if (!lane_table) return std::unexpected(lane_table.error());
  lanes_ = std::move(*lane_table);
  for (const auto& [id, lane] : lanes_.all()) lanes->push_back(lane);
  if (Status sound = Check(); !sound) return sound;

  Expected<RecordTable> records = RecordTable::Load(*db_);
  if (!records) return std::unexpected(records.error());
  records_ = std::move(*records);
  Expected<EvictedTable> evicted = EvictedTable::Load(*db_);
  if (!evicted) return std::unexpected(evicted.error());
  evicted_ = std::move(*evicted);
  const Status prepared = db_->PrepareAll(
      {{&page_count_, "PRAGMA page_count"},
       {&freelist_count_, "PRAGMA freelist_count"},
       {&count_evicted_, "UPDATE counter SET value = value + ? WHERE name = 'evicted_records'"}});
  if (!prepared) return prepared;
  const Expected<int64_t> count = db_->QueryInt("SELECT value FROM counter WHERE name = 'evicted_records'");
  if (!count) return std::unexpected(count.error());
  evicted_records_ = static_cast<uint64_t>(*count);

  // What the last process left in the WAL goes into the database, so that its space is ours to count.
  if (Status copied = db_->Checkpoint(); !copied) return copied;
  AllocateWalOnce();
  if (Status shrunk = ShrinkToCap(); !shrunk) return shrunk;
  const std::string limit = "PRAGMA max_page_count=" + std::to_string(limits_.max_pages);
  return db_->Execute(limit.c_str());
}

// Structure of every page and row; reads the whole file once.
Status SpoolFile::Check() {
  const Expected<std::string> verdict = db_->QueryText("PRAGMA quick_check(1)");
  if (!verdict) return std::unexpected(verdict.error());
  if (*verdict != "ok") return Fail(ErrorCode::kCorrupt, "%s", verdict->c_str());
  return {};
}

// The cap was lowered since the file was written: evict, then rebuild it smaller. Needs space for both
// copies once; without it the file keeps its size until the next start.
Status SpoolFile::ShrinkToCap() {
  const Expected<uint32_t> pages = PragmaValue(page_count_);
  if (!pages) return std::unexpected(pages.error());
  if (*pages <= limits_.max_pages) return {};
  if (Status room = MakeRoom(0); !room) return room;
  if (Status ready = PrepareWal(limits_.wal_frames); !ready) return ready;
  if (Status rebuilt = db_->Execute("VACUUM;PRAGMA wal_checkpoint(TRUNCATE)"); !rebuilt) {
    if (rebuilt.error().code != ErrorCode::kResourceExhausted) return rebuilt;
    logger_.Warning("buffer", "no room to shrink %s to its cap: %s", path_.c_str(),
                    rebuilt.error().message.c_str());
  }
  if (Status copied = db_->Checkpoint(); !copied) return copied;
  wal_allocated_ = false;
  AllocateWalOnce();
  return {};
}

Expected<uint32_t> SpoolFile::UsedPages() {
  const Expected<uint32_t> pages = PragmaValue(page_count_);
  if (!pages) return pages;
  const Expected<uint32_t> free = PragmaValue(freelist_count_);
  if (!free) return free;
  return *pages - *free;
}

// How many pages the file may have: those of the cap, or fewer when the disk has no room for the `needed`
// ones. The blocks are allocated before a transaction fills them: a commit in the WAL that the database
// has no room for could never be checkpointed.
Expected<uint32_t> SpoolFile::AllowedPages(uint32_t needed) {
  const uint64_t wanted_bytes = uint64_t{std::min(needed, limits_.max_pages)} * kPageBytes;
  struct stat info = {};
  if (stat(path_.c_str(), &info) != 0) return Fail(ErrorCode::kIo, "%s is gone", path_.c_str());
  if (wanted_bytes <= static_cast<uint64_t>(info.st_size)) return limits_.max_pages;
  const Status reserved = db_->ReserveFile(wanted_bytes);
  if (reserved) {
    if (std::exchange(disk_full_told_, false)) logger_.Info("buffer", "there is space for %s again", path_.c_str());
    return limits_.max_pages;
  }
  if (reserved.error().code != ErrorCode::kResourceExhausted) return std::unexpected(reserved.error());
  if (stat(path_.c_str(), &info) != 0) return Fail(ErrorCode::kIo, "%s is gone", path_.c_str());
  if (!std::exchange(disk_full_told_, true)) {
    logger_.Warning("buffer",
                    "no space for %s to grow beyond %llu KiB: %s; the oldest results make room for new ones meanwhile",
                    path_.c_str(), static_cast<unsigned long long>(info.st_size >> 10),
                    BufferCure(ErrorCode::kResourceExhausted));
  }
  return std::min(limits_.max_pages, static_cast<uint32_t>(static_cast<uint64_t>(info.st_size) / kPageBytes));
}

// Before a transaction that stores: room for `pages` more below the cap or, on a full disk, in the file as it
// is; the oldest records go when there is none. In this order, because a checkpoint gives back what the
// file holds beyond its last page.
Status SpoolFile::MakeRoom(uint32_t pages) {
  while (true) {
    if (Status ready = PrepareWal(pages); !ready) return ready;
    const Expected<uint32_t> used = UsedPages();
    if (!used) return std::unexpected(used.error());
    const Expected<uint32_t> allowed = AllowedPages(*used + pages + limits_.slack_pages);
    if (!allowed) return std::unexpected(allowed.error());
    const uint32_t limit = *allowed - std::min(*allowed, limits_.slack_pages);
    if (*used + pages <= limit) return {};
    // A little more than needed, so that a full buffer does not evict at each Append.
    const uint32_t spare = limits_.max_pages / 64;
    const Expected<uint64_t> evicted =
        Evict(limit - std::min(limit, pages), limit - std::min(limit, pages + spare));
    if (!evicted) return std::unexpected(evicted.error());
    if (*evicted == 0) {
      return Fail(ErrorCode::kResourceExhausted, "%s: no room for %u KiB and nothing left to evict",
                  path_.c_str(), pages);
    }
  }
}

// Evicts until `target_pages` are used; the status stream, which says what was lost, only until
// `status_target_pages` are. Returns how many records went.
Expected<uint64_t> SpoolFile::Evict(uint32_t status_target_pages, uint32_t target_pages) {
  uint64_t evicted = 0;
  for (const bool status_stream : {false, true}) {
    const uint32_t target = status_stream ? status_target_pages : target_pages;
    while (true) {
      const Expected<uint32_t> used = UsedPages();
      if (!used) return std::unexpected(used.error());
      if (*used <= target) break;
      const Expected<uint64_t> batch = EvictBatch(status_stream, target);
      if (!batch) return batch;
      if (*batch == 0) break;
      evicted += *batch;
    }
  }
  if (evicted != 0) {
    if (Status refreshed = records_.RefreshEnds(); !refreshed) return std::unexpected(refreshed.error());
  }
  return evicted;
}

// One transaction: deletes the oldest records until `target_pages` are used or the WAL's budget is, and
// writes down what went. Returns how many.
Expected<uint64_t> SpoolFile::EvictBatch(bool status_stream, uint32_t target_pages) {
  const uint64_t budget = limits_.wal_frames - kTransactionPages;
  if (Status ready = PrepareWal(budget); !ready) return std::unexpected(ready.error());
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return std::unexpected(begun.error());
  int64_t from = status_stream ? evict_status_from_ : evict_from_;
  int64_t previous = -1;
  std::vector<SpoolKey> victims;
  DeleteCost cost;
  bool full = false;
  while (!full) {
    const Expected<std::vector<RecordTable::Place>> places = records_.Places(from, kVictimsAtOnce);
    if (!places) return std::unexpected(places.error());
    if (places->empty()) break;
    for (const RecordTable::Place& place : *places) {
      const LaneInfo* const lane = lanes_.Find(place.key.lane);
      const bool is_status = lane != nullptr && lane->lane.stream == kStatusStream;
      if (is_status == status_stream) {
        DeleteCost with_next = cost;
        if (place.id == previous + 1) {
          with_next.AddNeighbour();
        } else {
          with_next.AddRun(1);
        }
        full = !victims.empty() && with_next.pages() > budget;
        if (full) break;
        cost = with_next;
        previous = place.id;
        if (Status deleted = records_.DeleteId(place.id); !deleted) return std::unexpected(deleted.error());
        victims.push_back(place.key);
      }
      from = place.id + 1;
    }
    const Expected<uint32_t> used = UsedPages();
    if (!used) return std::unexpected(used.error());
    full = full || *used <= target_pages;
  }
  if (victims.empty()) return uint64_t{0};

  std::sort(victims.begin(), victims.end());
  std::vector<LaneId> touched;
  for (size_t first = 0; first < victims.size();) {
    size_t end = first + 1;
    while (end < victims.size() && victims[end].lane == victims[first].lane &&
           victims[end].seq == victims[end - 1].seq + 1) {
      ++end;
    }
    const LaneId lane = victims[first].lane;
    const Status added = evicted_.Add(lane, {victims[first].seq, victims[end - 1].seq});
    if (!added) return std::unexpected(added.error());
    if (touched.empty() || touched.back() != lane) touched.push_back(lane);
    first = end;
  }
  for (const LaneId lane : touched) {
    if (Status stored = StoreHigh(lane); !stored) return std::unexpected(stored.error());
  }
  if (Status counted = CountEvicted(victims.size()); !counted) return std::unexpected(counted.error());
  if (Status committed = transaction.Commit(); !committed) return std::unexpected(committed.error());

  for (const LaneId lane : touched) lanes_.MarkHighStored(lane);
  (status_stream ? evict_status_from_ : evict_from_) = from;
  records_.CountDeleted(victims.size());
  evicted_records_ += victims.size();
  return victims.size();
}

// Before each transaction: it must fit into the WAL behind what is there, or start it anew.
Status SpoolFile::PrepareWal(uint64_t pages) {
  if (db_->wal_frames() == 0) AllocateWalOnce();
  if (db_->wal_frames() == 0 || db_->wal_frames() + pages + kTransactionPages <= limits_.wal_frames) {
    return {};
  }
  if (Status copied = db_->Checkpoint(); !copied) return copied;
  // Pages for what the small transactions may add; on a full disk the free pages of the file must do.
  const Expected<uint32_t> pages_now = PragmaValue(page_count_);
  if (!pages_now) return std::unexpected(pages_now.error());
  const Expected<uint32_t> allowed = AllowedPages(*pages_now + limits_.slack_pages);
  if (!allowed) return std::unexpected(allowed.error());
  return {};
}

void SpoolFile::AllocateWalOnce() {
  if (wal_allocated_) return;
  const Status allocated = AllocateWal(path_, limits_.wal_bytes);
  wal_allocated_ = allocated.has_value();
  if (!allocated && !wal_warned_) {
    wal_warned_ = true;  // tried again before each transaction; said once
    logger_.Warning("buffer", "%s: %s; meanwhile nothing can be kept there", allocated.error().message.c_str(),
                    BufferCure(allocated.error().code));
  }
}

Status SpoolFile::DiscardUnfinished() {
  return CutWal(path_, db_->wal_frames());
}

}  // namespace picket
