// Keeps a producer alive: made when there is none, buried and made anew after a fatal error.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "agent/forward/producer.h"
#include "agent/keeper/backoff.h"
#include "port/clock.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

using ProducerFactory = std::function<Expected<std::unique_ptr<Producer>>(Producer::Callbacks)>;

class ProducerLink {
 public:
  ProducerLink(ProducerFactory factory, Producer::Callbacks callbacks, Logger& logger)
      : factory_(std::move(factory)), callbacks_(std::move(callbacks)), logger_(logger) {}
  // Waits for the burial unless Abandon was called.
  ~ProducerLink();

  // Makes the first producer: here a failure is an error, later it is only retried.
  Status Open();

  // Null while there is none.
  Producer* Get() { return producer_.get(); }
  // Runs the producer's callbacks. True when it failed for good and was buried: nothing that was in flight
  // will be reported.
  bool Poll(BootTime now);
  // Makes a new producer when the wait after the last failure is over. True when there is a new one.
  bool Revive(BootTime now);
  // Puts a new producer in the place of the present one, which is buried with what it had in flight. On an
  // error all is as it was: the factory's, or kUnavailable while an earlier producer is not destroyed yet.
  Status Replace();
  // When Revive has something to do; nullopt: never.
  std::optional<BootTime> ReviveAt() const;
  // Acknowledged: the next failure starts with a short wait again.
  void Works() { failures_.Reset(); }

  // Gives the producer up. Its destruction may take seconds (see ~Producer) and goes on in the background.
  void Close();
  // Whether everything that was given up is destroyed.
  bool Buried() const { return buried_->load(std::memory_order_acquire); }
  // Leaves a burial that takes too long to the end of the process.
  void Abandon();

 private:
  void Bury();

  const ProducerFactory factory_;
  const Producer::Callbacks callbacks_;
  Logger& logger_;
  std::unique_ptr<Producer> producer_;
  Backoff failures_{std::chrono::seconds(1), std::chrono::minutes(1)};
  bool closed_ = false;

  // At most one burial at a time: a new producer waits for the old one's end, so threads do not pile up.
  std::thread burial_;
  std::shared_ptr<std::atomic<bool>> buried_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace picket
