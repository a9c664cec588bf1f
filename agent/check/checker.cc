#include "agent/check/checker.h"

#include <utility>

namespace picket {
namespace {

// A body is worth matching when all of it came: the answer was complete, whatever its status.
bool HasWholeBody(const ProbeResult& result) {
  return result.status_code && (result.error == ProbeError::kNone || result.error == ProbeError::kStatus);
}

// The regexp's verdict counts unless something worse is known already.
void Judge(Outcome outcome, ProbeError error, std::string detail, ProbeResult* result) {
  if (result->error != ProbeError::kNone) return;
  result->outcome = outcome;
  result->error = error;
  result->error_detail = std::move(detail);
}

}  // namespace

void Checker::Check(FinishedProbe* probe) {
  const std::string body = std::exchange(probe->body, {});
  ProbeResult& result = probe->result;
  if (!result.regex || !HasWholeBody(result)) return;

  std::string why;
  const Regex* regex = Find(*result.regex, &why);
  if (regex == nullptr) {
    Judge(Outcome::kUnknown, ProbeError::kLocal, "regexp: " + why, &result);
    return;
  }
  switch (regex->Search(body)) {
    case Regex::Match::kYes:
      result.regex_check = true;
      break;
    case Regex::Match::kNo:
      result.regex_check = false;
      Judge(Outcome::kDown, ProbeError::kRegex, "regexp not found in the body", &result);
      break;
    case Regex::Match::kLimit:
      Judge(Outcome::kUnknown, ProbeError::kRegexLimit,
            "regexp undecided: it takes too many steps on this body", &result);
      break;
  }
}

const Regex* Checker::Find(const std::string& pattern, std::string* why) {
  if (const auto known = patterns_.find(pattern); known != patterns_.end()) return &known->second;
  Expected<Regex> compiled = Regex::Compile(pattern);
  if (!compiled) {
    *why = compiled.error().message;
    return nullptr;
  }
  if (patterns_.size() >= kMaxPatterns) patterns_.clear();
  return &patterns_.emplace(pattern, std::move(*compiled)).first->second;
}

}  // namespace picket
