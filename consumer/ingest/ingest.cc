#include "consumer/ingest/ingest.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace picket {
namespace {

constexpr std::chrono::milliseconds kPollTime{100};
constexpr std::chrono::milliseconds kFirstBackoff{100};
constexpr std::chrono::milliseconds kLastBackoff{10'000};
constexpr std::chrono::minutes kMaintenancePeriod{60};
constexpr std::chrono::minutes kReportPeriod{1};
constexpr const char* kDatabaseKind = "database";
constexpr const char* kKafkaKind = "position";  // where to read on is not known

// What waiting cures. The rest needs a person.
bool Passes(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kAlreadyExists || code == ErrorCode::kIo;
}

}  // namespace

Ingest::Ingest(BatchLimits limits, Source& source, Store& store, Decoder& decoder, const Clock& clock,
               Logger& logger, Complaints& complaints, std::function<bool()> stop)
    : limits_(limits),
      source_(source),
      store_(store),
      decoder_(decoder),
      clock_(clock),
      logger_(logger),
      complaints_(complaints),
      stop_(std::move(stop)),
      next_attempt_(clock.Boot()),
      next_maintenance_(clock.Boot()),
      next_report_(clock.Boot() + kReportPeriod) {}

Status Ingest::Run() {
  Status result;
  while (result && !stop_()) {
    std::chrono::microseconds wait = kPollTime;
    if (!records_.empty()) wait = std::min(wait, batch_began_ + limits_.wait - clock_.Boot());
    wait = std::max(wait, std::chrono::microseconds(0));
    // Rounded up: a wait of 0 in the last millisecond would spin.
    result = Handle(source_.Poll(std::chrono::ceil<std::chrono::milliseconds>(wait)));
    if (result && !(connected_ && (positioned_ || !has_assignment_))) result = Recover();
    if (result && BatchIsDue()) result = Flush();
    if (result) result = MaintainIfDue();
    ReportIfDue();
  }
  if (result) result = Flush();
  source_.Close();
  return result;
}

Status Ingest::Handle(Source::Event event) {
  if (const auto* message = std::get_if<Message>(&event)) {
    if (positioned_) Gather(*message);
    return {};
  }
  if (auto* assigned = std::get_if<Source::Assigned>(&event)) {
    assignment_ = std::move(assigned->partitions);
    has_assignment_ = true;
    positioned_ = false;
    return {};
  }
  if (const auto* revoked = std::get_if<Source::Revoked>(&event)) {
    // Finished before the hand-over, unless another consumer may be at it already.
    Status flushed = revoked->lost ? Status() : Flush();
    records_.clear();
    slots_.clear();
    assignment_.clear();
    has_assignment_ = positioned_ = false;
    if (!flushed) return flushed;
    logger_.Info("kafka", "partitions %s",
                 revoked->lost ? "lost to the group: too slow, or cut off" : "handed over");
    return source_.Unassign();
  }
  if (const auto* error = std::get_if<Error>(&event)) return FallBack(*error, Fault::kKafka);
  return {};
}

void Ingest::Gather(const Message& message) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) {
    return s.origin.partition.partition == message.partition && s.origin.partition.topic == message.topic;
  });
  if (slot == slots_.end()) return;  // of an assignment that is no more
  const size_t index = static_cast<size_t>(slot - slots_.begin());
  const auto refused = refused_.find(slot->origin.partition);
  if (records_.empty()) {
    batch_began_ = clock_.Boot();
    batch_bytes_ = 0;
  }
  if (refused != refused_.end() && refused->second.offset == message.offset) {
    records_.push_back(decoder_.Refuse(message, index, refused->second.reason));
  } else {
    records_.push_back(decoder_.Decode(message, index));
  }
  batch_bytes_ += records_.back().bytes;
}

bool Ingest::BatchIsDue() const {
  return !records_.empty() && (records_.size() >= limits_.records || batch_bytes_ >= limits_.max_bytes ||
                               clock_.Boot() >= batch_began_ + limits_.wait);
}

Status Ingest::Recover() {
  if (clock_.Boot() < next_attempt_) return {};
  if (!connected_) {
    if (const Status opened = store_.Connect(); !opened) return FallBack(opened.error(), Fault::kDatabase);
    connected_ = true;
    next_maintenance_ = clock_.Boot();
  }
  if (!has_assignment_ || positioned_) return {};
  const Expected<std::vector<PartitionOrigin>> origins = source_.Describe(assignment_);
  if (!origins) return FallBack(origins.error(), Fault::kKafka);
  return TakePositions(*origins);
}

Status Ingest::TakePositions(const std::vector<PartitionOrigin>& origins) {
  const Expected<std::vector<int64_t>> positions = store_.TakePositions(origins);
  if (!positions) return FallBack(positions.error(), Fault::kDatabase);

  slots_.clear();
  std::vector<PartitionOffset> from;
  for (size_t i = 0; i < origins.size(); ++i) {
    slots_.push_back({origins[i], (*positions)[i]});
    from.push_back({origins[i].partition, (*positions)[i]});
    logger_.Info("kafka", "reading %s [%d] from %lld (the log has %lld to %lld)",
                 from[i].partition.topic.c_str(), from[i].partition.partition,
                 static_cast<long long>(from[i].offset), static_cast<long long>(origins[i].first_offset),
                 static_cast<long long>(origins[i].end_offset));
  }
  if (from.empty()) logger_.Info("kafka", "in the group, with no partition: others have them all");
  if (const Status assigned = source_.Assign(from); !assigned)
    return FallBack(assigned.error(), Fault::kKafka);
  records_.clear();
  positioned_ = true;
  return {};
}

Status Ingest::FallBack(const Error& error, Fault fault) {
  if (!Passes(error.code)) return std::unexpected(error);
  const char* component = fault == Fault::kDatabase ? "store" : "kafka";
  const char* kind = fault == Fault::kDatabase ? kDatabaseKind : kKafkaKind;
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLastBackoff);
  next_attempt_ = clock_.Boot() + backoff_;
  if (stop_()) {
    logger_.Warning(component, "%s; what was gathered is left to the next start", error.message.c_str());
  } else {
    complaints_.Tell(LogLevel::kWarning, component, kind,
                     error.message + "; messages wait in Kafka, it is tried again every 10 s at the latest");
  }
  records_.clear();
  slots_.clear();
  if (fault == Fault::kDatabase) connected_ = false;
  const bool was_reading = std::exchange(positioned_, false);
  if (!was_reading) return {};
  if (const Status paused = source_.Pause(); !paused) {
    // What comes all the same is dropped, and read again from the stored position.
    logger_.Warning("kafka", "%s", paused.error().message.c_str());
  }
  return {};
}

Status Ingest::Flush() {
  if (records_.empty() || !positioned_) return {};
  const Status stored = StoreRecords(std::exchange(records_, {}));
  // After a COMMIT whose answer was lost nobody knows what is stored: the positions say it.
  return stored ? stored : FallBack(stored.error(), Fault::kDatabase);
}

Status Ingest::StoreRecords(std::vector<Record> records) {
  Batch batch;
  std::vector<size_t> advance_of(slots_.size(), slots_.size());
  for (Record& record : records) {
    const Slot& slot = slots_[record.slot];
    size_t& advance = advance_of[record.slot];
    if (advance == slots_.size()) {
      advance = batch.advances.size();
      batch.advances.push_back({slot.origin.partition, slot.origin.topic_id, slot.next, slot.next});
    }
    batch.advances[advance].next = record.offset + 1;
  }
  // Records name their slot while they are ours, and their advance while they are the store's.
  std::vector<size_t> slot_of;
  for (Record& record : records) slot_of.push_back(std::exchange(record.slot, advance_of[record.slot]));
  batch.records = std::move(records);

  const Expected<StoredCounts> counts = store_.Write(batch);
  if (counts) {
    Stored(batch, *counts);
    return {};
  }
  if (counts.error().code != ErrorCode::kCorrupt) return std::unexpected(counts.error());

  // PostgreSQL refuses a value that the decoder let pass: find it by halves.
  for (size_t i = 0; i < slot_of.size(); ++i) batch.records[i].slot = slot_of[i];
  if (batch.records.size() == 1) {
    const TopicPartition& partition = batch.advances[0].partition;
    const int64_t offset = batch.records[0].offset;
    if (std::holds_alternative<DeadLetter>(batch.records[0].content)) {
      return Fail(ErrorCode::kInternal, "%s [%d] at %lld cannot even be stored as a dead letter: %s",
                  partition.topic.c_str(), partition.partition, static_cast<long long>(offset),
                  counts.error().message.c_str());
    }
    refused_[partition] = {offset, "PostgreSQL: " + counts.error().message};
    return Fail(ErrorCode::kAlreadyExists, "%s [%d] at %lld will be a dead letter: %s",
                partition.topic.c_str(), partition.partition, static_cast<long long>(offset),
                counts.error().message.c_str());
  }
  const auto middle = batch.records.begin() + static_cast<std::ptrdiff_t>(batch.records.size() / 2);
  std::vector<Record> second(std::make_move_iterator(middle), std::make_move_iterator(batch.records.end()));
  batch.records.erase(middle, batch.records.end());
  if (Status first = StoreRecords(std::move(batch.records)); !first) return first;
  return StoreRecords(std::move(second));
}

void Ingest::Stored(const Batch& batch, const StoredCounts& counts) {
  total_ += counts;
  complaints_.Over(kDatabaseKind);
  complaints_.Over(kKafkaKind);
  backoff_ = std::chrono::milliseconds(0);
  std::vector<PartitionOffset> offsets;
  for (const Advance& advance : batch.advances) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                   [&](const Slot& s) { return s.origin.partition == advance.partition; });
    slot->next = advance.next;
    offsets.push_back({advance.partition, advance.next});
    const auto refused = refused_.find(advance.partition);
    if (refused != refused_.end() && refused->second.offset < advance.next) refused_.erase(refused);
  }
  source_.CommitOffsets(offsets);
  logger_.Debug("store", "stored %llu results, %llu facts, %llu dead letters; %llu came again",
                static_cast<unsigned long long>(counts.results),
                static_cast<unsigned long long>(counts.facts),
                static_cast<unsigned long long>(counts.dead_letters),
                static_cast<unsigned long long>(counts.redelivered));
}

Status Ingest::MaintainIfDue() {
  if (!connected_ || clock_.Boot() < next_maintenance_) return {};
  next_maintenance_ = clock_.Boot() + kMaintenancePeriod;
  const Status done = store_.Maintain();
  return done ? done : FallBack(done.error(), Fault::kDatabase);
}

void Ingest::ReportIfDue() {
  if (clock_.Boot() < next_report_) return;
  next_report_ = clock_.Boot() + kReportPeriod;
  const uint64_t results = total_.results - reported_.results;
  const uint64_t letters = total_.dead_letters - reported_.dead_letters;
  const uint64_t again = total_.redelivered - reported_.redelivered;
  reported_ = total_;
  const std::string troubles = complaints_.TakeSummary();
  if (results + letters + again == 0 && troubles.empty()) return;
  logger_.Info("store", "last minute: %llu results stored, %llu dead letters, %llu came again and were dropped%s%s",
               static_cast<unsigned long long>(results), static_cast<unsigned long long>(letters),
               static_cast<unsigned long long>(again), troubles.empty() ? "" : "; errors: ", troubles.c_str());
}

}  // namespace picket
