// What the keeper knows of the cluster, says in the log and counts for /metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "port/line_throttle.h"
#include "agent/forward/producer.h"
#include "agent/keeper/cluster_state.h"
#include "port/clock.h"
#include "port/log.h"

namespace picket {

class ClusterHealth {
 public:
  ClusterHealth(const Clock& clock, Logger& logger) : clock_(clock), logger_(logger) {
    shown_.since = clock.Wall();
  }

  // An event of the producer: counted by kind; logged, the same kind at most once a minute.
  void OnEvent(const ClusterEvent& event);
  // A record was acknowledged: the cluster is there, whatever was said before.
  void OnAcknowledged();
  // A record is overdue: the cluster is away until the next acknowledgement. librdkafka itself tells of
  // failed connections one by one, and of nothing at all when packets vanish.
  void OnOverdue();
  // The same while a broker answers: it may yet acknowledge, so nothing is said.
  void OnStalled() { SetContact(Contact::kAway); }
  // Brokers have answered for a while and acknowledge nothing: they refuse what librdkafka goes on trying without a
  // word. May be called again and again. `silence`: since the last acknowledgement, or since the oldest record was sent.
  void OnUnacknowledged(std::chrono::microseconds silence);
  // A line about one topic; `kind` counts and throttles like an event's.
  void Complain(const std::string& kind, const std::string& text);
  // A line of another component: throttled alike, not counted as an error of Kafka.
  void ComplainAs(const char* component, const std::string& kind, const std::string& text);

  // Something failed since the last acknowledgement: it takes less waiting to call a record overdue.
  bool Troubled() const { return troubled_; }
  // Taken to be out of reach. Not so before the first contact, as long as nothing is overdue.
  bool Away() const { return contact_ == Contact::kAway; }
  // There was contact, at some time of this run.
  bool Met() const { return met_; }
  // There was contact, and nothing is known to have ended it.
  bool Connected() const { return contact_ == Contact::kConnected; }

  // Safe from any thread.
  std::vector<std::pair<std::string, uint64_t>> ErrorCounts() const;
  ClusterState State() const;

 private:
  using Contact = ClusterState::Contact;
  void SetContact(Contact contact);
  void Count(const std::string& kind);
  void NoteError(const std::string& kind, const std::string& text);

  const Clock& clock_;
  Logger& logger_;
  LineThrottle throttle_;
  Contact contact_ = Contact::kNotYet;
  bool troubled_ = false;
  bool met_ = false;
  mutable std::mutex mutex_;
  ClusterState shown_;                      // what other threads may see
  std::map<std::string, uint64_t> counts_;  // kinds are a fixed vocabulary of forward/kafka_errors
};

}  // namespace picket
