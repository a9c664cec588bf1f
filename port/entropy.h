// Randomness comes in through this interface, so that tests own it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "port/error.h"

namespace picket {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills `out` with cryptographically strong bytes. kUnavailable until the kernel's pool is ready
  // (getrandom(2) with GRND_NONBLOCK): early in the boot of a router this happens; ask again later.
  virtual Status Fill(std::span<uint8_t> out) = 0;
};

Entropy& SystemEntropy();

// A number from 1 to 2^63-1: fits PostgreSQL's bigint and a JSON string of decimal digits.
Expected<uint64_t> RandomEpoch(Entropy& entropy);

// RFC 9562 version 4 UUID in lower case, 36 characters.
Expected<std::string> RandomUuid(Entropy& entropy);

}  // namespace picket
