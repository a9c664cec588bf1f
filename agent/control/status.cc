#include "agent/control/status.h"

#include <string_view>

#include "agent/control/reply.h"
#include "agent/control/server.h"
#include "record/json_writer.h"

namespace picket {
namespace {

void Number(JsonWriter& json, std::string_view name, uint64_t value) {
  json.Key(name);
  json.Integer(static_cast<int64_t>(value));
}

void Text(JsonWriter& json, std::string_view name, std::string_view value) {
  json.Key(name);
  json.String(value);
}

void Time(JsonWriter& json, std::string_view name, const std::optional<WallTime>& time) {
  json.Key(name);
  if (time) {
    json.String(FormatTimestamp(*time));
  } else {
    json.Null();
  }
}

void WriteConfig(JsonWriter& json, const ConfigStatus& config) {
  json.Key("config");
  json.BeginObject();
  Text(json, "path", config.path);
  Number(json, "reloads_applied", config.applied);
  Number(json, "reloads_refused", config.refused);
  json.Key("last_reload_successful");
  json.Bool(config.last_successful);
  json.Key("restart_needed");
  json.BeginArray();
  for (const std::string& key : config.restart_needed) json.String(key);
  json.EndArray();
  json.EndObject();
}

void WriteKafka(JsonWriter& json, const ClusterState& kafka) {
  json.Key("kafka");
  json.BeginObject();
  Text(json, "state", ContactName(kafka.contact));
  Time(json, "since", kafka.since);
  json.Key("last_error");
  if (kafka.error_kind.empty()) {
    json.Null();
  } else {
    json.BeginObject();
    Text(json, "kind", kafka.error_kind);
    Text(json, "text", kafka.error_text);
    Time(json, "at", kafka.error_at);
    json.EndObject();
  }
  json.EndObject();
}

void WriteBuffer(JsonWriter& json, const BufferStatus& buffer) {
  const SpoolStats& stats = buffer.stats;
  json.Key("buffer");
  json.BeginObject();
  Text(json, "path", buffer.path);
  Number(json, "records", stats.records);
  Number(json, "bytes", stats.bytes);
  Number(json, "max_bytes", stats.max_bytes);
  json.Key("bytes_per_record");
  if (stats.records > 0) {
    json.Number(static_cast<double>(stats.bytes) / static_cast<double>(stats.records), 1);
  } else {
    json.Null();
  }
  Time(json, "oldest", stats.oldest);
  Time(json, "newest", stats.newest);
  Number(json, "evicted", stats.evicted_records);
  json.EndObject();
}

void WriteCounters(JsonWriter& json, const AgentStatus& status) {
  json.Key("probes");
  json.BeginObject();
  Number(json, "up", status.probes_up);
  Number(json, "down", status.probes_down);
  Number(json, "unknown", status.probes_unknown);
  Number(json, "skipped", status.probes_skipped);
  Number(json, "in_flight", status.probes_in_flight);
  json.EndObject();
  json.Key("records");
  json.BeginObject();
  Number(json, "queued", status.queue_records);
  Number(json, "in_window", status.window_records);
  Number(json, "stamped", status.stamped);
  Number(json, "acknowledged", status.acknowledged);
  Number(json, "spooled", status.spooled);
  Number(json, "rejected", status.rejected);
  Number(json, "evicted", status.evicted);
  json.EndObject();
}

void WriteSite(JsonWriter& json, const SiteState& state) {
  json.BeginObject();
  Text(json, "name", state.site->name);
  Text(json, "url", state.site->url);
  json.Key("outcome");
  if (state.last) {
    const SiteState::Last& last = *state.last;
    json.String(OutcomeName(last.outcome));
    Time(json, "at", last.at);
    json.Key("error");
    if (last.error == ProbeError::kNone) {
      json.Null();
    } else {
      json.String(ProbeErrorName(last.error));
    }
    Text(json, "error_detail", last.detail);
    json.Key("status_code");
    json.IntegerOrNull(last.status_code);
    json.Key("response_time");
    json.NumberOrNull(last.response_time_ms, 3);
  } else {
    json.Null();
  }
  json.EndObject();
}

}  // namespace

const char* ContactName(ClusterState::Contact contact) {
  switch (contact) {
    case ClusterState::Contact::kConnected: return "connected";
    case ClusterState::Contact::kAway: return "away";
    case ClusterState::Contact::kNotYet: break;
  }
  return "not connected yet";
}

std::string StatusReply(const AgentStatus& status) {
  return SuccessReply([&](JsonWriter& json) {
    Text(json, "version", status.version);
    Text(json, "agent", status.agent);
    json.Key("pid");
    json.Integer(status.pid);
    Time(json, "started", status.started);
    json.Key("uptime_seconds");
    json.Integer(status.uptime.count());
    Time(json, "now", status.now);
    json.Key("clock_trusted");
    json.Bool(status.clock_trusted);
    WriteConfig(json, status.config);
    WriteKafka(json, status.kafka);
    WriteBuffer(json, status.buffer);
    WriteCounters(json, status);
    json.Key("sites");
    json.BeginObject();
    Number(json, "up", status.counts.up);
    Number(json, "down", status.counts.down);
    Number(json, "unknown", status.counts.unknown);
    Number(json, "no_result_yet", status.counts.waiting);
    json.Key("worst_first");
    std::string listed;
    JsonWriter list(&listed);
    list.BeginArray();
    for (const SiteState& state : status.sites) {
      if (listed.size() > ControlServer::kMaxReplyBytes / 2) break;
      WriteSite(list, state);
    }
    list.EndArray();
    json.Raw(listed);
    json.EndObject();
  });
}

std::string BufferStatsReply(const BufferStatus& buffer) {
  return SuccessReply([&](JsonWriter& json) { WriteBuffer(json, buffer); });
}

std::string StatusLine(const ClusterState& kafka, const SiteCounts& counts, const KeeperMetrics& metrics) {
  return std::string("kafka ") + ContactName(kafka.contact) + "; sites: " + std::to_string(counts.up) +
         " up, " + std::to_string(counts.down) + " down, " + std::to_string(counts.unknown + counts.waiting) +
         " unknown; records: " + std::to_string(metrics.window_records) + " in the window, " +
         std::to_string(metrics.buffer_records) + " in the buffer";
}

}  // namespace picket
