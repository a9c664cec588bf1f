// Hands records of the window to the producer and does what their reports say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/keeper/answer_watch.h"
#include "agent/keeper/drain_pacer.h"
#include "agent/keeper/keeper_parts.h"
#include "agent/keeper/producer_link.h"
#include "agent/keeper/stream_gate.h"

namespace picket {

class Sender {
 public:
  // Facts waiting in RAM for a status topic that is refused; beyond it the oldest is dropped and counted.
  static constexpr size_t kMaxParkedFacts = 64;

  Sender(KeeperParts& parts, ProducerFactory factory);

  Status Open() { return link_.Open(); }
  // The producer's callbacks, its burial and its successor.
  void Poll(BootTime now);
  int EventFd();  // of the present producer; -1: none

  // The cluster is away: the oldest report is overdue. Then one record at a time is sent, to find out when it
  // is back: what librdkafka has it does not give back, and the newest are to go first when the cluster
  // returns.
  bool Stalled() const { return parts_.health.Away(); }

  // There are new settings for Kafka: a new producer takes over, and sends again what the old one had in flight.
  // Errors as ProducerLink::Replace.
  Status Renew();

  // Sends what is in the window and not sent, oldest first; what then is in the spool but was not sent leaves
  // the window, since the drain will send it.
  void SendFresh(BootTime now);

  // For the drain: whether a record of that stream may be sent now, behind everything in the window.
  bool MaySendBacklog(bool status, BootTime now) const;
  // Sends one record of the window. False: not sent, and its gate or QueueFull says why.
  bool Send(WindowId id, BootTime now);

  // Nothing outstanding and nothing that may be sent now.
  bool Idle(BootTime now) const;

  // The status topic is refused, or missing. Facts of this run wait in RAM; those of earlier runs are given
  // up when the drain meets them, or each start would leave some more behind.
  bool StatusRefused() const { return status_refused_; }
  // At the end: gives up the facts that wait for a refused topic, with a count and a line.
  void DropRefusedFacts();

  // Something passed by the drain is to be read again: it was sent and came back.
  bool TakeMissed() { return std::exchange(missed_, false); }

  DrainPacer& pacer() { return pacer_; }
  // When Poll or Send may do more than now by time alone.
  std::optional<BootTime> NextWake(BootTime now) const;

  // The end of the process: the producer is given up, what it had is not reported any more.
  ProducerLink& link() { return link_; }

 private:
  void OnReport(const DeliveryReport& report);
  void Acknowledge(WindowId id, HeldRecord& record, BootTime now);
  void Refuse(WindowId id, HeldRecord& record, Delivery delivery, std::string_view kind, const std::string& why,
              BootTime now);
  // Not sent, or sent and come back: where the record waits for its next turn.
  void PutBack(WindowId id, HeldRecord& record);
  void Reject(WindowId id, HeldRecord& record, std::string_view kind, const std::string& why);
  void WatchSilence(BootTime now);
  void AskForLeaders(BootTime now);
  void TakeBackAll();
  void ReleaseSpooled();
  void ParkFacts();
  void AskAboutTopics(BootTime now);
  std::optional<BootTime> OverdueAt() const;
  // The clock was not set yet, and Kafka was never reached: very likely it is the clock that makes the brokers'
  // certificates look not yet valid. What is given to librdkafka keeps its text, and with it the wrong time, so
  // nothing is. Where Kafka answers all the same records go out `unsynced`.
  bool WaitsForClock() const;
  StreamGate& Gate(bool status) { return status ? status_gate_ : probe_gate_; }
  const StreamGate& Gate(bool status) const { return status ? status_gate_ : probe_gate_; }

  KeeperParts& parts_;
  ProducerLink link_;
  DrainPacer pacer_;
  BootTime last_acknowledged_;
  AnswerWatch answers_;
  std::optional<BootTime> next_complaint_;  // that brokers answer and do not acknowledge
  std::optional<BootTime> next_leader_question_;
  // Results: soon again. Facts are optional, and their topic may be forbidden for ever.
  StreamGate probe_gate_{std::chrono::seconds(2), std::chrono::minutes(1)};
  StreamGate status_gate_{std::chrono::seconds(30), std::chrono::minutes(10)};
  std::string failed_topics_[2];  // of results and facts: what the gates ask about
  bool status_refused_ = false;
  bool queue_full_ = false;
  bool missed_ = false;
  std::string message_;  // reused, so that a record costs no allocation
};

}  // namespace picket
