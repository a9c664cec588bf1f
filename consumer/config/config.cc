#include "consumer/config/config.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "settings/kafka_keys.h"
#include "settings/proxy_variables.h"

namespace picket {
namespace {

constexpr std::string_view kLogLevels[] = {"error", "warning", "info", "debug"};
constexpr std::string_view kLogFormats[] = {"text", "json"};
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;

std::vector<Key> MakeConsumerKeys() {
  std::vector<Key> keys = KafkaKeys();
  const Key own[] = {
      {.name = "kafka.group",
       .type = ValueType::kText,
       .fallback = "picket-consumer",
       .min = 1,
       .max = 249,
       .environment = "KAFKA_CONSUMER_GROUP",
       .help = "Consumer group: the members of one group share the partitions. One group a database."},
      {.name = "database.url",
       .type = ValueType::kText,
       .min = 1,
       .max = 4000,
       .environment = "DATABASE_URL",
       .secret = true,
       .help =
           "PostgreSQL, as `postgresql://user:password@host:5432/name` or `host=... dbname=...`. Required."},
      {.name = "batch.records",
       .type = ValueType::kInteger,
       .fallback = "5000",
       .min = 1,
       .max = 1'000'000,
       .help = "A batch of so many messages is stored, in one transaction."},
      {.name = "batch.wait",
       .type = ValueType::kDuration,
       .fallback = "500ms",
       .min = 1,
       .max = kMinuteMs,
       .help = "A smaller batch is stored so long after its first message."},
      {.name = "batch.max_bytes",
       .type = ValueType::kSize,
       .fallback = "16MiB",
       .min = 64 << 10,
       .max = 1 << 30,
       .help = "A batch whose messages take so much memory is stored."},
      {.name = "retention.raw",
       .type = ValueType::kDuration,
       .fallback = "30d",
       .min = kDayMs,
       .max = 10'000 * kDayMs,
       .unlimited = "forever",
       .help = "Results are dropped by the day when they are older. `forever`: never."},
      {.name = "log.level",
       .type = ValueType::kChoice,
       .fallback = "info",
       .choices = kLogLevels,
       .environment = "LOG_LEVEL",
       .help = "The least severe lines on stderr. Also `--log-level`."},
      {.name = "log.format",
       .type = ValueType::kChoice,
       .fallback = "text",
       .choices = kLogFormats,
       .environment = "PICKET_LOG_FORMAT",
       .help = "`json`: each line on stderr is an object with `ts`, `level`, `component` and `msg`. "
               "Also `--log-format`."},
  };
  keys.insert(keys.end(), std::begin(own), std::end(own));
  return keys;
}

// libpq takes any other text for the name of a local database, and "mysql://..." with it.
bool LooksLikeDatabaseUrl(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://") ||
         text.find('=') < text.find("://");  // a password may hold anything
}

std::optional<std::chrono::microseconds> ReadRetention(const Settings& settings) {
  const std::chrono::milliseconds raw = settings.Duration("retention.raw");
  if (raw == std::chrono::milliseconds::max()) return std::nullopt;
  return raw;
}

}  // namespace

std::span<const Key> ConsumerKeys() {
  static const std::vector<Key> keys = MakeConsumerKeys();
  return keys;
}

Expected<LoadedConsumerConfig> LoadConsumerConfig(const SettingsSources& sources, const Needs& needs,
                                                  Diagnostics* diagnostics) {
  LoadedConsumerConfig loaded{.config = {}, .settings = LoadSettings(ConsumerKeys(), sources, diagnostics)};
  const Settings& settings = loaded.settings;
  ConsumerConfig& config = loaded.config;
  WarnOfProxyVariables(settings.Variables(), "kafka.proxy", diagnostics);
  config.kafka = ReadKafkaSettings(settings, needs.kafka, diagnostics);
  config.group = settings.Text("kafka.group");
  config.database_url = settings.Text("database.url");
  if (needs.database && config.database_url.empty() && !settings.WasRefused("database.url")) {
    diagnostics->Error(settings.PlaceOf("database.url"),
                       "database.url: missing; set it, database.url_file, or DATABASE_URL");
  }
  if (!config.database_url.empty() && !LooksLikeDatabaseUrl(config.database_url)) {
    diagnostics->Error(settings.PlaceOf("database.url"),
                       "database.url: must be postgresql://user:password@host:5432/name or host=... dbname=...");
  }
  config.batch.records = static_cast<size_t>(settings.Integer("batch.records"));
  config.batch.wait = settings.Duration("batch.wait");
  config.batch.max_bytes = static_cast<size_t>(settings.Integer("batch.max_bytes"));
  config.raw_retention = ReadRetention(settings);
  if (!ParseLogLevel(settings.Text("log.level"), &config.log_level))
    std::abort();  // the table has LogLevel's names
  config.log_format = settings.Text("log.format") == "json" ? LogFormat::kJson : LogFormat::kText;
  if (Status good = diagnostics->Result(); !good) return std::unexpected(std::move(good).error());
  return loaded;
}

}  // namespace picket
