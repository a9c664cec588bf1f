// Values as people write them, to numbers and back. One grammar for file, environment and flags.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// "30s", "500ms", "5m", "1.5h", "2d", "1h30m"; a bare number is seconds. No sign, no spaces. Rounded to a
// millisecond. Empty for anything else and beyond 10,000 days.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// "16MiB", "64kB", "1.5GiB", "4096": KiB, MiB, GiB are powers of 1024, kB, MB, GB powers of 1000 (case
// matters only in "kB"/"KB", which are the same), "B" or a bare number is bytes. Below 2^63.
std::optional<int64_t> ParseSize(std::string_view text);

// Decimal digits with an optional '-'.
std::optional<int64_t> ParseInteger(std::string_view text);

// true/false, yes/no, on/off in any case.
std::optional<bool> ParseBool(std::string_view text);

// Parts between commas, spaces around them dropped, empty parts too.
std::vector<std::string> SplitList(std::string_view text);

// The shortest form that ParseDuration and ParseSize read as the same value: "90s", "1500ms", "16MiB".
std::string FormatDuration(std::chrono::milliseconds duration);
std::string FormatSize(int64_t bytes);

// Compares without regard to the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// The candidate that `word` most likely was meant to be: fewest edits (Damerau-Levenshtein, adjacent
// letters swapped count one), at most max_edits and a third of the word's length, one at least. Empty when
// none is near.
std::string_view Suggest(std::string_view word, const std::vector<std::string_view>& candidates,
                         size_t max_edits = 4);

}  // namespace picket
