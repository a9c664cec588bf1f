#include "record/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "record/utf8.h"

namespace picket {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out->append("\\u00");
  out->push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
  out->push_back(kDigits[static_cast<uint8_t>(c) & 0xF]);
}

bool NeedsEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F;
}

}  // namespace

void JsonWriter::Comma() {
  if (need_comma_) out_->push_back(',');
  need_comma_ = true;
}

void JsonWriter::BeginObject() {
  Comma();
  out_->push_back('{');
  need_comma_ = false;
}

void JsonWriter::EndObject() {
  out_->push_back('}');
  need_comma_ = true;
}

void JsonWriter::BeginArray() {
  Comma();
  out_->push_back('[');
  need_comma_ = false;
}

void JsonWriter::EndArray() {
  out_->push_back(']');
  need_comma_ = true;
}

void JsonWriter::Key(std::string_view name) {
  String(name);
  out_->push_back(':');
  need_comma_ = false;
}

void JsonWriter::String(std::string_view text) {
  Comma();
  out_->push_back('"');
  while (!text.empty()) {
    const size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      out_->append(kReplacement);
    } else if (NeedsEscape(text[0])) {
      AppendEscaped(text[0], out_);
    } else {
      out_->append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out_->push_back('"');
}

void JsonWriter::Integer(int64_t value) {
  Comma();
  std::array<char, 20> digits;
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_->append(digits.data(), end);
}

void JsonWriter::Number(double value, int decimals) {
  if (!std::isfinite(value)) return Null();
  Comma();
  // Fixed notation needs up to 309 digits before the point; nobody asks for more than 17 behind it.
  std::array<char, 340> digits;
  // Not to_chars: libc++ brings 130 kB of tables for it. Nothing of ours sets a locale, so the point is a point.
  const int length = snprintf(digits.data(), digits.size(), "%.*f", std::clamp(decimals, 0, 17), value);
  std::string_view text(digits.data(), static_cast<size_t>(length));
  if (text.find('.') != std::string_view::npos) {
    text.remove_suffix(text.size() - 1 - text.find_last_not_of('0'));
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  out_->append(text == "-0" ? "0" : text);
}

void JsonWriter::Bool(bool value) {
  Raw(value ? "true" : "false");
}

void JsonWriter::Null() {
  Raw("null");
}

void JsonWriter::Raw(std::string_view json) {
  Comma();
  out_->append(json);
}

void JsonWriter::StringOrNull(const std::optional<std::string>& text) {
  if (text) return String(*text);
  Null();
}

void JsonWriter::NumberOrNull(std::optional<double> value, int decimals) {
  if (value) return Number(*value, decimals);
  Null();
}

void JsonWriter::IntegerOrNull(std::optional<int64_t> value) {
  if (value) return Integer(*value);
  Null();
}

void JsonWriter::BoolOrNull(std::optional<bool> value) {
  if (value) return Bool(*value);
  Null();
}

}  // namespace picket
