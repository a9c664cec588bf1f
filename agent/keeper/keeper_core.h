// The keeper without its thread: what happens to a finished probe from the queue to the broker's
// acknowledgement. One thread, no waiting; every neighbour is handed in, so that tests own them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/keeper/drained_lanes.h"
#include "agent/keeper/drainer.h"
#include "agent/keeper/keeper.h"
#include "agent/keeper/keeper_parts.h"
#include "agent/keeper/sender.h"
#include "agent/keeper/spiller.h"
#include "agent/keeper/stamper.h"
#include "port/entropy.h"

namespace picket {

class KeeperCore {
 public:
  // Losses the loop counts (skipped probes) are told when Turn finds them in metrics.probes_skipped.
  KeeperCore(const KeeperOptions& options, const Clock& clock, Entropy& entropy, Logger& logger, Spool& spool,
             ProducerFactory factory, KeeperMetrics& metrics);

  // kConfig when the producer refuses a property.
  Status Open() { return sender_.Open(); }

  // Whether Accept may be called: not before there are epochs, which needs the kernel's entropy. Before,
  // probes wait in the queue.
  bool Ready() const { return lanes_open_; }
  // Checks, stamps and holds one probe. Always finds room for it (see Spiller::MakeRoom).
  void Accept(FinishedProbe probe);

  // Does all that is due; when the next turn is due at the latest: earlier when EventFd is readable or a
  // probe comes.
  std::optional<BootTime> Turn();
  // Of the present producer; -1: none. May change in each Turn.
  int EventFd() { return sender_.EventFd(); }

  // Takes over what may change while it runs: see KeeperChanges. On an error nothing has changed; the factory
  // must then make producers as before.
  Status Change(const KeeperChanges& changes);

  // The end begins: stamps the end fact. No Accept after this.
  void BeginStop();
  // Nothing left to wait for: all is acknowledged, or the cluster is away.
  bool Settled() const;
  // Writes what is left to the spool and ends the lanes clean. An error says how many records were lost.
  Status FinishStop();
  ProducerLink& link() { return sender_.link(); }

  const ClusterHealth& health() const { return parts_.health; }
  // As of the last turn; safe from any thread.
  SpoolStats BufferStats() const;

 private:
  void OpenLanes(BootTime now);
  LaneSlot OpenLane(std::string_view stream, const std::string& topic, uint64_t epoch);
  void Hold(LaneSlot slot, Envelope envelope, bool status);
  void AddFact(std::string body);
  void TellLosses(BootTime now);
  void TellAllLosses(BootTime now);
  void TellSpoolEvictions();
  void TellDrainedLanes(BootTime now);
  void UpdateGauges();
  std::optional<BootTime> NextWake(BootTime now) const;

  const KeeperOptions options_;
  Entropy& entropy_;
  KeeperParts parts_;
  Sender sender_;
  Spiller spiller_;
  Drainer drainer_;
  DrainedLanes drained_;

  Stamper probes_, facts_;
  bool lanes_open_ = false;
  LaneSlot probe_slot_ = 0, status_slot_ = 0;
  Backoff entropy_wait_{std::chrono::milliseconds(200), std::chrono::seconds(2)};
  uint64_t skipped_told_ = 0;
  bool stopping_ = false;

  mutable std::mutex stats_mutex_;
  SpoolStats stats_;
};

}  // namespace picket
