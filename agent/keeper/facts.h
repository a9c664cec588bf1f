// The facts of the status stream: what the consumer's ledger cannot know by itself. Each becomes the body of
// a record (Envelope::body) on <topic>.status. One JSON object a fact, told apart by its member "fact";
// docs/delivery.md lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/spool/spool.h"

namespace picket {

struct StartFact {
  std::string_view stream, topic, version;
  uint64_t lane_epoch = 0;
  // The lane before this one; absent when the spool knows none: first start, or a buffer that was lost.
  struct Previous {
    uint64_t epoch = 0;
    bool clean = false;
    // Clean: all that were stamped. Unclean: a floor; at most `unaccounted_max` beyond it and beyond what was
    // received were in RAM only.
    uint64_t high = 0;
    uint64_t unaccounted_max = 0;
  };
  std::optional<Previous> previous;
};
std::string FactBody(const StartFact& fact);

// The lane ended in order with `high` seqs stamped.
std::string EndFactBody(std::string_view stream, uint64_t lane_epoch, uint64_t high);
// Records dropped: by the byte cap, or from RAM while the spool could not take them.
std::string EvictedFactBody(std::string_view stream, uint64_t lane_epoch, std::span<const SeqRange> ranges);
// Records no broker would take.
std::string RejectedFactBody(std::string_view stream, uint64_t lane_epoch, std::span<const SeqRange> ranges,
                             std::string_view reason);
// Of an earlier run's lane: the agent holds nothing of it any more, so what has not arrived is lost.
std::string DrainedFactBody(std::string_view stream, uint64_t lane_epoch);
// Due probes that were not started.
std::string SkippedFactBody(uint64_t count);

}  // namespace picket
