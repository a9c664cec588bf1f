#include "agent/check/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <utility>

namespace picket {
namespace {

constexpr uint64_t kWorkPerStep = 16;

// Counts the work of one search. PCRE2's own match limit starts anew at every position of the subject and
// does not see the inside of a possessive repeat, so it does not bound the whole.
struct WorkMeter {
  uint64_t limit = 0;
  uint64_t done = 0;
  size_t position = 0;
};

// Runs before every item of the pattern (PCRE2_AUTO_CALLOUT).
int CountWork(pcre2_callout_block* block, void* context) {
  auto* meter = static_cast<WorkMeter*>(context);
  const size_t position = block->current_position;
  meter->done += kWorkPerStep + (position > meter->position ? position - meter->position : 0);
  meter->position = position;
  return meter->done > meter->limit ? PCRE2_ERROR_MATCHLIMIT : 0;
}

std::string ErrorText(int code) {
  char text[256] = {};
  pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
  return text;
}

}  // namespace

struct Regex::Code {
  ~Code() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_code_free(code);
  }
  pcre2_code* code = nullptr;
  pcre2_match_context* context = nullptr;
  pcre2_match_data* data = nullptr;
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Expected<Regex> Regex::Compile(const std::string& pattern) {
  if (pattern.size() > kMaxRegexBytes) {
    return Fail(ErrorCode::kInvalidArgument, "longer than %zu bytes", kMaxRegexBytes);
  }
  constexpr uint32_t kOptions =
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto code = std::make_unique<Code>();
  code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), kOptions, &error,
                             &offset, nullptr);
  if (code->code == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "at offset %zu: %s", static_cast<size_t>(offset),
                ErrorText(error).c_str());
  }
  code->context = pcre2_match_context_create(nullptr);
  code->data = pcre2_match_data_create(1, nullptr);  // only whether, not where
  if (code->context == nullptr || code->data == nullptr) {
    return Fail(ErrorCode::kResourceExhausted, "out of memory");
  }
  pcre2_set_depth_limit(code->context, kMaxDepth);
  pcre2_set_heap_limit(code->context, kMaxHeapKib);
  return Regex(std::move(code));
}

Regex::Match Regex::Search(std::string_view subject) const {
  WorkMeter meter;
  meter.limit = kBaseWork + kWorkPerByte * subject.size();
  pcre2_set_callout(code_->context, CountWork, &meter);
  const int found = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), 0,
                                0, code_->data, code_->context);
  if (found >= 0) return Match::kYes;  // 0: more groups than the one slot, but found
  // What is left beside "no" are the limits and lack of memory.
  return found == PCRE2_ERROR_NOMATCH ? Match::kNo : Match::kLimit;
}

Status ValidateRegex(const std::string& pattern) {
  const Expected<Regex> regex = Regex::Compile(pattern);
  if (!regex) return std::unexpected(regex.error());
  return {};
}

std::string RegexLibraryVersion() {
  char version[64] = "";
  pcre2_config(PCRE2_CONFIG_VERSION, version);
  return std::string("PCRE2 ") + version;
}

}  // namespace picket
