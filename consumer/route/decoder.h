// Topic -> what is done with its messages. Every message becomes a Record: a row, a fact, or a dead letter
// with a reason; never nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "consumer/route/records.h"
#include "consumer/source/message.h"
#include "port/clock.h"
#include "record/json_reader.h"

namespace picket {

// Texts with few values in practice, kept once in table verdict; what is longer is no such value.
inline constexpr size_t kMaxTermBytes = 64;

class Decoder {
 public:
  // Messages of `status_topic` are facts, all others results. `retention` as in Place. `clock` (which must
  // outlive the decoder) says when a message came that has no append time.
  Decoder(std::string status_topic, std::optional<std::chrono::microseconds> retention, const Clock& clock);

  // Copies what it keeps of the message. A payload that is damaged still gets the identity that its headers
  // agent, epoch and seq give, so that the ledger can name it.
  Record Decode(const Message& message, size_t slot);

  // The message as a dead letter, whatever it is.
  Record Refuse(const Message& message, size_t slot, std::string reason);

 private:
  Record Begin(const Message& message, size_t slot) const;

  const std::string status_topic_;
  const std::optional<std::chrono::microseconds> retention_;
  const Clock& clock_;
  JsonDocument document_;  // its token array is reused
};

}  // namespace picket
