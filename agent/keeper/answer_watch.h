// Tells a broker that answers and does not acknowledge from one that is silent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "port/clock.h"

namespace picket {

class AnswerWatch {
 public:
  // Retries come once a second at most: no answer for so long is silence.
  static constexpr std::chrono::seconds kSilence{10};

  // `answers`: the producer's ProduceAnswers, which begins at 0 with each producer.
  void Look(uint64_t answers, BootTime now) {
    if (answers < answers_) {  // a new producer, which begins anew
      Acknowledged(0);
    }
    if (answers != answers_) {
      answers_ = answers;
      last_ = now;
      if (!since_) since_ = now;
    } else if (since_ && now - last_ > kSilence) {
      since_.reset();
    }
  }
  // An acknowledgement came; the answers until now were about it.
  void Acknowledged(uint64_t answers) {
    answers_ = answers;
    since_.reset();
  }

  // Since when answers come without an acknowledgement; nullopt: none comes.
  std::optional<BootTime> Since() const { return since_; }

 private:
  uint64_t answers_ = 0;
  BootTime last_;
  std::optional<BootTime> since_;
};

}  // namespace picket
