// What the keeper's classes share: one instance, owned by KeeperCore, used on the keeper's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "agent/keeper/backlog.h"
#include "agent/keeper/cluster_health.h"
#include "agent/keeper/keeper.h"
#include "agent/keeper/lane_directory.h"
#include "agent/keeper/loss_book.h"
#include "agent/keeper/window.h"
#include "agent/spool/spool.h"
#include "port/clock.h"
#include "port/log.h"

namespace picket {

struct KeeperParts {
  // Bytes that the window may hold for each record it may hold: several times a usual one.
  static constexpr size_t kBytesARecord = 2048;
  static size_t WindowBytes(const BufferConfig& config) {
    return std::clamp<size_t>(config.window_records * kBytesARecord, 256 << 10, 64 << 20);
  }

  KeeperParts(const BufferConfig& buffer, const Clock& clock, Logger& logger, Spool& spool,
              KeeperMetrics& metrics)
      : config(buffer),
        clock(clock),
        logger(logger),
        spool(spool),
        metrics(metrics),
        window(config.window_records, WindowBytes(config)),
        backlog(spool),
        health(clock, logger) {}

  // An operation of the spool failed: counted by kind, told at most once a minute with the cure and `meanwhile`.
  void BufferTrouble(const Error& error, const std::string& meanwhile);

  BufferConfig config;  // path, max_bytes and window_records stay as they were at the start
  const Clock& clock;
  Logger& logger;
  Spool& spool;
  KeeperMetrics& metrics;

  LaneDirectory lanes;
  Window window;
  Backlog backlog;
  LossBook losses;
  ClusterHealth health;
};

}  // namespace picket
