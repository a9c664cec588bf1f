// Regular expressions over bodies that strangers wrote. PCRE2's types stay in regex.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "port/error.h"

namespace picket {

inline constexpr size_t kMaxRegexBytes = 1024;

class Regex {
 public:
  enum class Match : uint8_t {
    kYes,
    kNo,
    kLimit,  // one of the bounds below was reached: neither yes nor no
  };

  // Bounds of one search. A backtracking matcher may need time exponential in the subject; these are
  // counted, not timed, so that one page gets one answer on every machine.
  //
  // Work: 16 for every step of the pattern tried, and 1 for every byte walked over. It grows with the
  // subject, so that a pattern that reads a page once or a few times never meets it, and one that reads it
  // again from every position does: about 0.3 s for 1 MiB on a PC.
  static constexpr uint64_t kBaseWork = 16 << 20;
  static constexpr uint64_t kWorkPerByte = 64;
  static constexpr uint32_t kMaxDepth = 250'000;    // nested backtracking points
  static constexpr uint32_t kMaxHeapKib = 8 << 10;  // memory for them

  // Compiles PCRE2 syntax, UTF-8, unanchored. The subject may be any bytes: what is not UTF-8 in it
  // matches nothing. kInvalidArgument names the reason and the offset in bytes ("at offset 3: ..."); so for a
  // pattern longer than kMaxRegexBytes.
  static Expected<Regex> Compile(const std::string& pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // Whether the pattern is found anywhere in `subject`. May be called from one thread at a time.
  Match Search(std::string_view subject) const;

 private:
  struct Code;
  explicit Regex(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

// For the configuration: the error Compile would give.
Status ValidateRegex(const std::string& pattern);

// "PCRE2 10.46 2025-08-27": the library in use.
std::string RegexLibraryVersion();

}  // namespace picket
