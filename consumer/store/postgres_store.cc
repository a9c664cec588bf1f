#include "consumer/store/postgres_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "consumer/store/days.h"
#include "consumer/store/dead_letters.h"
#include "consumer/store/dimensions.h"
#include "consumer/store/ledger_rows.h"
#include "consumer/store/positions.h"
#include "consumer/store/result_rows.h"

namespace picket {

StoredCounts& StoredCounts::operator+=(const StoredCounts& other) {
  results += other.results;
  facts += other.facts;
  dead_letters += other.dead_letters;
  redelivered += other.redelivered;
  return *this;
}

namespace {

constexpr Day kDaysAhead = 2;  // so that a consumer that only starts tomorrow evening finds its partition

class PostgresStore : public Store {
 public:
  PostgresStore(PostgresStoreOptions options, GiveUp give_up, const Clock& clock, Logger& logger)
      : options_(std::move(options)), give_up_(std::move(give_up)), clock_(clock), logger_(logger) {}

  Status Connect() override {
    Forget();
    connection_.reset();
    Expected<std::unique_ptr<Connection>> opened = Connection::Open(options_.url, give_up_);
    if (!opened) return std::unexpected(std::move(opened).error());
    connection_ = *std::move(opened);
    if (Status prepared = options_.prepare(*connection_); !prepared) return prepared;
    logger_.Info("store", "connected to %s", connection_->Describe().c_str());
    return {};
  }

  Expected<std::vector<int64_t>> TakePositions(const std::vector<PartitionOrigin>& partitions) override {
    return picket::TakePositions(*connection_, options_.owner, partitions);
  }

  Expected<StoredCounts> Write(const Batch& batch) override {
    Expected<StoredCounts> written = WriteInTransaction(batch);
    if (!written) {
      // What was remembered may be what went wrong (a partition that another consumer dropped).
      Forget();
      // When this fails, too, the connection is gone and the transaction with it.
      (void)connection_->Run("ROLLBACK");
    }
    return written;
  }

  Status Maintain() override {
    std::set<Day> ahead;
    const Day today = DayOf(clock_.Wall());
    for (Day day = today; day <= today + kDaysAhead; ++day) ahead.insert(day);
    if (Status made = days_.Ensure(*connection_, ahead); !made) return made;
    if (!options_.retention) return {};
    const Day oldest = DayOf({clock_.Wall().us - options_.retention->count()});
    const Expected<std::vector<std::string>> dropped = DropDaysBefore(*connection_, oldest);
    if (!dropped) return std::unexpected(dropped.error());
    for (const std::string& name : *dropped)
      logger_.Info("store", "dropped %s: past its retention", name.c_str());
    if (!dropped->empty()) days_.Forget();
    return {};
  }

 private:
  void Forget() {
    days_.Forget();
    dimensions_.Forget();
  }

  Expected<StoredCounts> WriteInTransaction(const Batch& batch) {
    Connection& connection = *connection_;
    if (Status known = dimensions_.Resolve(connection, batch.records); !known) {
      return std::unexpected(std::move(known).error());
    }
    if (Status made = days_.Ensure(connection, DaysOf(batch)); !made)
      return std::unexpected(std::move(made).error());

    // Lock order everywhere: positions, then lanes by id.
    if (auto begun = connection.Run("BEGIN"); !begun) return std::unexpected(std::move(begun).error());
    if (Status moved = AdvancePositions(connection, options_.owner, batch.advances); !moved) {
      return std::unexpected(std::move(moved).error());
    }
    Expected<LedgerRows> ledger = LedgerRows::Lock(connection, LanesOf(batch));
    if (!ledger) return std::unexpected(std::move(ledger).error());
    Expected<StoredCounts> counts = StoreRecords(batch, *ledger);
    if (!counts) return counts;
    if (Status saved = ledger->Save(connection); !saved) return std::unexpected(std::move(saved).error());
    if (auto done = connection.Run("COMMIT"); !done) return std::unexpected(std::move(done).error());
    return counts;
  }

  static std::set<Day> DaysOf(const Batch& batch) {
    std::set<Day> days;
    for (const Record& record : batch.records) {
      if (const auto* row = std::get_if<ProbeRow>(&record.content)) days.insert(DayOf(row->ts));
    }
    return days;
  }

  // Sorted; those of the records and those that facts are about.
  std::vector<int32_t> LanesOf(const Batch& batch) const {
    std::set<int32_t> ids;
    for (const Record& record : batch.records) {
      if (record.id) ids.insert(dimensions_.LaneId(record.id->lane));
      if (const auto* fact = std::get_if<Fact>(&record.content)) {
        for (const LaneNews& news : fact->news) ids.insert(dimensions_.LaneId(news.lane));
      }
    }
    return {ids.begin(), ids.end()};
  }

  Expected<StoredCounts> StoreRecords(const Batch& batch, LedgerRows& ledger) {
    StoredCounts counts;
    CopyBuffer rows;
    for (const Record& record : batch.records) {
      std::optional<int32_t> lane_id;
      if (record.id) lane_id = dimensions_.LaneId(record.id->lane);
      if (std::holds_alternative<DeadLetter>(record.content)) {
        if (lane_id) ledger.Of(*lane_id).Note(RangeKind::kRejected, {record.id->seq, record.id->seq + 1});
        const Status put = InsertDeadLetter(*connection_, record, batch.advances[record.slot], lane_id);
        if (!put) return std::unexpected(put.error());
        ++counts.dead_letters;
        continue;
      }
      // The decoder gives rows and facts an identity, always.
      const uint64_t seq = record.id->seq;
      if (ledger.Of(*lane_id).IsReceived(seq)) {
        ledger.CountRedelivered(*lane_id);
        ++counts.redelivered;
        continue;
      }
      ledger.Of(*lane_id).Note(RangeKind::kReceived, {seq, seq + 1});
      if (const auto* row = std::get_if<ProbeRow>(&record.content)) {
        const ResultKeys keys = {*lane_id, dimensions_.SiteId(SiteOf(*row)),
                                 dimensions_.VerdictId(VerdictOf(*row))};
        AppendResultRow(*row, seq, keys, &rows);
        ++counts.results;
      } else {
        const Status applied = ApplyFact(std::get<Fact>(record.content), *lane_id, ledger);
        if (!applied) return std::unexpected(applied.error());
        ++counts.facts;
      }
    }
    if (counts.results > 0) {
      if (Status copied = connection_->Copy(kCopyResults, rows.Finish()); !copied) {
        return std::unexpected(std::move(copied).error());
      }
    }
    return counts;
  }

  Status ApplyFact(const Fact& fact, int32_t said_by, LedgerRows& ledger) {
    for (const LaneNews& news : fact.news) {
      const int32_t lane_id = dimensions_.LaneId(news.lane);
      for (const auto& [kind, span] : news.ranges) ledger.Of(lane_id).Note(kind, span);
      if (Status applied = ApplyNews(*connection_, lane_id, news); !applied) return applied;
    }
    return fact.skipped > 0 ? AddSkipped(*connection_, said_by, fact.skipped) : Status();
  }

  const PostgresStoreOptions options_;
  const GiveUp give_up_;
  const Clock& clock_;
  Logger& logger_;
  std::unique_ptr<Connection> connection_;
  Dimensions dimensions_;
  DayPartitions days_;
};

}  // namespace

std::unique_ptr<Store> MakePostgresStore(PostgresStoreOptions options, GiveUp give_up, const Clock& clock,
                                         Logger& logger) {
  return std::make_unique<PostgresStore>(std::move(options), std::move(give_up), clock, logger);
}

}  // namespace picket
