#include "consumer/report/audit.h"

#include <algorithm>

#include "record/envelope.h"

namespace picket {
namespace {

bool IsResults(const LaneAccount& account) {
  return account.stream != kStatusStream;
}

}  // namespace

LaneVerdict Judge(const LaneAccount& account) {
  LaneVerdict verdict;
  const LaneLedger& ledger = account.ledger;
  verdict.received = ledger.Of(RangeKind::kReceived).Count();
  verdict.rejected = ledger.Of(RangeKind::kRejected).Count();
  verdict.evicted = ledger.Of(RangeKind::kEvicted).Count();
  verdict.holes = ledger.Holes(std::max(ledger.High(), account.high));

  uint64_t open = verdict.holes.Count();
  if (account.end == LaneEnd::kUnclean) {
    verdict.unaccounted_max = account.unaccounted_max;
    open -= std::min(open, account.unaccounted_max);
  }
  // Of a lane that nobody reported nothing is known that could explain a hole. Facts do not report their own
  // lane.
  const bool reported = account.version || account.end || !IsResults(account);
  (account.drained || !reported ? verdict.missing : verdict.pending) = open;

  if (IsResults(account)) {
    verdict.duplicates = account.rows - account.distinct_rows;
    verdict.row_difference =
        static_cast<int64_t>(account.rows + account.expired) - static_cast<int64_t>(verdict.received);
  }
  return verdict;
}

AuditTotals Sum(const AuditInput& input) {
  AuditTotals totals;
  for (const LaneAccount& account : input.lanes) {
    const LaneVerdict verdict = Judge(account);
    if (IsResults(account)) {
      totals.received += verdict.received;
      totals.pending += verdict.pending;
      totals.unaccounted_max += verdict.unaccounted_max;
    }
    totals.rejected += verdict.rejected;
    totals.evicted += verdict.evicted;
    totals.missing += verdict.missing;
    totals.duplicates += verdict.duplicates;
    totals.redelivered += account.redelivered;
    totals.rows_differ |= verdict.row_difference != 0;
  }
  return totals;
}

}  // namespace picket
