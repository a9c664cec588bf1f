#include "agent/doctor/doctor.h"

#include <sysexits.h>

#include "agent/doctor/machine_checks.h"
#include "agent/doctor/site_checks.h"
#include "agent/forward/producer_properties.h"
#include "doctor/budget.h"
#include "doctor/config_checks.h"
#include "doctor/kafka_checks.h"
#include "kafka/broker_error.h"

namespace picket {
namespace {

constexpr int kExitCross = 1;

std::string Summary(const AgentConfig& config) {
  return std::to_string(config.sites.size()) + (config.sites.size() == 1 ? " site, " : " sites, ") +
         std::to_string(config.kafka.brokers.size()) +
         (config.kafka.brokers.size() == 1 ? " broker" : " brokers");
}

void CheckKafka(const AgentConfig& config, const Clock& clock, const Budget& budget, Report* report) {
  Expected<Properties> properties = ProducerProperties({.kafka = config.kafka, .client_id = "picket-doctor"});
  if (!properties) {
    report->Area("kafka");
    return report->Fail("settings", properties.error().message, "correct kafka.librdkafka");
  }
  // An idempotent producer asks for a number of its own, which is a permission that a doctor does not need.
  properties->emplace_back("enable.idempotence", "false");
  KafkaChecks checks({.kafka = config.kafka,
                      .use = TopicUse::kWrites,
                      .session = {.properties = *std::move(properties),
                                  .describe =
                                      [&](int code, std::string_view reason) {
                                        BrokerError error = DescribeBrokerError(code, reason, config.kafka);
                                        return KafkaFault{std::move(error.kind), std::move(error.text)};
                                      },
                                  .read_certificate = nullptr,
                                  .describe_certificate = nullptr,
                                  .is_for_address = nullptr},
                      .open = KafkaSession::Open,
                      .clock = clock,
                      .budget = budget});
  checks.CheckBrokers(report);
  checks.CheckTopics(report);
}

}  // namespace

int RunDoctor(const Expected<LoadedConfig>& loaded, const Diagnostics& diagnostics,
              const DoctorOptions& options, const Clock& clock, FILE* out) {
  Report report(options.json ? nullptr : out, StyleOf(out));
  const Budget budget(clock);
  CheckConfiguration(diagnostics, loaded ? std::optional(Summary(loaded->config)) : std::nullopt, &report);
  if (loaded) {
    const AgentConfig& config = loaded->config;
    CheckMachine(config, clock, budget, &report);
    CheckBuffer(config, &report);
    CheckListen(config, budget, &report);
    CheckKafka(config, clock, budget, &report);
    if (options.probe_sites > 0)
      CheckSites(config, options.probe_sites, options.version, clock, budget, &report);
  }
  report.PrintSummary();
  if (options.json) fputs(report.Json().c_str(), out);
  if (!loaded) return EX_CONFIG;
  return report.Good() ? EX_OK : kExitCross;
}

}  // namespace picket
