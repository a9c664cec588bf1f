#include "record/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "record/json_syntax.h"
#include "record/utf8.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

namespace picket {

struct JsonDocument::Tokens {
  std::vector<jsmntok_t> list;
  size_t count = 0;  // of the current text; the list never shrinks

  const jsmntok_t& operator[](uint32_t i) const { return list[i]; }

  // Members and elements hang off names and arrays; jsmn gives a name size 1 and a string value size 0.
  bool IsName(uint32_t i) const { return list[i].type == JSMN_STRING && list[i].size == 1; }

  // Number of the first token behind the value (or name and value) at `i`. Tokens are in text order.
  uint32_t After(uint32_t i) const {
    const int end = IsName(i) ? list[i + 1].end : list[i].end;
    ++i;
    while (i < count && list[i].start < end) ++i;
    return i;
  }
};

namespace {

// Four hex digits that the syntax check has seen.
uint32_t HexUnit(std::string_view digits) {
  uint32_t unit = 0;
  std::from_chars(digits.data(), digits.data() + 4, unit, 16);
  return unit;
}

// Takes one code point off the front of the inside of a checked string.
uint32_t TakeEscape(std::string_view* raw) {
  const char c = (*raw)[1];
  if (c != 'u') {
    raw->remove_prefix(2);
    switch (c) {
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return static_cast<uint32_t>(c);
    }
  }
  const uint32_t unit = HexUnit(raw->substr(2));
  raw->remove_prefix(6);
  if (unit < 0xD800 || unit > 0xDBFF) return unit;
  const uint32_t low = HexUnit(raw->substr(2));
  raw->remove_prefix(6);
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

std::string Unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  while (!raw.empty()) {
    const size_t plain = std::min(raw.find('\\'), raw.size());
    text.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (!raw.empty()) AppendUtf8(TakeEscape(&raw), &text);
  }
  return text;
}

bool SameName(std::string_view raw, std::string_view name) {
  if (raw.find('\\') == std::string_view::npos) return raw == name;
  return Unescape(raw) == name;
}

}  // namespace

JsonDocument::JsonDocument() : tokens_(std::make_unique<Tokens>()) {}
JsonDocument::~JsonDocument() = default;

Status JsonDocument::Parse(std::string_view text) {
  tokens_->count = 0;
  text_ = text;
  static constexpr JsonLimits kLimits{kMaxBytes, kMaxDepth, kMaxTokens};
  const Expected<size_t> count = CheckJsonSyntax(text, kLimits);
  if (!count) return std::unexpected(count.error());
  if (tokens_->list.size() < *count) tokens_->list.resize(*count);

  // jsmn calls a number or literal that ends with the text incomplete: it expects more to come.
  const size_t start = text.find_first_not_of(" \t\n\r");
  if (std::string_view("{[\"").find(text[start]) == std::string_view::npos) {
    const size_t end = text.find_last_not_of(" \t\n\r") + 1;
    tokens_->list[0] = {JSMN_PRIMITIVE, static_cast<int>(start), static_cast<int>(end), 0, -1};
  } else {
    jsmn_parser parser;
    jsmn_init(&parser);
    const int parsed =
        jsmn_parse(&parser, text.data(), text.size(), tokens_->list.data(), static_cast<unsigned>(*count));
    if (parsed < 0 || static_cast<size_t>(parsed) != *count) {
      return Fail(ErrorCode::kInternal, "jsmn found %d tokens where there are %zu", parsed, *count);
    }
  }
  tokens_->count = *count;
  return {};
}

JsonValue JsonDocument::Root() const {
  return tokens_->count == 0 ? JsonValue() : JsonValue(this, 0);
}

bool JsonValue::IsNull() const {
  return Raw() == "null" && !IsString();
}
bool JsonValue::IsBool() const {
  return GetBool().has_value();
}

bool JsonValue::IsNumber() const {
  if (!IsPresent() || (*document_->tokens_)[token_].type != JSMN_PRIMITIVE) return false;
  const char first = Raw().front();
  return first == '-' || (first >= '0' && first <= '9');
}

bool JsonValue::IsString() const {
  return IsPresent() && (*document_->tokens_)[token_].type == JSMN_STRING;
}
bool JsonValue::IsArray() const {
  return IsPresent() && (*document_->tokens_)[token_].type == JSMN_ARRAY;
}
bool JsonValue::IsObject() const {
  return IsPresent() && (*document_->tokens_)[token_].type == JSMN_OBJECT;
}

std::optional<bool> JsonValue::GetBool() const {
  if (!IsPresent() || IsString()) return std::nullopt;
  if (Raw() == "true") return true;
  if (Raw() == "false") return false;
  return std::nullopt;
}

std::optional<double> JsonValue::GetNumber() const {
  if (!IsNumber()) return std::nullopt;
  const std::string_view raw = Raw();
  double value = 0;
  // Unlike strtod, from_chars reads the same grammar in every locale.
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (problem != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> JsonValue::GetInteger() const {
  if (!IsNumber()) return std::nullopt;
  const std::string_view raw = Raw();
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (problem != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

std::optional<std::string> JsonValue::GetString() const {
  if (!IsString()) return std::nullopt;
  return Unescape(Raw());
}

std::string_view JsonValue::Raw() const {
  if (!IsPresent()) return {};
  const jsmntok_t& token = (*document_->tokens_)[token_];
  return document_->text_.substr(static_cast<size_t>(token.start),
                                 static_cast<size_t>(token.end - token.start));
}

bool JsonValue::HasNul() const {
  if (!IsString()) return false;
  std::string_view raw = Raw();
  for (size_t at; (at = raw.find('\\')) != std::string_view::npos;) {
    raw.remove_prefix(at);
    if (TakeEscape(&raw) == 0) return true;
  }
  return false;
}

JsonValue JsonValue::GetObjectItem(std::string_view name) const {
  if (!IsObject()) return {};
  for (JsonValue item = FirstChild(); item.IsPresent(); item = item.NextSibling()) {
    const jsmntok_t& key = (*document_->tokens_)[item.token_ - 1];
    const std::string_view raw =
        document_->text_.substr(static_cast<size_t>(key.start), static_cast<size_t>(key.end - key.start));
    if (SameName(raw, name)) return item;
  }
  return {};
}

size_t JsonValue::Size() const {
  if (!IsArray() && !IsObject()) return 0;
  return static_cast<size_t>((*document_->tokens_)[token_].size);
}

JsonValue JsonValue::FirstChild() const {
  if (Size() == 0) return {};
  return {document_, IsObject() ? token_ + 2 : token_ + 1};
}

JsonValue JsonValue::NextSibling() const {
  if (!IsPresent()) return {};
  const JsonDocument::Tokens& tokens = *document_->tokens_;
  const int parent = tokens[token_].parent;
  if (parent < 0) return {};
  const uint32_t next = tokens.After(token_);
  if (tokens.IsName(static_cast<uint32_t>(parent))) {
    // A member: the next token is the next member's name, if it has the same object as parent.
    if (next >= tokens.count || tokens[next].parent != tokens[static_cast<uint32_t>(parent)].parent)
      return {};
    return {document_, next + 1};
  }
  if (next >= tokens.count || tokens[next].parent != parent) return {};
  return {document_, next};
}

std::string JsonValue::Name() const {
  if (!IsPresent()) return {};
  const int parent = (*document_->tokens_)[token_].parent;
  if (parent < 0 || !document_->tokens_->IsName(static_cast<uint32_t>(parent))) return {};
  return Unescape(JsonValue(document_, static_cast<uint32_t>(parent)).Raw());
}

size_t JsonValue::Offset() const {
  return IsPresent() ? static_cast<size_t>((*document_->tokens_)[token_].start) : 0;
}

}  // namespace picket
