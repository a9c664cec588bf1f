// Whether every record is accounted for: the ledger's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consumer/ledger/lane_ledger.h"
#include "consumer/route/records.h"

namespace picket {

// What the database knows of one lane.
struct LaneAccount {
  LaneKey lane;
  std::string stream;
  std::optional<std::string> version;  // empty: the agent's side was not reported
  std::optional<LaneEnd> end;
  uint64_t high = 0;  // as the agent said; 0: it did not
  uint64_t unaccounted_max = 0;
  bool drained = false;
  uint64_t redelivered = 0;
  uint64_t skipped = 0;
  uint64_t expired = 0;  // rows dropped by the retention
  std::optional<std::string> rejected_reason;
  LaneLedger ledger;
  uint64_t rows = 0;  // of table result
  uint64_t distinct_rows = 0;
};

// Each number of a lane up to the highest known one is in exactly one of received, rejected, evicted,
// missing, pending, or among the unaccounted.
struct LaneVerdict {
  uint64_t received = 0;
  uint64_t rejected = 0;
  uint64_t evicted = 0;
  uint64_t pending = 0;  // not here, and may still be in the agent's buffer
  uint64_t missing = 0;  // not here, and the agent has it no more: lost without a name
  uint64_t unaccounted_max =
      0;                    // of a killed agent: so many at most were lost, here or above the highest number
  uint64_t duplicates = 0;  // rows too many in table result
  int64_t row_difference = 0;  // rows in table result less rows the ledger expects; 0 when all is well
  RangeSet holes;              // the numbers that are pending, missing or unaccounted
};

// A hole of a lane that its agent reported is missing only when that is proven: the agent said that its
// buffer holds nothing more of the lane (`drained`), and the hole is not within what a kill may have lost. Of
// a lane that was never reported every hole is missing: nothing explains it.
LaneVerdict Judge(const LaneAccount& account);

struct AuditTotals {
  uint64_t received = 0;  // of result streams; all others of all streams
  uint64_t rejected = 0;
  uint64_t evicted = 0;
  uint64_t pending = 0;  // of result streams
  uint64_t missing = 0;
  uint64_t unaccounted_max = 0;  // of result streams
  uint64_t duplicates = 0;
  uint64_t redelivered = 0;
  bool rows_differ = false;

  // Nothing is lost without a name, and the tables agree.
  bool Good() const { return missing == 0 && duplicates == 0 && !rows_differ; }
};

struct AuditInput {
  std::vector<LaneAccount> lanes;  // by agent, stream, first seen
  uint64_t dead_letters = 0;
  uint64_t nameless_dead_letters = 0;  // nothing in them says which record they were
};

AuditTotals Sum(const AuditInput& input);

// For people; the last line is "received N, missing M, duplicates D" and what else is to be said.
std::string AuditText(const AuditInput& input);
// One JSON object with the same content.
std::string AuditJson(const AuditInput& input);

}  // namespace picket
