#include "consumer/cli/commands.h"

#include <cstdio>
#include <memory>

#include "consumer/cli/exit_codes.h"
#include "consumer/cli/life_signs.h"
#include "consumer/cli/stop_signals.h"
#include "consumer/ingest/ingest.h"
#include "consumer/migrations/migrate.h"
#include "consumer/report/audit.h"
#include "consumer/report/audit_query.h"
#include "consumer/route/decoder.h"
#include "consumer/source/kafka_source.h"
#include "consumer/store/connection.h"
#include "consumer/store/postgres_store.h"
#include "port/complaints.h"
#include "port/service_manager.h"
#include "port/version.h"
#include "settings/values.h"

namespace picket {
namespace {

void LogStart(const ConsumerConfig& config, Logger& logger) {
  std::string retention = "for ever";
  if (config.raw_retention) {
    retention = FormatDuration(std::chrono::duration_cast<std::chrono::milliseconds>(*config.raw_retention));
  }
  logger.Info("config", "picket-consumer %s: topic %s, group %s, results are kept %s", kVersion,
              config.kafka.topic.c_str(), config.group.c_str(), retention.c_str());
}

Expected<std::unique_ptr<Connection>> Connect(const ConsumerConfig& config, StopSignals& signals) {
  return Connection::Open(config.database_url, [&signals] { return signals.Requested(); });
}

}  // namespace

Expected<int> RunConsumer(const ConsumerConfig& config, bool migrate, const Clock& clock, Entropy& entropy,
                          Logger& logger) {
  StopSignals signals(clock);
  Complaints complaints(clock, logger);
  const Expected<uint64_t> owner = RandomEpoch(entropy);
  if (!owner) return std::unexpected(owner.error());
  LogStart(config, logger);
  ServiceManager manager(ReadServiceEnvironment(), logger);
  LifeSigns life(manager, clock);
  const auto stop_requested = [&] {
    if (!signals.Requested()) return false;
    life.Stopping();
    return true;
  };

  const auto prepare = [&](Connection& connection) {
    return migrate ? Migrate(connection, logger) : CheckMigrated(connection);
  };
  const std::unique_ptr<Store> store = MakePostgresStore(
      {.url = config.database_url,
       .retention = config.raw_retention,
       .owner = static_cast<int64_t>(*owner),
       .prepare = prepare},
      [&] {
        life.Waiting();
        return signals.GraceIsOver();
      },
      clock, logger);
  const Expected<std::unique_ptr<Source>> source =
      OpenKafkaSource({.kafka = config.kafka, .group = config.group}, clock, logger, complaints);
  if (!source) return std::unexpected(source.error());
  Decoder decoder(config.kafka.StatusTopic(), config.raw_retention, clock);

  const BatchLimits limits = {config.batch.records, config.batch.wait, config.batch.max_bytes};
  Ingest ingest(limits, **source, *store, decoder, clock, logger, complaints, [&] {
    life.Turning();
    return stop_requested();
  });
  const Status done = ingest.Run();
  const StoredCounts& total = ingest.Total();
  logger.Info("store", "stopped: %llu results stored, %llu dead letters, %llu came again and were dropped",
              static_cast<unsigned long long>(total.results),
              static_cast<unsigned long long>(total.dead_letters),
              static_cast<unsigned long long>(total.redelivered));
  if (!done) {
    Error error = done.error();
    error.message += "; picket-consumer ends, messages wait in Kafka for its next start";
    return std::unexpected(std::move(error));
  }
  return EX_OK;
}

Expected<int> MigrateCommand(const ConsumerConfig& config, bool status_only, const Clock& clock,
                             Logger& logger) {
  StopSignals signals(clock);
  const auto connection = Connect(config, signals);
  if (!connection) return std::unexpected(connection.error());
  if (!status_only) {
    if (Status done = Migrate(**connection, logger); !done) return std::unexpected(std::move(done).error());
  }
  const Expected<std::vector<MigrationState>> state = ReadMigrationState(**connection);
  if (!state) return std::unexpected(state.error());
  for (const MigrationState& migration : *state) {
    printf("[%c] %s_%s\n", migration.applied ? 'x' : ' ', migration.version.c_str(), migration.name.c_str());
  }
  return EX_OK;
}

Expected<int> AuditCommand(const ConsumerConfig& config, bool json, const Clock& clock) {
  StopSignals signals(clock);
  const auto connection = Connect(config, signals);
  if (!connection) return std::unexpected(connection.error());
  if (Status ready = CheckMigrated(**connection); !ready) return std::unexpected(std::move(ready).error());
  const Expected<AuditInput> input = ReadAuditInput(**connection);
  if (!input) return std::unexpected(input.error());
  fputs((json ? AuditJson(*input) : AuditText(*input)).c_str(), stdout);
  return Sum(*input).Good() ? EX_OK : kExitAuditFailed;
}

}  // namespace picket
