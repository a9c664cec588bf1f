#include "agent/spool/spool.h"

#include <algorithm>
#include <utility>

#include "agent/spool/set_aside.h"
#include "agent/spool/spool_file.h"
#include "port/files.h"

namespace picket {
namespace {

// Errors after which the connection's state is no longer known to match the disk.
bool IsFault(ErrorCode code) {
  switch (code) {
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
      return false;
    default:
      return true;
  }
}

// Keeps one file open through faults: after one, the next call closes and reopens it (or starts a new one
// in place of a damaged one) before it does anything else.
class SpoolOnFile : public Spool {
 public:
  SpoolOnFile(SpoolOptions options, const Clock& clock, Logger& logger)
      : options_(std::move(options)),
        limits_(LimitsFor(options_.max_bytes)),
        clock_(clock),
        logger_(logger) {}

  Status Start() { return OpenFile(); }

  Expected<std::optional<LaneInfo>> LastLane(const std::string& stream) override {
    return WithFile([&](SpoolFile& file) -> Expected<std::optional<LaneInfo>> {
      const LaneInfo* const lane = file.lanes().LastOf(stream);
      return lane == nullptr ? std::nullopt : std::optional<LaneInfo>(*lane);
    });
  }

  Expected<LaneId> BeginLane(const Lane& lane, const std::string& topic, const std::string& boot_id,
                             uint32_t window_records) override {
    return WithFile([&](SpoolFile& file) { return file.BeginLane(lane, topic, boot_id, window_records); });
  }

  Status EndLane(LaneId lane, uint64_t high) override {
    return WithFile([&](SpoolFile& file) { return file.EndLane(lane, high); });
  }

  Expected<LaneInfo> GetLane(LaneId lane) override {
    return WithFile([&](SpoolFile& file) -> Expected<LaneInfo> {
      const LaneInfo* const found = file.lanes().Find(lane);
      if (found != nullptr) return *found;
      return Fail(ErrorCode::kNotFound, "lane %lld is not in the buffer", static_cast<long long>(lane));
    });
  }

  Status Append(std::span<const Entry> entries) override {
    return WithFile([&](SpoolFile& file) { return file.Append(entries); });
  }

  Expected<std::vector<SpooledRecord>> Read(std::optional<SpoolKey> after, size_t max_records,
                                            size_t max_bytes) override {
    return WithFile([&](SpoolFile& file) { return file.records().Read(after, max_records, max_bytes); });
  }

  Status Remove(std::span<const SpoolKey> keys) override {
    return WithFile([&](SpoolFile& file) { return file.Remove(keys); });
  }

  Expected<std::vector<LaneInfo>> SettledLanes() override {
    return WithFile([&](SpoolFile& file) { return file.SettledLanes(); });
  }

  Expected<std::vector<Evicted>> UnreportedEvictions() override {
    return WithFile([&](SpoolFile& file) { return file.evicted().List(); });
  }

  Status ClearEvicted(std::span<const Evicted> reported) override {
    return WithFile([&](SpoolFile& file) { return file.ClearEvicted(reported); });
  }

  SpoolStats Stats() const override {
    SpoolStats stats = last_counts_;
    stats.bytes = SpoolBytesOnDisk(options_.path);
    stats.max_bytes = options_.max_bytes;
    return stats;
  }

 private:
  template <typename Operation>
  auto WithFile(Operation operation) -> decltype(operation(std::declval<SpoolFile&>())) {
    if (file_ == nullptr || fault_) {
      if (Status reopened = Reopen(); !reopened) return std::unexpected(reopened.error());
    }
    auto result = operation(*file_);
    NoteCounts();
    if (!result && (IsFault(result.error().code) || file_->broken())) {
      fault_ = result.error().code;
      logger_.Error("buffer", "%s: %s", options_.path.c_str(), result.error().message.c_str());
    }
    return result;
  }

  void NoteCounts() {
    last_counts_.records = file_->records().records();
    last_counts_.oldest = file_->records().oldest();
    last_counts_.newest = file_->records().newest();
    last_counts_.evicted_records = file_->evicted_records();
  }

  Status Reopen() {
    if (file_ != nullptr) {
      if (fault_ == ErrorCode::kCorrupt) {
        RememberLanes();
        damaged_ = true;
      } else if (Status discarded = file_->DiscardUnfinished(); !discarded) {
        return discarded;  // still open, still locked: tried again at the next call
      }
      file_->Abandon();
      file_.reset();
      fault_.reset();
    }
    if (Status opened = OpenFile(); !opened) return opened;
    logger_.Info("buffer", "%s is open again with %llu records", options_.path.c_str(),
                 static_cast<unsigned long long>(last_counts_.records));
    return {};
  }

  void RememberLanes() {
    lost_lanes_.clear();
    for (const auto& [id, lane] : file_->lanes().all()) lost_lanes_.push_back(lane);
    lost_records_ = last_counts_.records;
  }

  // Opens the file, or replaces a damaged one. A second damaged one in a row is the device's fault.
  Status OpenFile() {
    for (const bool last_try : {false, true}) {
      if (damaged_) {
        if (Status replaced = Replace(); !replaced) return replaced;
      }
      std::vector<LaneInfo> lanes;
      Expected<std::unique_ptr<SpoolFile>> file = SpoolFile::Open(options_.path, limits_, logger_, &lanes);
      if (file) {
        if (Status adopted = AdoptLanes(**file); !adopted) {
          (*file)->Abandon();
          return adopted;
        }
        file_ = std::move(*file);
        NoteCounts();
        return {};
      }
      if (file.error().code != ErrorCode::kCorrupt) return OpenFailure(std::move(file.error()));
      logger_.Error("buffer", "%s is damaged: %s", options_.path.c_str(), file.error().message.c_str());
      if (lost_lanes_.empty()) lost_lanes_ = std::move(lanes);
      damaged_ = true;
      if (last_try)
        return Fail(ErrorCode::kIo, "%s: %s", options_.path.c_str(), file.error().message.c_str());
    }
    return {};
  }

  Status Replace() {
    const Expected<std::string> moved = SetAside(options_.path, clock_.Wall());
    // kNotFound: an earlier try got as far as that.
    if (!moved && moved.error().code != ErrorCode::kNotFound) return std::unexpected(moved.error());
    if (moved) {
      logger_.Error("buffer", "moved the damaged %s to %s; a new one is begun", options_.path.c_str(),
                    moved->c_str());
    }
    damaged_ = false;
    return {};
  }

  Status AdoptLanes(SpoolFile& file) {
    if (lost_lanes_.empty()) return {};
    // Into an empty file only: otherwise it was adopted before an error further on.
    if (file.lanes().all().empty()) {
      if (Status adopted = file.Adopt(lost_lanes_, lost_records_); !adopted) return adopted;
    }
    lost_lanes_.clear();
    lost_records_ = 0;
    return {};
  }

  Status OpenFailure(Error error) const {
    if (error.code == ErrorCode::kAlreadyExists) {
      const std::optional<int> owner = LockOwner(options_.path);
      if (owner) {
        return Fail(error.code, "%s is in use by process %d", options_.path.c_str(), *owner);
      }
      return Fail(error.code, "%s is in use by another process", options_.path.c_str());
    }
    return std::unexpected(std::move(error).WithContext(options_.path));
  }

  const SpoolOptions options_;
  const SpaceLimits limits_;
  const Clock& clock_;
  Logger& logger_;
  std::unique_ptr<SpoolFile> file_;
  std::optional<ErrorCode> fault_;  // file_ is not to be used any more
  bool damaged_ = false;            // what is at the path is to be moved aside
  // Lanes of a damaged file, until the new one has them, and how many records went with it (if known).
  std::vector<LaneInfo> lost_lanes_;
  uint64_t lost_records_ = 0;
  SpoolStats last_counts_;
};

}  // namespace

const char* BufferCure(ErrorCode code) {
  switch (code) {
    case ErrorCode::kResourceExhausted:
      return "free space on the file system of buffer.path, or set buffer.path to another";
    case ErrorCode::kPermission:
      return "make the folder of buffer.path writable for the agent (is its file system mounted read-only?), or set "
             "buffer.path to another";
    default:
      return "check the disk of buffer.path";
  }
}

Expected<std::unique_ptr<Spool>> Spool::Open(const SpoolOptions& options, const Clock& clock,
                                             Logger& logger) {
  if (options.max_bytes < kMinSpoolBytes) {
    return Fail(ErrorCode::kInvalidArgument, "a buffer of %llu bytes is too small: at least %llu",
                static_cast<unsigned long long>(options.max_bytes),
                static_cast<unsigned long long>(kMinSpoolBytes));
  }
  if (Status made = MakeDirectories(DirectoryOf(options.path)); !made) return std::unexpected(made.error());
  auto spool = std::make_unique<SpoolOnFile>(options, clock, logger);
  if (Status started = spool->Start(); !started) return std::unexpected(started.error());
  return spool;
}

}  // namespace picket
