#include "doctor/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "record/json_writer.h"

namespace picket {
namespace {

constexpr size_t kNameColumns = 14;
constexpr const char* kBold = "\033[1m";
constexpr const char* kPlain = "\033[0m";

struct Mark {
  const char* utf8;
  const char* ascii;
  const char* colour;
};

Mark MarkOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return {"\u2713", "ok  ", "\033[32m"};
    case Verdict::kWarning:
      return {"!", "warn", "\033[33m"};
    case Verdict::kFailed:
      return {"\u2717", "FAIL", "\033[31m"};
    case Verdict::kSkipped:
      break;
  }
  return {"\u2013", "skip", "\033[2m"};
}

std::string OneLine(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

bool SaysUtf8(const char* locale) {
  return locale != nullptr &&
         (strcasestr(locale, "utf-8") != nullptr || strcasestr(locale, "utf8") != nullptr);
}

bool IsSet(const char* value) {
  return value != nullptr && *value != '\0';
}

}  // namespace

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kSkipped:
      break;
  }
  return "skipped";
}

Style StyleFor(const TerminalFacts& facts) {
  const char* locale = IsSet(facts.lc_all)     ? facts.lc_all
                       : IsSet(facts.lc_ctype) ? facts.lc_ctype
                                               : facts.lang;
  const bool dumb = !IsSet(facts.term) || strcmp(facts.term, "dumb") == 0;
  return {.colour = facts.is_terminal && !dumb && !IsSet(facts.no_color), .utf8 = SaysUtf8(locale)};
}

Style StyleOf(FILE* out) {
  return StyleFor({.is_terminal = isatty(fileno(out)) == 1,
                   .lc_all = getenv("LC_ALL"),
                   .lc_ctype = getenv("LC_CTYPE"),
                   .lang = getenv("LANG"),
                   .no_color = getenv("NO_COLOR"),
                   .term = getenv("TERM")});
}

std::string RenderCheck(const Check& check, const Style& style) {
  const Mark mark = MarkOf(check.verdict);
  const char* sign = style.utf8 ? mark.utf8 : mark.ascii;
  std::string line = "  ";
  line += style.colour ? mark.colour + std::string(sign) + kPlain : sign;
  line += "  " + OneLine(check.name);
  line.append(kNameColumns - std::min(check.name.size(), kNameColumns), ' ');
  line += "  " + OneLine(check.found) + "\n";
  if (check.cure.empty()) return line;
  const size_t indent = 2 + (style.utf8 ? 1 : strlen(mark.ascii)) + 2 + kNameColumns + 2;
  return line + std::string(indent, ' ') + (style.utf8 ? "\u2192 " : "-> ") + OneLine(check.cure) + "\n";
}

void Report::Ok(std::string name, std::string found) {
  Add(Verdict::kOk, std::move(name), std::move(found), {});
}

void Report::Warn(std::string name, std::string found, std::string cure) {
  Add(Verdict::kWarning, std::move(name), std::move(found), std::move(cure));
}

void Report::Fail(std::string name, std::string found, std::string cure) {
  Add(Verdict::kFailed, std::move(name), std::move(found), std::move(cure));
}

void Report::Skip(std::string name, const std::string& because) {
  Add(Verdict::kSkipped, std::move(name), "skipped because " + because, {});
}

void Report::Add(Verdict verdict, std::string name, std::string found, std::string cure) {
  checks_.push_back({area_, std::move(name), verdict, std::move(found), std::move(cure)});
  if (out_ == nullptr) return;
  if (printed_area_ != area_) {
    fprintf(out_, "%s%s%s%s\n", printed_area_.empty() ? "" : "\n", style_.colour ? kBold : "",
            OneLine(area_).c_str(), style_.colour ? kPlain : "");
    printed_area_ = area_;
  }
  fputs(RenderCheck(checks_.back(), style_).c_str(), out_);
  fflush(out_);  // checks take their time: each is seen when it is done
}

size_t Report::Count(Verdict verdict) const {
  return static_cast<size_t>(std::ranges::count(checks_, verdict, &Check::verdict));
}

void Report::PrintSummary() const {
  if (out_ == nullptr) return;
  const size_t warnings = Count(Verdict::kWarning);
  fprintf(out_, "\n%zu ok, %zu %s, %zu failed", Count(Verdict::kOk), warnings,
          warnings == 1 ? "warning" : "warnings", Count(Verdict::kFailed));
  if (const size_t skipped = Count(Verdict::kSkipped); skipped > 0) fprintf(out_, ", %zu skipped", skipped);
  fputc('\n', out_);
  fflush(out_);
}

std::string Report::Json() const {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("ok");
  json.Bool(Good());
  json.Key("checks");
  json.BeginArray();
  for (const Check& check : checks_) {
    json.BeginObject();
    const std::pair<const char*, std::string_view> members[] = {{"area", check.area},
                                                                {"name", check.name},
                                                                {"verdict", VerdictName(check.verdict)},
                                                                {"found", check.found}};
    for (const auto& [key, value] : members) {
      json.Key(key);
      json.String(value);
    }
    json.Key("cure");
    json.StringOrNull(check.cure.empty() ? std::nullopt : std::optional<std::string>(check.cure));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return text + "\n";
}

}  // namespace picket
