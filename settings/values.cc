#include "settings/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace picket {
namespace {

constexpr int64_t kMaxDurationMs = int64_t{10'000} * 24 * 3600 * 1000;

struct Unit {
  std::string_view name;
  int64_t factor;
};
constexpr Unit kDurationUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1},
};
constexpr Unit kSizeUnits[] = {
    {"GiB", 1 << 30},  {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1'000'000'000},
    {"MB", 1'000'000}, {"kB", 1'000},    {"KB", 1'000},    {"B", 1},
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <typename Predicate>
std::string_view TakeWhile(std::string_view* text, Predicate predicate) {
  const auto end = std::find_if_not(text->begin(), text->end(), predicate);
  const std::string_view taken = text->substr(0, static_cast<size_t>(end - text->begin()));
  text->remove_prefix(taken.size());
  return taken;
}

// "12" or "1.5": digits on both sides of the point, no sign, no exponent.
std::optional<double> TakeNumber(std::string_view* text) {
  const std::string_view before = *text;
  if (TakeWhile(text, IsDigit).empty()) return std::nullopt;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    if (TakeWhile(text, IsDigit).empty()) return std::nullopt;
  }
  double number = 0;
  const std::string_view digits = before.substr(0, before.size() - text->size());
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc()) return std::nullopt;
  return number;
}

template <size_t kCount>
const Unit* FindUnit(const Unit (&units)[kCount], std::string_view name) {
  const auto found =
      std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == name; });
  return found == std::end(units) ? nullptr : found;
}

// The largest unit that divides the value.
template <size_t kCount>
std::string FormatWithUnit(const Unit (&units)[kCount], int64_t value) {
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return std::to_string(value);
}

// Damerau-Levenshtein distance, the restricted form: no part is edited twice.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = ToLower(a[i - 1]) == ToLower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  double total_ms = 0;
  int64_t last_factor = std::numeric_limits<int64_t>::max();
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::optional<double> number = TakeNumber(&text);
    if (!number) return std::nullopt;
    const std::string_view name = TakeWhile(&text, IsLetter);
    const bool bare = name.empty() && last_factor == std::numeric_limits<int64_t>::max() && text.empty();
    const Unit* unit = FindUnit(kDurationUnits, bare ? "s" : name);
    // Units go from large to small, each once: "30m1h" is more likely a slip than a wish.
    if (unit == nullptr || unit->factor >= last_factor) return std::nullopt;
    last_factor = unit->factor;
    total_ms += *number * static_cast<double>(unit->factor);
    if (total_ms > static_cast<double>(kMaxDurationMs)) return std::nullopt;
  }
  return std::chrono::milliseconds(std::llround(total_ms));
}

std::optional<int64_t> ParseSize(std::string_view text) {
  const std::optional<double> number = TakeNumber(&text);
  if (!number) return std::nullopt;
  const Unit* unit = FindUnit(kSizeUnits, text.empty() ? "B" : text);
  if (unit == nullptr) return std::nullopt;
  const double bytes = *number * static_cast<double>(unit->factor);
  if (bytes >= 0x1p63) return std::nullopt;
  return std::llround(bytes);
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> ParseBool(std::string_view text) {
  for (const std::string_view word : {"true", "yes", "on"}) {
    if (EqualsIgnoreCase(text, word)) return true;
  }
  for (const std::string_view word : {"false", "no", "off"}) {
    if (EqualsIgnoreCase(text, word)) return false;
  }
  return std::nullopt;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  if (duration.count() == 0) return "0s";
  return FormatWithUnit(kDurationUnits, duration.count());
}

std::string FormatSize(int64_t bytes) {
  if (bytes == 0) return "0";
  for (const Unit& unit : kSizeUnits) {
    if (unit.factor > 1 && bytes % unit.factor == 0) {
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

std::string_view Suggest(std::string_view word, const std::vector<std::string_view>& candidates,
                         size_t max_edits) {
  constexpr size_t kMaxWord = 64;  // the distance costs length times length
  if (word.empty() || word.size() > kMaxWord) return {};
  std::string_view best;
  size_t fewest = std::min(max_edits, std::max<size_t>(word.size() / 3, 1)) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kMaxWord) continue;
    const size_t distance = EditDistance(word, candidate);
    if (distance < fewest && distance < word.size()) {
      fewest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace picket
