// Whether a text is JSON, to the letter of RFC 8259. jsmn only tokenizes what passed here, so its
// leniency (missing commas, "tru", control characters in strings, ...) cannot reach a reader.
#pragma once

#include <cstddef>
#include <string_view>

#include "port/error.h"

namespace picket {

struct JsonLimits {
  size_t max_bytes;
  size_t max_depth;   // arrays and objects inside each other; a scalar has depth 0
  size_t max_tokens;  // values plus member names
};

// Returns the number of tokens (values plus member names) of the one JSON text that `text` must be.
// Refuses, beyond what the grammar forbids: bytes that are not UTF-8 (RFC 3629), a byte order mark,
// escaped surrogates without their partner. kCorrupt: "offset N: what is wrong".
Expected<size_t> CheckJsonSyntax(std::string_view text, const JsonLimits& limits);

}  // namespace picket
