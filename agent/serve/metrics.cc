#include "agent/serve/metrics.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "record/envelope.h"

namespace picket {
namespace {

// One family at a time: HELP and TYPE once, then its samples.
class Page {
 public:
  void Family(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void Sample(uint64_t value, const std::string& labels = "") {
    char number[24];
    snprintf(number, sizeof number, " %" PRIu64 "\n", value);
    text_ += name_ + labels + number;
  }
  void Seconds(std::chrono::microseconds value) {
    char number[40];
    snprintf(number, sizeof number, " %.6f\n", static_cast<double>(value.count()) / 1e6);
    text_ += name_ + number;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

// {key="value"} with the three escapes of the format.
std::string Label(const char* key, const std::string& value) {
  std::string escaped;
  for (char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return std::string(key) + "=\"" + escaped + "\"";
}

std::string Labels(const std::string& inside) { return "{" + inside + "}"; }

}  // namespace

std::string RenderMetrics(const std::string& version, const std::string& agent, const Keeper& keeper,
                          const LoopMetrics& loop) {
  const KeeperMetrics& m = keeper.Metrics();
  const auto stream = [](std::string_view name) { return Labels(Label("stream", std::string(name))); };
  Page page;
  page.Family("picket_info", "gauge", "Version and identity of this agent.");
  page.Sample(1, Labels(Label("version", version) + "," + Label("agent", agent)));

  page.Family("picket_probes_total", "counter", "Probes finished, by outcome.");
  page.Sample(m.probes_up, Labels(Label("outcome", "up")));
  page.Sample(m.probes_down, Labels(Label("outcome", "down")));
  page.Sample(m.probes_unknown, Labels(Label("outcome", "unknown")));
  page.Family("picket_probes_skipped_total", "counter",
              "Probes due and not started: still running, too many at once, or the queue was full.");
  page.Sample(loop.probes_skipped_total);
  page.Family("picket_probes_in_flight", "gauge", "Probes under way.");
  page.Sample(loop.probes_in_flight);
  page.Family("picket_loop_stall_seconds_max", "gauge", "Longest turn of the probe loop since the last scrape.");
  page.Seconds(loop.max_stall);

  page.Family("picket_records_stamped_total", "counter", "Records that got an identity.");
  page.Sample(m.stamped_probe, stream(kProbeStream));
  page.Sample(m.stamped_status, stream(kStatusStream));
  page.Family("picket_records_acknowledged_total", "counter", "Records the broker has confirmed.");
  page.Sample(m.acknowledged_probe, stream(kProbeStream));
  page.Sample(m.acknowledged_status, stream(kStatusStream));
  page.Family("picket_records_spooled_total", "counter", "Records copied to the buffer on disk.");
  page.Sample(m.spooled);
  page.Family("picket_records_rejected_total", "counter", "Records no broker would take.");
  page.Sample(m.rejected);

  page.Family("picket_queue_records", "gauge", "Finished probes waiting for the keeper.");
  page.Sample(m.queue_records);
  page.Family("picket_window_records", "gauge", "Records in memory, not yet confirmed.");
  page.Sample(m.window_records);
  page.Family("picket_buffer_records", "gauge", "Records in the buffer on disk.");
  page.Sample(m.buffer_records);
  page.Family("picket_buffer_bytes", "gauge", "Size of the buffer on disk.");
  page.Sample(m.buffer_bytes);
  page.Family("picket_buffer_evicted_total", "counter", "Records dropped because the buffer was full.");
  page.Sample(m.evicted);
  page.Family("picket_buffer_errors_total", "counter", "Operations of the buffer that failed, by kind.");
  const uint64_t full = m.spool_full;
  const uint64_t refused = m.spool_refused;
  const uint64_t all = m.spool_errors;
  page.Sample(full, Labels(Label("kind", "full")));
  page.Sample(refused, Labels(Label("kind", "permission")));
  page.Sample(all - std::min(all, full + refused), Labels(Label("kind", "io")));

  page.Family("picket_config_reloads_total", "counter",
              "Configurations read while running, by what became of them.");
  page.Sample(loop.reloads_applied, Labels(Label("result", "applied")));
  page.Sample(loop.reloads_refused, Labels(Label("result", "refused")));
  page.Family("picket_config_last_reload_successful", "gauge", "0 after a reload that was refused.");
  page.Sample(loop.last_reload_successful ? 1 : 0);

  page.Family("picket_kafka_connected", "gauge", "1 while a broker answers.");
  page.Sample(m.kafka_connected ? 1 : 0);
  page.Family("picket_kafka_errors_total", "counter", "Kafka errors, by kind.");
  for (const auto& [kind, count] : keeper.KafkaErrors()) page.Sample(count, Labels(Label("kind", kind)));
  return page.Take();
}

}  // namespace picket
