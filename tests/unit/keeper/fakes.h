// A broker and a disk that a test owns.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/forward/producer.h"
#include "agent/keeper/producer_link.h"
#include "agent/spool/spool.h"

namespace picket {

// The cluster as the test wants it. Producers come and go; this stays.
struct FakeCluster {
  struct Sent {
    std::string topic;
    std::string value;
    uint64_t epoch = 0, seq = 0;
    uint32_t tag = 0;
    bool operator==(const Sent&) const = default;
  };

  // What became of everything in flight, at the next poll; empty topic: of all topics.
  void Answer(Delivery delivery, const std::string& error = {}) { AnswerTopic({}, delivery, error); }
  void AnswerTopic(const std::string& topic, Delivery delivery, const std::string& error = {}) {
    for (auto sent = in_flight.begin(); sent != in_flight.end();) {
      if (!topic.empty() && sent->topic != topic) {
        ++sent;
        continue;
      }
      reports.push_back({.tag = sent->tag, .delivery = delivery, .error = error});
      if (delivery == Delivery::kAcknowledged) stored.push_back(*sent);
      sent = in_flight.erase(sent);
    }
  }
  // How often a record was stored; 0: it is not there.
  size_t Stored(uint64_t seq, const std::string& topic = "t") const {
    return static_cast<size_t>(
        std::ranges::count_if(stored, [&](const Sent& s) { return s.seq == seq && s.topic == topic; }));
  }

  size_t queue_records = SIZE_MAX;
  std::map<std::string, Error> send_errors;  // topic -> what Send says
  std::vector<Sent> in_flight, stored;
  std::vector<DeliveryReport> reports;  // given at the next poll
  std::vector<ClusterEvent> events;     // the same
  std::vector<std::string> refreshed;
  bool fatal = false;
  bool refuses = false;  // to make a producer
  int made = 0;
  uint64_t answers = 0;  // ProduceAnswers
};

class FakeProducer : public Producer {
 public:
  FakeProducer(FakeCluster& cluster, Callbacks callbacks)
      : cluster_(cluster), callbacks_(std::move(callbacks)) {}
  Status Send(const Message& message) override {
    if (cluster_.in_flight.size() >= cluster_.queue_records)
      return Fail(ErrorCode::kResourceExhausted, "full");
    if (const auto error = cluster_.send_errors.find(*message.topic); error != cluster_.send_errors.end()) {
      return std::unexpected(error->second);
    }
    cluster_.in_flight.push_back(
        {*message.topic, std::string(message.value), message.epoch, message.seq, message.tag});
    return {};
  }
  void RefreshTopic(const std::string& topic) override { cluster_.refreshed.push_back(topic); }
  uint64_t ProduceAnswers() const override { return cluster_.answers; }
  int EventFd() const override { return -1; }
  void Poll() override {
    for (const ClusterEvent& event : std::exchange(cluster_.events, {})) callbacks_.on_event(event);
    for (const DeliveryReport& report : std::exchange(cluster_.reports, {})) callbacks_.on_delivery(report);
  }
  bool Fatal() const override { return cluster_.fatal; }

 private:
  FakeCluster& cluster_;
  const Callbacks callbacks_;
};

inline ProducerFactory FactoryOf(FakeCluster& cluster) {
  return [&cluster](Producer::Callbacks callbacks) -> Expected<std::unique_ptr<Producer>> {
    if (cluster.refuses) return Fail(ErrorCode::kConfig, "no such property");
    ++cluster.made;
    cluster.fatal = false;
    return std::make_unique<FakeProducer>(cluster, std::move(callbacks));
  };
}

// The file's content, which outlives the Spool objects of several runs.
struct FakeDisk {
  std::vector<LaneInfo> lanes;
  std::vector<SpooledRecord> records;
  std::vector<Evicted> evicted;
  uint64_t evicted_records = 0;
  bool broken = false;
  size_t appends = 0, removes = 0;

  bool Holds(const std::string& stream, uint64_t seq) const {
    return std::ranges::any_of(records, [&](const SpooledRecord& record) {
      return lanes[static_cast<size_t>(record.key.lane) - 1].lane.stream == stream && record.key.seq == seq;
    });
  }
};

class FakeSpool : public Spool {
 public:
  explicit FakeSpool(FakeDisk& disk) : disk_(disk) {}
  Expected<std::optional<LaneInfo>> LastLane(const std::string& stream) override {
    for (auto lane = disk_.lanes.rbegin(); lane != disk_.lanes.rend(); ++lane) {
      if (lane->lane.stream == stream) return *lane;
    }
    return std::nullopt;
  }
  Expected<LaneId> BeginLane(const Lane& lane, const std::string& topic, const std::string& boot_id,
                             uint32_t window_records) override {
    if (disk_.broken) return Broken();
    disk_.lanes.push_back({.id = static_cast<LaneId>(disk_.lanes.size()) + 1,
                           .lane = lane,
                           .topic = topic,
                           .boot_id = boot_id,
                           .window_records = window_records});
    return disk_.lanes.back().id;
  }
  Status EndLane(LaneId lane, uint64_t high) override {
    if (disk_.broken) return Broken();
    LaneInfo& info = disk_.lanes[static_cast<size_t>(lane) - 1];
    info.ended_clean = true;
    info.high = high;
    return {};
  }
  Expected<LaneInfo> GetLane(LaneId lane) override { return disk_.lanes[static_cast<size_t>(lane) - 1]; }
  Expected<std::vector<LaneInfo>> SettledLanes() override {
    std::vector<LaneInfo> settled;
    for (const LaneInfo& lane : disk_.lanes) {
      const auto of_lane = [&lane](LaneId id) { return id == lane.id; };
      if (std::ranges::none_of(disk_.records, of_lane, [](const SpooledRecord& r) { return r.key.lane; }) &&
          std::ranges::none_of(disk_.evicted, of_lane, &Evicted::lane)) {
        settled.push_back(lane);
      }
    }
    return settled;
  }
  Status Append(std::span<const Entry> entries) override {
    if (disk_.broken) return Broken();
    ++disk_.appends;
    for (const Entry& entry : entries) {
      disk_.records.push_back({.key = {entry.lane, entry.envelope->seq}, .envelope = *entry.envelope});
      LaneInfo& lane = disk_.lanes[static_cast<size_t>(entry.lane) - 1];
      lane.high = std::max(lane.high, entry.envelope->seq);
    }
    return {};
  }
  Expected<std::vector<SpooledRecord>> Read(std::optional<SpoolKey> after, size_t max_records,
                                            size_t) override {
    auto from = disk_.records.begin();
    if (after) {
      from = std::ranges::find(disk_.records, *after, &SpooledRecord::key);
      from = from == disk_.records.end() ? disk_.records.begin() : std::next(from);
    }
    const auto left = static_cast<size_t>(disk_.records.end() - from);
    return std::vector<SpooledRecord>(from, from + static_cast<ptrdiff_t>(std::min(left, max_records)));
  }
  Status Remove(std::span<const SpoolKey> keys) override {
    if (disk_.broken) return Broken();
    ++disk_.removes;
    std::erase_if(disk_.records, [keys](const SpooledRecord& record) {
      return std::ranges::find(keys, record.key) != keys.end();
    });
    return {};
  }
  Expected<std::vector<Evicted>> UnreportedEvictions() override { return disk_.evicted; }
  Status ClearEvicted(std::span<const Evicted> reported) override {
    std::erase_if(disk_.evicted, [reported](const Evicted& evicted) {
      return std::ranges::any_of(reported, [&](const Evicted& told) {
        return told.lane == evicted.lane && told.range == evicted.range;
      });
    });
    return {};
  }
  SpoolStats Stats() const override {
    return {.records = disk_.records.size(), .evicted_records = disk_.evicted_records, .oldest = {}, .newest = {}};
  }

 private:
  static std::unexpected<Error> Broken() { return Fail(ErrorCode::kIo, "the device failed"); }
  FakeDisk& disk_;
};

}  // namespace picket
