#include "record/json_syntax.h"

#include <cstdint>
#include <optional>

#include "record/utf8.h"

namespace picket {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Value of a hex digit; 16 for anything else.
uint32_t HexDigit(char c) {
  if (IsDigit(c)) return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return 16;
}

// Recursive descent; the depth of the recursion is limits.max_depth. Each method consumes one
// production and returns false after it noted the first error.
class Checker {
 public:
  Checker(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Expected<size_t> Run() {
    if (text_.size() > limits_.max_bytes) {
      return Fail(ErrorCode::kCorrupt, "offset %zu: longer than %zu bytes", limits_.max_bytes,
                  limits_.max_bytes);
    }
    SkipSpace();
    if (Value(0)) {
      SkipSpace();
      if (position_ != text_.size()) Refuse("text after the end of the value");
    }
    if (problem_ != nullptr) return Fail(ErrorCode::kCorrupt, "offset %zu: %s", problem_at_, problem_);
    return tokens_;
  }

 private:
  // '\0' at the end: no production starts with it, and inside a string it is refused as well.
  char Peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  bool AtEnd() const { return position_ == text_.size(); }

  bool Refuse(const char* problem) { return RefuseAt(position_, problem); }
  bool RefuseAt(size_t offset, const char* problem) {
    if (problem_ == nullptr) {
      problem_ = problem;
      problem_at_ = offset;
    }
    return false;
  }

  bool Accept(char c) {
    if (AtEnd() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  void SkipSpace() {
    while (!AtEnd()) {
      const char c = text_[position_];
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
      ++position_;
    }
  }

  bool CountToken() { return ++tokens_ <= limits_.max_tokens || Refuse("too many values"); }

  bool Value(size_t depth) {
    if (!CountToken()) return false;
    switch (Peek()) {
      case '{':
        return depth < limits_.max_depth ? Object(depth + 1) : Refuse("nested too deeply");
      case '[':
        return depth < limits_.max_depth ? Array(depth + 1) : Refuse("nested too deeply");
      case '"':
        return String();
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
      default:
        break;
    }
    if (Peek() == '-' || IsDigit(Peek())) return Number();
    return Refuse(AtEnd() ? "the text ends where a value must stand" : "a value must stand here");
  }

  bool Object(size_t depth) {
    ++position_;
    SkipSpace();
    if (Accept('}')) return true;
    for (;;) {
      if (Peek() != '"') return Refuse("a member name in double quotes must stand here");
      if (!CountToken() || !String()) return false;
      SkipSpace();
      if (!Accept(':')) return Refuse("':' must stand here");
      SkipSpace();
      if (!Value(depth)) return false;
      SkipSpace();
      if (Accept('}')) return true;
      if (!Accept(',')) return Refuse("',' or '}' must stand here");
      SkipSpace();
    }
  }

  bool Array(size_t depth) {
    ++position_;
    SkipSpace();
    if (Accept(']')) return true;
    for (;;) {
      if (!Value(depth)) return false;
      SkipSpace();
      if (Accept(']')) return true;
      if (!Accept(',')) return Refuse("',' or ']' must stand here");
      SkipSpace();
    }
  }

  bool Literal(std::string_view word) {
    if (!text_.substr(position_).starts_with(word)) return Refuse("no such literal");
    position_ += word.size();
    return true;  // "truex" fails at the 'x', where no value may go on
  }

  bool Digits() {
    if (!IsDigit(Peek())) return Refuse("a digit must stand here");
    while (IsDigit(Peek())) ++position_;
    return true;
  }

  bool Number() {
    Accept('-');
    if (Accept('0')) {
      if (IsDigit(Peek())) return Refuse("a number must not start with 0");
    } else if (!Digits()) {
      return false;
    }
    if (Accept('.') && !Digits()) return false;
    if (Accept('e') || Accept('E')) {
      if (!Accept('+')) Accept('-');
      return Digits();
    }
    return true;
  }

  bool String() {
    const size_t start = position_++;
    while (!AtEnd()) {
      const auto c = static_cast<uint8_t>(text_[position_]);
      if (c == '"') {
        ++position_;
        return true;
      }
      if (c < 0x20) return Refuse("control character in a string");
      if (c == '\\') {
        if (!Escape()) return false;
      } else if (const size_t length = Utf8SequenceLength(text_.substr(position_)); length != 0) {
        position_ += length;
      } else {
        return Refuse("not UTF-8");
      }
    }
    return RefuseAt(start, "string without an end");
  }

  bool Escape() {
    const size_t start = position_++;
    const char c = Peek();
    if (c != 'u') {
      if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
        return RefuseAt(start, "no such escape");
      }
      ++position_;
      return true;
    }
    const std::optional<uint32_t> unit = HexUnit();
    if (!unit) return RefuseAt(start, "four hex digits must follow \\u");
    if (*unit >= 0xDC00 && *unit <= 0xDFFF) return RefuseAt(start, "surrogate without its partner");
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      const std::optional<uint32_t> low = Accept('\\') && Peek() == 'u' ? HexUnit() : std::nullopt;
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return RefuseAt(start, "surrogate without its partner");
    }
    return true;
  }

  // At 'u': consumes it and four hex digits.
  std::optional<uint32_t> HexUnit() {
    ++position_;
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
      const uint32_t digit = HexDigit(Peek());
      if (digit > 15) return std::nullopt;
      unit = unit << 4 | digit;
    }
    return unit;
  }

  const std::string_view text_;
  const JsonLimits& limits_;
  size_t position_ = 0;
  size_t tokens_ = 0;
  const char* problem_ = nullptr;
  size_t problem_at_ = 0;
};

}  // namespace

Expected<size_t> CheckJsonSyntax(std::string_view text, const JsonLimits& limits) {
  return Checker(text, limits).Run();
}

}  // namespace picket
