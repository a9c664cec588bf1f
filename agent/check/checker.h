// The verdict on what a probe brought back.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "agent/check/regex.h"
#include "agent/probe/prober.h"

namespace picket {

// Used by one thread, which may take its time: the keeper's.
class Checker {
 public:
  // Bound on compiled patterns kept, as many as there may be sites; beyond it they are compiled anew.
  static constexpr size_t kMaxPatterns = 10'000;

  // Applies the site's regexp to the body and completes result.regex_check, outcome and error.
  // - No regexp, or no complete answer: regex_check stays empty, the verdict as it is.
  // - Not found: regex_check false; an "up" becomes down, error regex. Another error stands.
  // - Undecided at a limit of Regex: regex_check empty; an "up" becomes unknown, error regex_limit.
  // The body is freed.
  void Check(FinishedProbe* probe);

 private:
  // Null when the pattern does not compile.
  const Regex* Find(const std::string& pattern, std::string* why);

  std::unordered_map<std::string, Regex> patterns_;
};

}  // namespace picket
