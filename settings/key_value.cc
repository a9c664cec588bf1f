#include "settings/key_value.h"

#include <algorithm>
#include <utility>

#include "record/utf8.h"
#include "settings/values.h"

namespace picket {
namespace {

// Of texts whose key states no limit.
constexpr int64_t kMaxTextBytes = 4096;

// What the user wrote, short enough for a message.
std::string Quoted(const Key& key, std::string_view text) {
  if (key.secret) return "the value";
  constexpr size_t kMaxShown = 60;
  if (text.size() <= kMaxShown) return "'" + std::string(text) + "'";
  return "'" + std::string(Utf8Prefix(text, kMaxShown)) + "...'";
}

std::unexpected<Error> Wrong(const Key& key, std::string_view text, const std::string& problem) {
  return std::unexpected(Error{ErrorCode::kConfig, Quoted(key, text) + " " + problem});
}

// Text that fits into one line of a log; nullptr, or what is wrong.
const char* TextProblem(std::string_view text) {
  if (!IsUtf8(text)) return "is not UTF-8 text";
  const auto is_control = [](char c) { return (static_cast<uint8_t>(c) < 0x20 && c != '\t') || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control))
    return "contains a line break or another control character";
  return nullptr;
}

Expected<KeyValue> ParseTextValue(const Key& key, std::string_view text) {
  // What is no text is not shown.
  if (const char* problem = TextProblem(text)) return Fail(ErrorCode::kConfig, "the value %s", problem);
  const auto length = static_cast<int64_t>(text.size());
  const int64_t max = std::min(key.max, kMaxTextBytes);
  if (length == 0 && key.min > 0) return Fail(ErrorCode::kConfig, "must not be empty");
  if (length < key.min || length > max) {
    return Wrong(key, text, "must have " + std::to_string(key.min) + " to " + std::to_string(max) + " bytes");
  }
  return std::string(text);
}

Expected<KeyValue> ParseChoice(const Key& key, std::string_view text) {
  std::string names;
  std::vector<std::string_view> candidates;
  for (const std::string_view choice : key.choices) {
    if (EqualsIgnoreCase(choice, text)) return std::string(choice);
    names.append(names.empty() ? "" : ", ").append(choice);
    candidates.push_back(choice);
  }
  const std::string_view near = Suggest(text, candidates);
  std::string problem = "is not one of " + names;
  if (!near.empty()) problem.append(" (did you mean '").append(near).append("'?)");
  return Wrong(key, text, problem);
}

struct NumberForm {
  std::optional<int64_t> (*parse)(std::string_view text);
  const char* expected;
};

NumberForm FormOf(ValueType type) {
  switch (type) {
    case ValueType::kDuration:
      return {[](std::string_view text) -> std::optional<int64_t> {
                const auto duration = ParseDuration(text);
                return duration ? std::optional(duration->count()) : std::nullopt;
              },
              "is not a duration (30s, 500ms, 5m, 1h30m, 2d or a number of seconds)"};
    case ValueType::kSize:
      return {ParseSize, "is not a size (16MiB, 64kB or a number of bytes)"};
    default:
      return {ParseInteger, "is not a whole number"};
  }
}

Expected<KeyValue> ParseNumber(const Key& key, std::string_view text) {
  if (!key.unlimited.empty() && EqualsIgnoreCase(text, key.unlimited)) return kUnlimited;
  const NumberForm form = FormOf(key.type);
  const std::optional<int64_t> number = form.parse(text);
  if (!number) {
    std::string problem = form.expected;
    if (!key.unlimited.empty()) problem.append(", nor '").append(key.unlimited).append("'");
    return Wrong(key, text, problem);
  }
  if (*number < key.min || *number > key.max) {
    std::string problem = "is out of range: at least " + FormatKeyNumber(key, key.min);
    if (key.max != kUnlimited) problem += ", at most " + FormatKeyNumber(key, key.max);
    return Wrong(key, text, problem);
  }
  return *number;
}

}  // namespace

Expected<KeyValue> ParseKeyValue(const Key& key, std::string_view text) {
  switch (key.type) {
    case ValueType::kText:
    case ValueType::kFile:
      return ParseTextValue(key, text);
    case ValueType::kChoice:
      return ParseChoice(key, text);
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kSize:
      return ParseNumber(key, text);
    case ValueType::kBool: {
      const std::optional<bool> value = ParseBool(text);
      if (!value) return Wrong(key, text, "is neither true nor false");
      return *value;
    }
    case ValueType::kTextList: {
      std::vector<std::string> parts = SplitList(text);
      for (const std::string& part : parts) {
        if (Status entry = CheckEntry(part); !entry) return std::unexpected(entry.error());
      }
      if (Status count = CheckEntryCount(key, parts.size()); !count) return std::unexpected(count.error());
      return parts;
    }
    case ValueType::kTextMap:
    case ValueType::kCustom:
      break;
  }
  return Wrong(key, text, "cannot be given here");
}

Status CheckEntry(std::string_view text) {
  if (text.size() > kMaxTextBytes)
    return Fail(ErrorCode::kConfig, "an entry is longer than %lld bytes",
                static_cast<long long>(kMaxTextBytes));
  if (const char* problem = TextProblem(text)) return Fail(ErrorCode::kConfig, "an entry %s", problem);
  return {};
}

Status CheckEntryCount(const Key& key, size_t count) {
  if (static_cast<int64_t>(count) >= key.min && static_cast<int64_t>(count) <= key.max) return {};
  if (count == 0) return Fail(ErrorCode::kConfig, "must not be empty");
  return Fail(ErrorCode::kConfig, "has %zu entries; at least %lld, at most %lld", count,
              static_cast<long long>(key.min), static_cast<long long>(key.max));
}

std::string FormatKeyNumber(const Key& key, int64_t number) {
  if (number == kUnlimited) return std::string(key.unlimited);
  if (key.type == ValueType::kDuration) return FormatDuration(std::chrono::milliseconds(number));
  if (key.type == ValueType::kSize) return FormatSize(number);
  return std::to_string(number);
}

}  // namespace picket
