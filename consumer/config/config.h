// The consumer's configuration as plain data, and its way there from file, environment and flags.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "port/error.h"
#include "port/log.h"
#include "settings/diagnostics.h"
#include "settings/kafka_settings.h"
#include "settings/keys.h"
#include "settings/settings.h"

namespace picket {

struct BatchConfig {
  size_t records = 5000;                // 1 to 1,000,000
  std::chrono::milliseconds wait{500};  // 1 ms to 1 min
  size_t max_bytes = 16 << 20;          // 64 KiB to 1 GiB, of messages
};

struct ConsumerConfig {
  KafkaSettings kafka;
  std::string group = "picket-consumer";
  std::string database_url;  // secret: a URI or key=value pairs, as libpq takes them
  BatchConfig batch;
  std::optional<std::chrono::microseconds> raw_retention;  // 1 day to 10,000 days; empty: for ever
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

// The table of all keys: parser, print-config and docs/consumer.md follow it.
std::span<const Key> ConsumerKeys();

// What a command cannot do without.
struct Needs {
  bool kafka = true;
  bool database = true;
};

struct LoadedConsumerConfig {
  ConsumerConfig config;
  Settings settings;  // the values with their origins, for print-config
};

// kConfig: a line "FILE:LINE:COL: error: ..." for each error; warnings are in *diagnostics.
Expected<LoadedConsumerConfig> LoadConsumerConfig(const SettingsSources& sources, const Needs& needs,
                                                  Diagnostics* diagnostics);

}  // namespace picket
