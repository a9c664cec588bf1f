// Moves records from the window to the spool, and gives up the oldest when neither has room.
#pragma once

#include <optional>
#include <vector>

#include "agent/keeper/keeper_parts.h"
#include "agent/keeper/spill_policy.h"

namespace picket {

class Spiller {
 public:
  explicit Spiller(KeeperParts& parts) : parts_(parts), policy_(parts.config) {}

  // Commits what is due; `stalled`: see Sender::Stalled.
  void Spill(bool stalled, BootTime now);
  std::optional<BootTime> Due(bool stalled) const { return policy_.Due(parts_.window, stalled); }

  // Afterwards the window takes a record: by a commit, or, while the spool fails, by giving up the oldest one
  // (results before facts, those not sent before those that may still be acknowledged).
  void MakeRoom(BootTime now);

  // Commits everything in the window that is not in the spool, now.
  Status SpillAll(BootTime now);
  bool Failing() const { return policy_.Failing(); }

  // What the spool's byte cap dropped and no fact has told yet; empty while the last one asked for is not
  // settled.
  std::vector<Evicted> NewEvictions();
  // The fact `key` names those: when it is safe itself, the spool may forget them.
  void TellsOf(const RecordKey& key, std::vector<Evicted> evictions);
  // True when the spool forgot some.
  bool ForgetToldEvictions();

 private:
  Status WriteLanesDown();
  void GiveUp(WindowId id);

  KeeperParts& parts_;
  SpillPolicy policy_;
  struct Told {
    RecordKey fact;
    std::vector<Evicted> evictions;
  };
  std::vector<Told> told_;
  std::optional<uint64_t> evicted_before_;  // the spool's count when it was last asked
};

}  // namespace picket
