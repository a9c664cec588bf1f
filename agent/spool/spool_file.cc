#include "agent/spool/spool_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "agent/spool/schema.h"
#include "agent/spool/wal_file.h"

namespace picket {
namespace {

constexpr uint64_t kMaxSeq = INT64_MAX;

uint64_t FileBytes(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

Status CheckEntry(const LaneTable& lanes, const Spool::Entry& entry) {
  if (lanes.Find(entry.lane) == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "lane %lld is not in the buffer",
                static_cast<long long>(entry.lane));
  }
  if (entry.envelope->seq == 0 || entry.envelope->seq > kMaxSeq) {
    return Fail(ErrorCode::kInvalidArgument, "seq %llu is out of range",
                static_cast<unsigned long long>(entry.envelope->seq));
  }
  if (entry.envelope->body.size() > kMaxBodyBytes) {
    return Fail(ErrorCode::kInvalidArgument, "a body of %zu bytes is above the limit of %zu",
                entry.envelope->body.size(), kMaxBodyBytes);
  }
  return {};
}

// Sorted keys as closed ranges of consecutive seqs, none longer than `max_rows`.
std::vector<LaneRun> RunsOf(std::span<const SpoolKey> keys, uint64_t max_rows) {
  std::vector<SpoolKey> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<LaneRun> runs;
  for (const SpoolKey& key : sorted) {
    if (key.seq == 0 || key.seq > kMaxSeq) continue;  // no record can have it
    if (!runs.empty() && runs.back().lane == key.lane) {
      SeqRange& run = runs.back().range;
      if (key.seq == run.last) continue;
      if (key.seq == run.last + 1 && run.last - run.first + 1 < max_rows) {
        run.last = key.seq;
        continue;
      }
    }
    runs.push_back({key.lane, {key.seq, key.seq}});
  }
  return runs;
}

}  // namespace

uint64_t SpoolBytesOnDisk(const std::string& path) {
  return FileBytes(path) + FileBytes(WalPath(path));
}

Expected<LaneId> SpoolFile::BeginLane(const Lane& lane, const std::string& topic, const std::string& boot_id,
                                      uint32_t window_records) {
  if (Status forgotten = ForgetLanes(); !forgotten) return std::unexpected(forgotten.error());
  if (Status room = MakeRoom(4); !room) return std::unexpected(room.error());
  LaneInfo info;
  info.id = lanes_.NextId();
  info.lane = lane;
  info.topic = topic;
  info.boot_id = boot_id;
  info.window_records = window_records;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return std::unexpected(begun.error());
  if (Status inserted = lanes_.Insert(info); !inserted) return std::unexpected(inserted.error());
  if (Status committed = transaction.Commit(); !committed) return std::unexpected(committed.error());
  lanes_.Put(info);
  return info.id;
}

Expected<std::vector<LaneInfo>> SpoolFile::SettledLanes() {
  std::vector<LaneInfo> settled;
  for (const auto& [id, info] : lanes_.all()) {
    const Expected<bool> has_records = records_.HasLane(id);
    if (!has_records) return std::unexpected(has_records.error());
    const Expected<bool> has_evicted = evicted_.Has(id);
    if (!has_evicted) return std::unexpected(has_evicted.error());
    if (!*has_records && !*has_evicted) settled.push_back(info);
  }
  return settled;
}

// Lanes that have nothing left to say go; the last one of each stream stays, because the next start asks
// how it ended.
Status SpoolFile::ForgetLanes() {
  const Expected<std::vector<LaneInfo>> settled = SettledLanes();
  if (!settled) return std::unexpected(settled.error());
  std::vector<LaneId> empty;
  for (const LaneInfo& lane : *settled) {
    if (lanes_.LastOf(lane.lane.stream)->id != lane.id) empty.push_back(lane.id);
  }
  if (!empty.empty()) {
    if (Status ready = PrepareWal(DeleteCost::kJumpPages); !ready) return ready;
    sqlite::Transaction transaction(*db_);
    if (Status begun = transaction.Begin(); !begun) return begun;
    for (const LaneId id : empty) {
      if (Status deleted = lanes_.Delete(id); !deleted) return deleted;
    }
    if (Status committed = transaction.Commit(); !committed) return committed;
    for (const LaneId id : empty) lanes_.Forget(id);
  }
  while (lanes_.all().size() >= LaneTable::kMaxLanes) {
    LaneId oldest = 0;
    for (const auto& [id, info] : lanes_.all()) {
      if (lanes_.LastOf(info.lane.stream)->id == id) continue;
      oldest = id;
      break;
    }
    if (oldest == 0) {
      return Fail(ErrorCode::kResourceExhausted, "the buffer knows %zu streams, which is its limit",
                  lanes_.all().size());
    }
    if (Status dropped = DropLane(oldest); !dropped) return dropped;
  }
  return {};
}

// Gives up a whole lane, its records and its unreported evictions: only after kMaxLanes starts that could
// not send what they left.
Status SpoolFile::DropLane(LaneId id) {
  uint64_t dropped = 0;
  const uint64_t batch =
      std::max<uint64_t>(1, (limits_.wal_frames - kTransactionPages) / DeleteCost::kJumpPages);
  while (true) {
    Expected<std::vector<SpoolKey>> keys = records_.KeysOf(id, batch);
    if (!keys) return std::unexpected(keys.error());
    if (keys->empty()) break;
    if (Status removed = Remove(*keys); !removed) return removed;
    dropped += keys->size();
  }
  if (Status ready = PrepareWal(DeleteCost::kJumpPages); !ready) return ready;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status deleted = evicted_.RemoveLane(id); !deleted) return deleted;
  if (Status deleted = lanes_.Delete(id); !deleted) return deleted;
  if (Status counted = CountEvicted(dropped); !counted) return counted;
  if (Status committed = transaction.Commit(); !committed) return committed;
  const LaneInfo* const lane = lanes_.Find(id);
  logger_.Warning("buffer", "gave up the lane of epoch %llu with %llu records: %zu lanes are the limit",
                  static_cast<unsigned long long>(lane->lane.epoch), static_cast<unsigned long long>(dropped),
                  LaneTable::kMaxLanes);
  evicted_records_ += dropped;
  lanes_.Forget(id);
  return {};
}

Status SpoolFile::Adopt(std::span<const LaneInfo> lanes, uint64_t records) {
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  for (const LaneInfo& lane : lanes) {
    if (Status inserted = lanes_.Insert(lane); !inserted) return inserted;
    if (lane.high == 0) continue;
    if (Status added = evicted_.Add(lane.id, {1, lane.high}); !added) return added;
  }
  if (Status counted = CountEvicted(records); !counted) return counted;
  if (Status committed = transaction.Commit(); !committed) return committed;
  for (const LaneInfo& lane : lanes) lanes_.Put(lane);
  evicted_records_ += records;
  return {};
}

Status SpoolFile::EndLane(LaneId id, uint64_t high) {
  const LaneInfo* const found = lanes_.Find(id);
  if (found == nullptr) {
    return Fail(ErrorCode::kNotFound, "lane %lld is not in the buffer", static_cast<long long>(id));
  }
  LaneInfo ended = *found;
  ended.ended_clean = true;
  ended.high = high;
  if (Status ready = PrepareWal(1); !ready) return ready;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status updated = lanes_.Update(ended); !updated) return updated;
  if (Status committed = transaction.Commit(); !committed) return committed;
  lanes_.Put(ended);
  return {};
}

Status SpoolFile::Append(std::span<const Spool::Entry> entries) {
  for (const Spool::Entry& entry : entries) {
    if (Status valid = CheckEntry(lanes_, entry); !valid) return valid;
  }
  while (!entries.empty()) {
    size_t count = 0;
    AppendCost cost;
    // One transaction, unless it would outgrow the WAL.
    while (count < entries.size()) {
      const Spool::Entry& next = entries[count];
      AppendCost with_next = cost;
      with_next.Add(next.envelope->body.size(), next.envelope->seq > lanes_.Find(next.lane)->high);
      if (count > 0 && with_next.pages() + kTransactionPages > limits_.wal_frames) break;
      cost = with_next;
      ++count;
    }
    if (Status room = MakeRoom(cost.pages()); !room) return room;
    if (Status appended = AppendChunk(entries.first(count)); !appended) return appended;
    entries = entries.subspan(count);
  }
  return {};
}

Status SpoolFile::AppendChunk(std::span<const Spool::Entry> entries) {
  uint64_t stored = 0;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  for (const Spool::Entry& entry : entries) {
    const Expected<bool> inserted = records_.Insert(*db_, entry.lane, *entry.envelope);
    if (!inserted) return std::unexpected(inserted.error());
    if (*inserted) ++stored;
  }
  if (Status committed = transaction.Commit(); !committed) return committed;
  records_.CountStored(stored);
  for (const Spool::Entry& entry : entries) lanes_.RaiseHigh(entry.lane, entry.envelope->seq);
  return records_.RefreshEnds();
}

Status SpoolFile::Remove(std::span<const SpoolKey> keys) {
  const uint64_t budget = limits_.wal_frames - kTransactionPages;
  const std::vector<LaneRun> runs = RunsOf(keys, budget - DeleteCost::kJumpPages);
  size_t from = 0;
  while (from < runs.size()) {
    DeleteCost cost;
    size_t to = from;
    while (to < runs.size()) {
      DeleteCost with_next = cost;
      with_next.AddRun(runs[to].range.last - runs[to].range.first + 1);
      if (to > from && with_next.pages() > budget) break;
      cost = with_next;
      ++to;
    }
    if (Status ready = PrepareWal(cost.pages()); !ready) return ready;
    if (Status removed = RemoveRuns(std::span(runs).subspan(from, to - from)); !removed) return removed;
    from = to;
  }
  return records_.RefreshEnds();
}

Status SpoolFile::RemoveRuns(std::span<const LaneRun> runs) {
  uint64_t deleted = 0;
  std::vector<LaneId> touched;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  for (const LaneRun& run : runs) {
    const Expected<uint64_t> rows = records_.DeleteRange(*db_, run.lane, run.range);
    if (!rows) return std::unexpected(rows.error());
    deleted += *rows;
    if (*rows != 0 && (touched.empty() || touched.back() != run.lane)) touched.push_back(run.lane);
  }
  for (const LaneId id : touched) {
    if (Status stored = StoreHigh(id); !stored) return stored;
  }
  if (Status committed = transaction.Commit(); !committed) return committed;
  for (const LaneId id : touched) lanes_.MarkHighStored(id);
  records_.CountDeleted(deleted);
  return {};
}

// Before the records that show it go, the lane's row says how far its seqs came.
Status SpoolFile::StoreHigh(LaneId id) {
  if (lanes_.HighIsStored(id)) return {};
  return lanes_.Update(*lanes_.Find(id));
}

Status SpoolFile::CountEvicted(uint64_t records) {
  return sqlite::Query(count_evicted_).Int(static_cast<int64_t>(records)).Run();
}

Status SpoolFile::ClearEvicted(std::span<const Evicted> reported) {
  if (Status ready = PrepareWal(kTransactionPages); !ready) return ready;
  sqlite::Transaction transaction(*db_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  for (const Evicted& range : reported) {
    if (Status removed = evicted_.Remove(range); !removed) return removed;
  }
  return transaction.Commit();
}

}  // namespace picket
