// What a doctor found, as it goes: one line a check for people, or one JSON object at the end for programs.
#pragma once

#include <stdio.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

enum class Verdict : uint8_t {
  kOk,
  kWarning,  // works, and should not stay so
  kFailed,   // a cross: the program cannot do its work, or will stop doing it
  kSkipped,  // could not be told, because of another check
};

// "ok", "warning", "failed" or "skipped".
const char* VerdictName(Verdict verdict);

struct Check {
  std::string area;  // heading: "this machine", "broker kafka:9094"
  std::string name;  // a word or two: "clock"
  Verdict verdict = Verdict::kOk;
  std::string found;  // one line
  std::string cure;   // one line that names the setting; empty when there is nothing to change
};

// How lines are drawn.
struct Style {
  bool colour = false;
  bool utf8 = false;
};

// For an output that is (or is not) a terminal, and the values of LC_ALL, LC_CTYPE, LANG, NO_COLOR and TERM,
// null when not set: POSIX's order for the character set, https://no-color.org for colours.
struct TerminalFacts {
  bool is_terminal = false;
  const char* lc_all = nullptr;
  const char* lc_ctype = nullptr;
  const char* lang = nullptr;
  const char* no_color = nullptr;
  const char* term = nullptr;
};
Style StyleFor(const TerminalFacts& facts);
// The same for a stream of this process.
Style StyleOf(FILE* out);

// One check as text: its line, and below it the cure of one that did not pass. Control characters come out as
// '?'.
std::string RenderCheck(const Check& check, const Style& style);

class Report {
 public:
  // Prints each check on `out` when it is added; null: nothing is printed (--json).
  Report(FILE* out, Style style) : out_(out), style_(style) {}

  // The heading of what is added from here on.
  void Area(std::string area) { area_ = std::move(area); }
  void Ok(std::string name, std::string found);
  void Warn(std::string name, std::string found, std::string cure);
  void Fail(std::string name, std::string found, std::string cure);
  // `because` goes on after "skipped because": "the login failed".
  void Skip(std::string name, const std::string& because);

  size_t Count(Verdict verdict) const;
  bool Good() const { return Count(Verdict::kFailed) == 0; }
  const std::vector<Check>& Checks() const { return checks_; }

  // "12 ok, 1 warning, 0 failed": printed like the checks.
  void PrintSummary() const;
  // {"ok":true,"checks":[{"area":...,"name":...,"verdict":"ok","found":...,"cure":null},...]}
  std::string Json() const;

 private:
  void Add(Verdict verdict, std::string name, std::string found, std::string cure);

  FILE* const out_;
  const Style style_;
  std::string area_;
  std::string printed_area_;
  std::vector<Check> checks_;
};

}  // namespace picket
