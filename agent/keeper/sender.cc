#include "agent/keeper/sender.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/forward/kafka_errors.h"
#include "agent/keeper/stamper.h"

namespace picket {
namespace {
// How often it is looked whether the old producer is gone.
constexpr std::chrono::milliseconds kBurialCheck{100};
// After a failed connection a broker that is there answers within this, or another one does.
constexpr std::chrono::milliseconds kPatienceInTrouble{1000};
// Between two looks for the leaders of what is overdue.
constexpr std::chrono::seconds kLeaderQuestionPause{2};
}  // namespace

Sender::Sender(KeeperParts& parts, ProducerFactory factory)
    : parts_(parts),
      link_(std::move(factory),
            {.on_delivery = [this](const DeliveryReport& report) { OnReport(report); },
             .on_event = [this](const ClusterEvent& event) { parts_.health.OnEvent(event); }},
            parts.logger),
      pacer_(parts.config.drain_rate) {}

void Sender::Poll(BootTime now) {
  if (link_.Poll(now)) TakeBackAll();
  link_.Revive(now);
  WatchSilence(now);
  AskAboutTopics(now);
}

// While a leader moves a few answers say so, and soon an acknowledgement comes: only answers that go on for as long as
// a record may wait are a refusal.
void Sender::WatchSilence(BootTime now) {
  const Producer* producer = link_.Get();
  const auto& outstanding = parts_.window.Outstanding();
  if (producer == nullptr) return;
  answers_.Look(producer->ProduceAnswers(), now);
  if (outstanding.empty()) return;
  const std::optional<BootTime> overdue = OverdueAt();
  const bool is_overdue = overdue && *overdue <= now;
  if (now - std::max(outstanding.begin()->first, last_acknowledged_) >= parts_.config.spill_after) AskForLeaders(now);
  if (!answers_.Since()) {
    if (is_overdue) parts_.health.OnOverdue();
    return;
  }
  if (is_overdue) parts_.health.OnStalled();
  if (now - *answers_.Since() < parts_.config.spill_after || (next_complaint_ && now < *next_complaint_)) return;
  next_complaint_ = now + LineThrottle::kPause;
  parts_.health.OnUnacknowledged(now - std::max(outstanding.begin()->first, last_acknowledged_));
}

// A broker that comes back from a freeze says "no leader" for a moment. librdkafka 2.14 takes that for an answer and may
// not ask again before its periodic look, which comes every five minutes.
void Sender::AskForLeaders(BootTime now) {
  if (next_leader_question_ && now < *next_leader_question_) return;
  next_leader_question_ = now + kLeaderQuestionPause;
  std::set<std::string_view> topics;
  for (const auto& [since, id] : parts_.window.Outstanding()) {
    topics.insert(parts_.lanes[parts_.window.Find(id)->key.slot].topic);
  }
  for (const std::string_view topic : topics) link_.Get()->RefreshTopic(std::string(topic));
}

Status Sender::Renew() {
  if (Status replaced = link_.Replace(); !replaced) return replaced;
  TakeBackAll();
  probe_gate_.Open();
  status_gate_.Open();
  return {};
}

int Sender::EventFd() {
  return link_.Get() == nullptr ? -1 : link_.Get()->EventFd();
}

std::optional<BootTime> Sender::OverdueAt() const {
  const auto& outstanding = parts_.window.Outstanding();
  if (outstanding.empty() || parts_.health.Away()) return std::nullopt;
  const std::chrono::milliseconds patience = parts_.config.spill_after;
  const BootTime silent_since = std::max(outstanding.begin()->first, last_acknowledged_);
  return silent_since + (parts_.health.Troubled() ? std::min(patience, kPatienceInTrouble) : patience);
}

void Sender::SendFresh(BootTime now) {
  Window& window = parts_.window;
  queue_full_ = false;
  if (WaitsForClock()) {
    // Nothing, but what is on disk leaves the window below.
  } else if (!window.Alone().empty()) {
    // With nothing beside it: a batch is refused as a whole, and this tells which record it was about.
    const WindowId id = *window.Alone().begin();
    if (window.Outstanding().empty() && Gate(window.Find(id)->status).MaySend(0, now)) Send(id, now);
  } else {
    const std::vector<WindowId> ids(window.Unsent().begin(), window.Unsent().end());
    for (const WindowId id : ids) {
      if (link_.Get() == nullptr || queue_full_) break;
      if (Stalled() && !window.Outstanding().empty()) break;
      const HeldRecord& record = *window.Find(id);
      if (!Gate(record.status).MaySend(window.InFlight(record.status), now)) continue;
      if (parts_.config.mode == BufferMode::kAlways && !record.spooled) continue;
      Send(id, now);
    }
  }
  ReleaseSpooled();
}

bool Sender::MaySendBacklog(bool status, BootTime now) const {
  const Window& window = parts_.window;
  if (queue_full_ || WaitsForClock() || !window.Alone().empty()) return false;
  if (Stalled() && !window.Outstanding().empty()) return false;
  return Gate(status).MaySend(window.InFlight(status), now);
}

bool Sender::WaitsForClock() const {
  return !parts_.health.Met() && parts_.clock.Wall() < BuildTime();
}

bool Sender::Idle(BootTime now) const {
  const Window& window = parts_.window;
  if (WaitsForClock()) return true;
  return window.Outstanding().empty() && window.Alone().empty() &&
         std::ranges::none_of(window.Unsent(),
                              [&](WindowId id) { return Gate(window.Find(id)->status).MaySend(0, now); });
}

void Sender::DropRefusedFacts() {
  if (!status_refused_) return;
  ParkFacts();
  const std::set<WindowId> facts = parts_.window.Parked();
  if (facts.empty()) return;
  parts_.logger.Warning("kafka", "%zu facts are dropped: the status topic is refused", facts.size());
  parts_.metrics.facts_dropped += facts.size();
  for (const WindowId id : facts) parts_.window.Erase(id);
}

bool Sender::Send(WindowId id, BootTime now) {
  Producer* producer = link_.Get();
  if (producer == nullptr) return false;
  HeldRecord& record = *parts_.window.Find(id);
  const KnownLane& lane = parts_.lanes[record.key.slot];
  const Stamp stamp =
      std::exchange(record.envelope.stamp, CorrectedStamp(record.envelope.stamp, lane.boot_id, parts_.clock));
  message_.clear();
  AppendMessage(lane.lane, record.envelope, &message_);
  record.envelope.stamp = stamp;  // a later correction starts from what was stamped

  const Status sent = producer->Send({.topic = &lane.topic,
                                      .key = lane.lane.agent,
                                      .value = message_,
                                      .epoch = lane.lane.epoch,
                                      .seq = record.key.seq,
                                      .tag = static_cast<uint32_t>(id)});
  if (sent) {
    parts_.window.MarkSent(id, now);
    return true;
  }
  const std::string& why = sent.error().message;
  switch (sent.error().code) {
    case ErrorCode::kResourceExhausted:
      queue_full_ = true;
      break;
    case ErrorCode::kInvalidArgument:
      Reject(id, record, "too_large", why);
      break;
    case ErrorCode::kPermission:
      Refuse(id, record, Delivery::kRefused, "permission", why, now);
      break;
    case ErrorCode::kNotFound:
      Refuse(id, record, Delivery::kRefused, "unknown_topic", why, now);
      break;
    default:
      Refuse(id, record, Delivery::kFailed, "delivery", why, now);
      break;
  }
  return false;
}

void Sender::OnReport(const DeliveryReport& report) {
  const std::optional<WindowId> id = parts_.window.FindTag(report.tag);
  if (!id) return;  // given up meanwhile, and counted then
  HeldRecord& record = *parts_.window.Find(*id);
  const BootTime now = parts_.clock.Boot();
  switch (report.delivery) {
    case Delivery::kAcknowledged:
      Acknowledge(*id, record, now);
      break;
    case Delivery::kRejected:
      if (record.rejections > 0) {
        Reject(*id, record, report.kind, report.error);
      } else {
        parts_.window.MarkRejected(*id);
      }
      break;
    case Delivery::kRefused:
    case Delivery::kFailed:
      Refuse(*id, record, report.delivery, report.kind, report.error, now);
      break;
  }
}

void Sender::Acknowledge(WindowId id, HeldRecord& record, BootTime now) {
  ++(record.status ? parts_.metrics.acknowledged_status : parts_.metrics.acknowledged_probe);
  parts_.health.OnAcknowledged();
  link_.Works();
  last_acknowledged_ = now;
  if (link_.Get() != nullptr) answers_.Acknowledged(link_.Get()->ProduceAnswers());
  next_complaint_.reset();
  pacer_.Acknowledged(record.Bytes(), now);
  Gate(record.status).Acknowledged();
  if (record.status && std::exchange(status_refused_, false)) {
    parts_.logger.Info("kafka", "the status topic takes facts now");
  }
  if (record.spooled) parts_.backlog.Remove({*parts_.lanes[record.key.slot].id, record.key.seq}, now);
  parts_.window.Erase(id);
}

void Sender::Refuse(WindowId id, HeldRecord& record, Delivery delivery, std::string_view kind,
                    const std::string& why, BootTime now) {
  Gate(record.status).Failed(now);
  const std::string& topic = parts_.lanes[record.key.slot].topic;
  failed_topics_[record.status ? 1 : 0] = topic;
  if (record.status && delivery == Delivery::kRefused) {
    if (!std::exchange(status_refused_, true)) {
      parts_.health.Complain("status_topic",
                             "topic '" + topic + "' is refused (" + why +
                                 "): results flow on, the audit will say \"no status\"; create it and "
                                 "grant Write and Describe to change that");
    }
  } else if (delivery == Delivery::kRefused) {
    parts_.health.Complain(std::string(kind), "topic '" + topic + "' is refused (" + why + "): " +
                                                  std::string(CureOf(kind)) + "; results are kept and sent later");
  } else {
    parts_.health.Complain("delivery", "a record for '" + topic + "' was not delivered (" + why +
                                           "): it is kept and sent again");
  }
  PutBack(id, record);
}

void Sender::PutBack(WindowId id, HeldRecord& record) {
  if (record.spooled && record.rejections == 0) {
    missed_ = true;
    parts_.window.Erase(id);
  } else if (record.status && status_refused_) {
    parts_.window.MarkUnsent(id);
    ParkFacts();
  } else {
    parts_.window.MarkUnsent(id);
  }
}

void Sender::Reject(WindowId id, HeldRecord& record, std::string_view kind, const std::string& why) {
  ++parts_.metrics.rejected;
  const KnownLane& lane = parts_.lanes[record.key.slot];
  parts_.health.Complain(std::string(kind),
                         "record " + std::to_string(record.key.seq) + " of stream " + lane.lane.stream + " (" +
                             std::to_string(record.envelope.body.size()) + " bytes) is given up: no broker takes it for " +
                             "topic '" + lane.topic + "' (" + why + "): " + std::string(CureOf(kind)) +
                             "; the others are sent, the audit names it");
  parts_.losses.Rejected(record.key, why);
  if (record.spooled) {
    parts_.backlog.Remove({*parts_.lanes[record.key.slot].id, record.key.seq}, parts_.clock.Boot());
  }
  parts_.window.Erase(id);
}

void Sender::TakeBackAll() {
  while (!parts_.window.Outstanding().empty()) {
    const WindowId id = parts_.window.Outstanding().begin()->second;
    PutBack(id, *parts_.window.Find(id));
  }
}

void Sender::ReleaseSpooled() {
  std::vector<WindowId> released;
  for (const WindowId id : parts_.window.Unsent()) {
    if (parts_.window.Find(id)->spooled) released.push_back(id);
  }
  for (const WindowId id : released) parts_.window.Erase(id);
}

void Sender::ParkFacts() {
  Window& window = parts_.window;
  std::vector<WindowId> facts;
  for (const WindowId id : window.Unsent()) {
    const HeldRecord& record = *window.Find(id);
    if (record.status && !record.spooled) facts.push_back(id);
  }
  for (const WindowId id : facts) window.Park(id);
  while (window.Parked().size() > kMaxParkedFacts) {
    ++parts_.metrics.facts_dropped;
    window.Erase(*window.Parked().begin());
  }
}

void Sender::AskAboutTopics(BootTime now) {
  Producer* producer = link_.Get();
  if (producer == nullptr) return;
  for (const bool status : {false, true}) {
    if (Gate(status).TakeRefresh(now)) producer->RefreshTopic(failed_topics_[status ? 1 : 0]);
  }
  if (status_gate_.MaySend(parts_.window.InFlight(true), now)) parts_.window.UnparkAll(now);
}

std::optional<BootTime> Sender::NextWake(BootTime now) const {
  std::optional<BootTime> next = OverdueAt();
  if (const auto revive = link_.ReviveAt()) {
    const BootTime look = std::max(*revive, now + kBurialCheck);
    if (!next || look < *next) next = look;
  }
  for (const StreamGate* gate : {&probe_gate_, &status_gate_}) {
    if (!gate->Closed() || gate->NextChange() <= now) continue;  // past: what is open now waits for a report
    if (!next || gate->NextChange() < *next) next = gate->NextChange();
  }
  return next;
}

}  // namespace picket
