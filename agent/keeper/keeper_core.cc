#include "agent/keeper/keeper_core.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "agent/keeper/facts.h"
#include "record/probe_result.h"

namespace picket {
namespace {

// Turns are not closer than this by time alone; events come at once.
constexpr std::chrono::milliseconds kMinSleep{10};

void Earlier(std::optional<BootTime>* next, std::optional<BootTime> candidate) {
  if (candidate && (!*next || *candidate < **next)) *next = candidate;
}

}  // namespace

KeeperCore::KeeperCore(const KeeperOptions& options, const Clock& clock, Entropy& entropy, Logger& logger,
                       Spool& spool, ProducerFactory factory, KeeperMetrics& metrics)
    : options_(options),
      entropy_(entropy),
      parts_(options.buffer, clock, logger, spool, metrics),
      sender_(parts_, std::move(factory)),
      spiller_(parts_),
      drainer_(parts_, sender_),
      drained_(parts_),
      probes_(clock),
      facts_(clock) {}

void KeeperCore::OpenLanes(BootTime now) {
  if (entropy_wait_.Waiting(now)) return;
  const Expected<uint64_t> probe_epoch = RandomEpoch(entropy_);
  const Expected<uint64_t> status_epoch = RandomEpoch(entropy_);
  if (!probe_epoch || !status_epoch) {
    if (!entropy_wait_.Failing()) {
      parts_.logger.Warning("keeper", "no random numbers yet, results wait: %s",
                            (probe_epoch ? status_epoch : probe_epoch).error().message.c_str());
    }
    entropy_wait_.Fail(now);
    return;
  }

  StartFact start{.stream = kProbeStream,
                  .topic = options_.kafka.topic,
                  .version = options_.version,
                  .lane_epoch = *probe_epoch,
                  .previous = {}};
  const Expected<std::optional<LaneInfo>> last = parts_.spool.LastLane(std::string(kProbeStream));
  if (!last) {
    parts_.logger.Warning("buffer", "how the last run ended is not known: %s", last.error().message.c_str());
  } else if (*last) {
    start.previous = {.epoch = (*last)->lane.epoch,
                      .clean = (*last)->ended_clean,
                      .high = (*last)->high,
                      .unaccounted_max = (*last)->window_records};
  }

  // Before the new lanes are written down: then the spool forgets those that have nothing left.
  const std::vector<std::string> drained = drained_.TakeFacts(now);
  probe_slot_ = OpenLane(kProbeStream, options_.kafka.topic, *probe_epoch);
  status_slot_ = OpenLane(kStatusStream, options_.kafka.StatusTopic(), *status_epoch);
  lanes_open_ = true;
  const bool after_a_kill = start.previous && !start.previous->clean;
  AddFact(FactBody(start));
  for (const std::string& fact : drained) AddFact(fact);
  // Only this start can say how a killed run ended, so that is made safe before anything else.
  if (after_a_kill && !spiller_.SpillAll(now)) return;  // counted and logged, and tried again like any record
}

LaneSlot KeeperCore::OpenLane(std::string_view stream, const std::string& topic, uint64_t epoch) {
  KnownLane lane{.lane = {.agent = options_.agent, .epoch = epoch, .stream = std::string(stream)},
                 .topic = topic,
                 .boot_id = parts_.clock.BootId(),
                 .id = {},
                 .this_run = true};
  const Expected<LaneId> id =
      parts_.spool.BeginLane(lane.lane, lane.topic, lane.boot_id, parts_.config.window_records);
  if (id) {
    lane.id = *id;
  } else {
    parts_.BufferTrouble(id.error(), "the start is written down later");
  }
  return parts_.lanes.Add(std::move(lane));
}

void KeeperCore::Accept(FinishedProbe probe) {
  if (options_.check) options_.check(&probe);
  switch (probe.result.outcome) {
    case Outcome::kUp:
      ++parts_.metrics.probes_up;
      break;
    case Outcome::kDown:
      ++parts_.metrics.probes_down;
      break;
    case Outcome::kUnknown:
      ++parts_.metrics.probes_unknown;
      break;
  }
  std::string body;
  AppendProbeBody(probe.result, &body);
  Hold(probe_slot_, probes_.Stamp(std::move(body), probe.started_wall, probe.started_boot), false);
  ++parts_.metrics.stamped_probe;
}

void KeeperCore::Hold(LaneSlot slot, Envelope envelope, bool status) {
  const BootTime now = parts_.clock.Boot();
  spiller_.MakeRoom(now);
  const RecordKey key{.slot = slot, .seq = envelope.seq};
  parts_.window.Add({.key = key, .envelope = std::move(envelope), .status = status, .since = now});
}

void KeeperCore::AddFact(std::string body) {
  Hold(status_slot_, facts_.StampNow(std::move(body)), true);
  ++parts_.metrics.stamped_status;
}

std::optional<BootTime> KeeperCore::Turn() {
  const BootTime now = parts_.clock.Boot();
  if (!lanes_open_ && !stopping_) OpenLanes(now);
  sender_.Poll(now);
  if (lanes_open_ && !stopping_) {
    TellLosses(now);
    TellSpoolEvictions();
  }
  spiller_.Spill(sender_.Stalled(), now);
  sender_.SendFresh(now);
  if (!stopping_) drainer_.Drain(now);
  drainer_.Tidy(now);
  if (spiller_.ForgetToldEvictions()) drained_.Changed();
  if (lanes_open_ && !stopping_) TellDrainedLanes(now);
  UpdateGauges();
  return NextWake(now);
}

void KeeperCore::TellLosses(BootTime now) {
  const uint64_t skipped = parts_.metrics.probes_skipped;
  parts_.losses.Skipped(skipped - std::exchange(skipped_told_, skipped));
  // A fact must not push out a record while the spool fails: losses add up in the book until then.
  if (parts_.window.Full() && spiller_.Failing()) return;
  const std::optional<BootTime> due = parts_.losses.Due();
  if (!due || (*due > now && !stopping_)) return;
  if (std::optional<std::string> fact = parts_.losses.TakeFact(parts_.lanes, now)) AddFact(*std::move(fact));
}

void KeeperCore::TellAllLosses(BootTime now) {
  while (!parts_.losses.Empty() && !parts_.window.Full()) {
    AddFact(*parts_.losses.TakeFact(parts_.lanes, now));
  }
}

void KeeperCore::TellSpoolEvictions() {
  std::map<LaneSlot, std::vector<Evicted>> by_lane;
  for (const Evicted& evicted : spiller_.NewEvictions()) {
    const Expected<LaneSlot> slot = parts_.lanes.Find(evicted.lane, parts_.spool);
    if (slot) by_lane[*slot].push_back(evicted);
  }
  for (auto& [slot, evictions] : by_lane) {
    const Lane lane = parts_.lanes[slot].lane;
    for (size_t at = 0; at < evictions.size(); at += LossBook::kMaxRangesAFact) {
      const size_t end = std::min(evictions.size(), at + LossBook::kMaxRangesAFact);
      std::vector<Evicted> part(evictions.begin() + static_cast<ptrdiff_t>(at),
                                evictions.begin() + static_cast<ptrdiff_t>(end));
      std::vector<SeqRange> ranges;
      for (const Evicted& evicted : part) {
        ranges.push_back(evicted.range);
        parts_.metrics.evicted += evicted.range.last - evicted.range.first + 1;
      }
      AddFact(EvictedFactBody(lane.stream, lane.epoch, ranges));
      spiller_.TellsOf({.slot = status_slot_, .seq = facts_.High()}, std::move(part));
    }
  }
}

void KeeperCore::TellDrainedLanes(BootTime now) {
  for (std::string& fact : drained_.TakeFacts(now)) AddFact(std::move(fact));
}

std::optional<BootTime> KeeperCore::NextWake(BootTime now) const {
  std::optional<BootTime> next;
  if (!lanes_open_) Earlier(&next, entropy_wait_.Until());
  Earlier(&next, spiller_.Due(sender_.Stalled()));
  Earlier(&next, sender_.NextWake(now));
  Earlier(&next, drainer_.NextWake());
  if (!(parts_.window.Full() && spiller_.Failing())) Earlier(&next, parts_.losses.Due());
  if (next) next = std::max(*next, now + kMinSleep);
  return next;
}

Status KeeperCore::Change(const KeeperChanges& changes) {
  if (changes.new_producer) {
    if (Status renewed = sender_.Renew(); !renewed) return renewed;
  }
  parts_.config.mode = changes.buffer.mode;
  parts_.config.spill_after = changes.buffer.spill_after;
  parts_.config.commit_interval = changes.buffer.commit_interval;
  parts_.config.drain_rate = changes.buffer.drain_rate;
  sender_.pacer().SetRate(changes.buffer.drain_rate);
  return {};
}

void KeeperCore::BeginStop() {
  const BootTime now = parts_.clock.Boot();
  if (lanes_open_) {
    TellLosses(now);
    TellAllLosses(now);
    AddFact(EndFactBody(kProbeStream, parts_.lanes[probe_slot_].lane.epoch, probes_.High()));
  }
  stopping_ = true;
}

bool KeeperCore::Settled() const {
  return sender_.Stalled() || sender_.Idle(parts_.clock.Boot());
}

Status KeeperCore::FinishStop() {
  const BootTime now = parts_.clock.Boot();
  TellAllLosses(now);  // what was given up while the last acknowledgements came
  sender_.DropRefusedFacts();
  const size_t unsafe = parts_.window.ToSpill().size();
  if (Status spilled = spiller_.SpillAll(now); !spilled) {
    return std::unexpected(std::move(spilled).error().WithContext(
        std::to_string(unsafe) + " records are lost at the end, and the next start will say so"));
  }
  spiller_.ForgetToldEvictions();
  if (Status removed = parts_.backlog.CommitRemovals(now); !removed) return removed;
  const std::pair<LaneSlot, uint64_t> lanes[] = {{probe_slot_, probes_.High()},
                                                 {status_slot_, facts_.High()}};
  for (const auto& [slot, high] : lanes) {
    if (!lanes_open_ || !parts_.lanes[slot].id) continue;
    if (Status ended = parts_.spool.EndLane(*parts_.lanes[slot].id, high); !ended) return ended;
  }
  return {};
}

void KeeperCore::UpdateGauges() {
  const SpoolStats stats = parts_.spool.Stats();
  {
    const std::lock_guard lock(stats_mutex_);
    stats_ = stats;
  }
  parts_.metrics.window_records = parts_.window.Records();
  parts_.metrics.buffer_records = stats.records;
  parts_.metrics.buffer_bytes = stats.bytes;
  parts_.metrics.kafka_connected = parts_.health.Connected();
}

SpoolStats KeeperCore::BufferStats() const {
  const std::lock_guard lock(stats_mutex_);
  return stats_;
}

}  // namespace picket
