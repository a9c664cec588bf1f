// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// Length (1 to 4) of the well-formed sequence at the start of `text`; 0 when there is none.
size_t Utf8SequenceLength(std::string_view text);

// True when all of `text` is well-formed.
bool IsUtf8(std::string_view text);

// Appends one code point. Surrogates and numbers above U+10FFFF become U+FFFD.
void AppendUtf8(uint32_t code_point, std::string* out);

// The longest prefix of at most `limit_bytes` that does not cut a sequence of well-formed text.
std::string_view Utf8Prefix(std::string_view text, size_t limit_bytes);

}  // namespace picket
