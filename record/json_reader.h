// A strict reader of one JSON text that builds no tree: jsmn finds the tokens, this makes them safe to use.
//
// jsmn accepts things RFC 8259 forbids; Parse refuses them (json_syntax.h): control characters and bad
// escapes in strings, lone surrogates, malformed numbers and literals, missing or stray commas and colons,
// bad UTF-8 (RFC 3629), trailing text, nesting deeper than kMaxDepth. What is handed out are cursors over
// the token array and the caller's text: both must outlive the cursors. Names follow cJSON, which people
// know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "port/error.h"

namespace picket {

class JsonDocument;

// A value inside a document: two words, copied freely. A default-made cursor is "absent": every Is...
// is false and every Get... is empty, so a missing key needs no special case.
class JsonValue {
 public:
  JsonValue() = default;

  bool IsPresent() const { return document_ != nullptr; }
  bool IsNull() const;
  bool IsBool() const;
  bool IsNumber() const;
  bool IsString() const;
  bool IsArray() const;
  bool IsObject() const;

  std::optional<bool> GetBool() const;
  // Finite doubles only; a number that is too large for one, or too close to zero to tell, is empty.
  std::optional<double> GetNumber() const;
  // Integers of at most 64 bits written without fraction or exponent; anything else is empty.
  std::optional<int64_t> GetInteger() const;
  // The string with escapes resolved. Empty optional when this is no string.
  std::optional<std::string> GetString() const;
  // The bytes between the quotes, escapes as they stand; the literal text for other scalars and the
  // whole source text of arrays and objects.
  std::string_view Raw() const;
  // True when the resolved string contains U+0000 (PostgreSQL text cannot hold it).
  bool HasNul() const;

  // First member of that name (names compared with escapes resolved); absent when there is none.
  JsonValue GetObjectItem(std::string_view name) const;
  // Number of elements of an array or members of an object; 0 otherwise.
  size_t Size() const;
  // Walks elements or members: for (JsonValue v = x.FirstChild(); v.IsPresent(); v = v.NextSibling()).
  JsonValue FirstChild() const;
  JsonValue NextSibling() const;
  // Name of this member with escapes resolved; empty when this is not a member of an object.
  std::string Name() const;
  // Offset of the value in the text, for error messages.
  size_t Offset() const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, uint32_t token) : document_(document), token_(token) {}
  const JsonDocument* document_ = nullptr;
  uint32_t token_ = 0;
};

class JsonDocument {
 public:
  static constexpr size_t kMaxDepth = 32;
  static constexpr size_t kMaxTokens = 65536;
  static constexpr size_t kMaxBytes = 16 << 20;

  // Parses `text`, which must outlive the document. The token array is kept and reused by the next
  // Parse, so one document a thread costs no allocation a record. kCorrupt names the byte offset.
  Status Parse(std::string_view text);
  JsonValue Root() const;

  JsonDocument();
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

 private:
  friend class JsonValue;
  struct Tokens;  // jsmn's type stays in json_reader.cc
  std::unique_ptr<Tokens> tokens_;
  std::string_view text_;
};

}  // namespace picket
