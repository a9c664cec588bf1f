// Sends what lies in the spool, behind the present.
#pragma once

#include <optional>

#include "agent/keeper/keeper_parts.h"
#include "agent/keeper/sender.h"

namespace picket {

class Drainer {
 public:
  // Records looked at in one turn, so that a turn stays short.
  static constexpr size_t kMaxATurn = 1000;
  // With so many removals waiting (the spool fails to delete) nothing more is drained: they would be sent
  // again and again.
  static constexpr size_t kMaxRemovalsWaiting = 4 * Backlog::kRemoveBatch;

  Drainer(KeeperParts& parts, Sender& sender) : parts_(parts), sender_(sender) {}

  // Sends what may be sent now.
  void Drain(BootTime now);
  // Commits the removals that are due.
  void Tidy(BootTime now);
  // When time alone allows more; nullopt: a report or a new record comes first.
  std::optional<BootTime> NextWake() const;

 private:
  enum class Step : uint8_t { kGoOn, kWait };
  Step SendNext(BootTime now);
  bool BeginAgain(BootTime now);
  void SpoolFailed(const Error& error, BootTime now);

  KeeperParts& parts_;
  Sender& sender_;
  bool missed_ = false;        // a result passed by is to be read again
  bool facts_missed_ = false;  // a fact was passed by because its topic is refused
  std::optional<BootTime> wake_;
};

}  // namespace picket
