// The checks of a Kafka cluster that both programs make: names, brokers, topics. What differs comes in as
// data.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "doctor/budget.h"
#include "doctor/kafka_session.h"
#include "doctor/names.h"
#include "doctor/report.h"
#include "port/clock.h"
#include "settings/kafka_settings.h"

namespace picket {

// What the program does with the topic, and so needs permission for.
enum class TopicUse : uint8_t { kWrites, kReads };

// Opens a session; tests have one of their own.
using OpenSession = std::function<Expected<std::unique_ptr<KafkaSession>>(KafkaSessionOptions)>;

class KafkaChecks {
 public:
  struct Parts {
    const KafkaSettings& kafka;
    TopicUse use;
    KafkaSessionOptions session;  // of the program's own client
    OpenSession open;
    const Clock& clock;
    const Budget& budget;
  };
  // `session`: one that is logged in already, for tests.
  explicit KafkaChecks(Parts parts, std::unique_ptr<KafkaSession> session = nullptr)
      : parts_(std::move(parts)), session_(std::move(session)) {}

  // An area a bootstrap broker: address, TCP, TLS, login. At most five brokers. The session of the first that
  // took our login is kept for what follows.
  void CheckBrokers(Report* report);
  // An area each for the topic and the status topic: what we may do there, its replicas and settings, the
  // clock of its newest record. Skipped without a login.
  void CheckTopics(Report* report);
  // Null when no broker took our login.
  KafkaSession* Session() { return session_.get(); }
  // "User:agent": who we are to Kafka's access control lists.
  std::string Principal() const;

 private:
  // True when a connection came about.
  bool CheckReach(const std::string& broker, Report* report);
  bool CheckTunnel(const HostPort& broker, Report* report);
  std::unique_ptr<KafkaSession> CheckLogin(const std::string& broker, Report* report);
  void TellTls(const KafkaLogin& login, Report* report) const;
  void TellFault(const KafkaLogin& login, Report* report) const;
  void CheckTopic(const TopicFacts& facts, bool is_status, Report* report);
  void CheckRights(const TopicFacts& facts, bool is_status, Report* report) const;
  void CheckConfig(const TopicFacts& facts, Report* report);
  void CheckReplicas(const TopicFacts& facts, const std::map<std::string, std::string>* config,
                     Report* report) const;
  std::string GrantCommand(const std::string& topic) const;

  Parts parts_;
  std::unique_ptr<KafkaSession> session_;
};

// What to change for a fault of that kind, naming the setting; for the line below it.
std::string CureOfFault(const std::string& kind);

// A line of the log, "what happened: set this or that", in its two parts; no cure where it gives none.
struct Advice {
  std::string found;
  std::string cure;
};
Advice PartAdvice(const std::string& text);

// "valid for 82 more days, to 2026-11-28" or "expired 3 days ago, on ...".
std::string DescribeValidity(WallTime not_after, WallTime now);

}  // namespace picket
