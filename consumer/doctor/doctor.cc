#include "consumer/doctor/doctor.h"

#include <sysexits.h>

#include <utility>

#include "consumer/doctor/certificates.h"
#include "consumer/doctor/database_checks.h"
#include "consumer/source/broker_certificate.h"
#include "consumer/source/certificates.h"
#include "consumer/source/properties.h"
#include "doctor/budget.h"
#include "doctor/clock_check.h"
#include "doctor/config_checks.h"
#include "doctor/kafka_checks.h"
#include "kafka/broker_error.h"

namespace picket {
namespace {

using std::chrono::milliseconds;

constexpr int kExitCross = 1;
constexpr milliseconds kAnswerLimit{5000};

std::string Summary(const ConsumerConfig& config) {
  return std::to_string(config.kafka.brokers.size()) +
         (config.kafka.brokers.size() == 1 ? " broker" : " brokers") + ", topic " + config.kafka.topic +
         ", group " + config.group;
}

void CheckCa(const ConsumerConfig& config, WallTime now, Report* report) {
  const std::string& path = config.kafka.ca_file;
  if (path.empty()) return report->Ok("kafka CA", "the system's authorities");
  const Expected<TrustedCas> cas = ReadTrustedCas(path);
  if (!cas)
    return report->Fail("kafka CA", cas.error().message, "set kafka.ca_file to a PEM file of certificates");
  const CaFileFacts facts = ReadCaFile(cas->pem, now);
  const std::string text = path + ": " + std::to_string(facts.certificates) +
                           (facts.certificates == 1 ? " certificate" : " certificates");
  if (facts.certificates == 0) {
    return report->Fail("kafka CA", path + " holds no PEM certificate",
                        "set kafka.ca_file to a PEM file of certificates");
  }
  if (facts.expired == 0) return report->Ok("kafka CA", text);
  report->Warn("kafka CA", text + ", " + std::to_string(facts.expired) + " expired",
               "renew what expired in kafka.ca_file");
}

void CheckGroup(const ConsumerConfig& config, KafkaChecks& checks, const Budget& budget, Report* report) {
  report->Area("group " + config.group);
  if (checks.Session() == nullptr) return report->Skip("permission", "no broker took the login");
  if (budget.Over()) return report->Skip("permission", kBudgetOver);
  const auto facts = checks.Session()->Group(config.group, budget.Share(kAnswerLimit));
  const std::string grant = "let " + checks.Principal() + " read group '" + config.group +
                            "': kafka-acls --add --allow-principal " + checks.Principal() +
                            " --operation Read --group " + config.group +
                            "; or set kafka.group to one it may use";
  if (!facts) {
    if (facts.error().code == ErrorCode::kPermission) {
      return report->Fail("permission", checks.Principal() + " may not see the group", grant);
    }
    return report->Fail("permission", "the cluster does not tell: " + facts.error().message,
                        "see the broker's log");
  }
  if (facts->state == GroupFacts::State::kForbidden) {
    return report->Fail("permission", checks.Principal() + " may not use the group", grant);
  }
  if (facts->state == GroupFacts::State::kAbsent) {
    return report->Ok("permission", "may be seen, nobody joined it yet");
  }
  if (facts->state == GroupFacts::State::kFailed)
    return report->Skip("permission", "the broker does not tell: " + facts->error);
  if (facts->knows_rights && !facts->may_read) {
    return report->Fail("permission", checks.Principal() + " may see the group and not join it", grant);
  }
  report->Ok("permission", "may join; " + std::to_string(facts->members) +
                               (facts->members == 1 ? " member" : " members") + " now");
}

void CheckKafka(const ConsumerConfig& config, const Clock& clock, const Budget& budget, Report* report) {
  auto properties = ConsumerProperties(config.kafka, config.group);
  // Where they cannot be read, CheckCa has said so, and the handshake says it again.
  if (const auto cas = ReadTrustedCas(config.kafka.ca_file); cas && cas->count > 0) {
    properties.emplace_back("ssl.ca.pem", cas->pem);
  }
  KafkaChecks checks(
      {.kafka = config.kafka,
       .use = TopicUse::kReads,
       .session = {.properties = std::move(properties),
                   .describe =
                       [&](int code, std::string_view reason) {
                         BrokerError error = DescribeBrokerError(code, reason, config.kafka);
                         return KafkaFault{std::move(error.kind), std::move(error.text)};
                       },
                   .read_certificate = ReadBrokerCertificate,
                   .describe_certificate =
                       [&](const std::string& broker, int error, int depth, std::string_view der) {
                         const auto* bytes = reinterpret_cast<const uint8_t*>(der.data());
                         CertificateFault fault =
                             DescribeCertificate(broker, error, depth, {bytes, der.size()}, clock.Wall());
                         return KafkaFault{std::move(fault.kind), std::move(fault.text)};
                       },
                   .is_for_address =
                       [](std::string_view der, const std::string& address) {
                         return IsForAddress(der.data(), der.size(), address);
                       }},
       .open = KafkaSession::Open,
       .clock = clock,
       .budget = budget});
  checks.CheckBrokers(report);
  checks.CheckTopics(report);
  CheckGroup(config, checks, budget, report);
}

}  // namespace

int RunConsumerDoctor(const Expected<LoadedConsumerConfig>& loaded, const Diagnostics& diagnostics, bool json,
                      const Clock& clock, FILE* out) {
  Report report(json ? nullptr : out, StyleOf(out));
  const Budget budget(clock);
  CheckConfiguration(diagnostics, loaded ? std::optional(Summary(loaded->config)) : std::nullopt, &report);
  if (loaded) {
    report.Area("this machine");
    CheckClock(clock.Wall(), BuildTime(), &report);
    CheckCa(loaded->config, clock.Wall(), &report);
    CheckKafka(loaded->config, clock, budget, &report);
    CheckDatabase(loaded->config.database_url, clock, budget, &report);
  }
  report.PrintSummary();
  if (json) fputs(report.Json().c_str(), out);
  if (!loaded) return EX_CONFIG;
  return report.Good() ? EX_OK : kExitCross;
}

}  // namespace picket
