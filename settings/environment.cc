#include "settings/environment.h"

#include <cctype>
#include <optional>
#include <utility>

namespace picket {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// One pass over the text, a line at a time; a line that is wrong is reported and skipped.
class EnvFileReader {
 public:
  EnvFileReader(std::string_view text, const std::string& source, Diagnostics* diagnostics)
      : text_(text), source_(source), diagnostics_(diagnostics) {}

  Environment Run() {
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = line_start_ = 3;  // byte order mark of Windows editors
    while (!AtEnd()) {
      if (!Line()) SkipLine();
    }
    return std::move(found_);
  }

 private:
  bool AtEnd() const { return position_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\n' : text_[position_]; }
  Place Here() const { return {source_, line_, position_ - line_start_ + 1}; }

  void Advance() {
    if (Peek() == '\n') {
      ++line_;
      line_start_ = position_ + 1;
    }
    ++position_;
  }
  void SkipBlanks() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\r')) Advance();
  }
  void SkipLine() {
    while (Peek() != '\n') Advance();
    Advance();
  }

  bool Refuse(const char* problem) {
    diagnostics_->Error(Here(), "%s", problem);
    return false;
  }

  std::string_view TakeName() {
    const size_t start = position_;
    while (!AtEnd() && IsNameCharacter(Peek())) Advance();
    return text_.substr(start, position_ - start);
  }

  bool Line() {
    SkipBlanks();
    if (Peek() == '\n' || Peek() == '#') {
      SkipLine();
      return true;
    }
    std::string_view name = TakeName();
    if (name == "export" && (Peek() == ' ' || Peek() == '\t')) {
      SkipBlanks();
      name = TakeName();
    }
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) {
      return Refuse("a line must be NAME=value or a comment (#)");
    }
    if (Peek() != '=') return Refuse("'=' must follow the name, without a space");
    Advance();
    const Place place = Here();
    std::optional<std::string> value = Peek() == '\''  ? SingleQuoted()
                                       : Peek() == '"' ? DoubleQuoted()
                                                       : Unquoted();
    if (!value) return false;
    found_[std::string(name)] = {*std::move(value), place};
    return true;
  }

  std::optional<std::string> Unquoted() {
    std::string value;
    SkipBlanks();
    while (Peek() != '\n') {
      const bool comment = Peek() == '#' && (value.empty() || value.back() == ' ' || value.back() == '\t');
      if (comment) break;
      value += Peek();
      Advance();
    }
    SkipLine();
    const size_t last = value.find_last_not_of(" \t\r");
    value.resize(last == std::string::npos ? 0 : last + 1);
    return value;
  }

  std::optional<std::string> SingleQuoted() {
    const Place start = Here();
    std::string value;
    for (Advance(); !AtEnd() && Peek() != '\''; Advance()) value += Peek();
    return Close(start, std::move(value));
  }

  std::optional<std::string> DoubleQuoted() {
    const Place start = Here();
    std::string value;
    for (Advance(); !AtEnd() && Peek() != '"'; Advance()) {
      if (Peek() != '\\' || position_ + 1 >= text_.size()) {
        value += Peek();
        continue;
      }
      Advance();
      switch (Peek()) {
        case 'n':
          value += '\n';
          break;
        case 't':
          value += '\t';
          break;
        case '"':
        case '\\':
        case '$':
          value += Peek();
          break;
        default:
          value.append("\\").push_back(Peek());
      }
    }
    return Close(start, std::move(value));
  }

  // At the closing quote. Behind it only blanks and a comment may stand.
  std::optional<std::string> Close(const Place& start, std::string value) {
    if (AtEnd()) {
      diagnostics_->Error(start, "a quoted value without an end");
      return std::nullopt;
    }
    Advance();
    SkipBlanks();
    if (Peek() != '\n' && Peek() != '#') {
      Refuse("text behind the closing quote");
      return std::nullopt;
    }
    SkipLine();
    return value;
  }

  const std::string_view text_;
  const std::string& source_;
  Diagnostics* const diagnostics_;
  size_t position_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
  Environment found_;
};

}  // namespace

Environment ReadProcessEnvironment(const char* const* environ) {
  Environment environment;
  for (; environ != nullptr && *environ != nullptr; ++environ) {
    const std::string_view entry = *environ;
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;  // allowed by execve(2), names nothing
    const std::string name(entry.substr(0, equals));
    environment[name] = {std::string(entry.substr(equals + 1)), {"environment variable " + name}};
  }
  return environment;
}

void AddEnvFile(std::string_view text, const std::string& source, Environment* environment,
                Diagnostics* diagnostics) {
  if (text.find('\0') != std::string_view::npos) {
    diagnostics->Error({source}, "not a text file: it contains a NUL byte");
    return;
  }
  for (auto& [name, variable] : EnvFileReader(text, source, diagnostics).Run()) {
    const auto [present, added] = environment->try_emplace(name, variable);
    if (!added && present->second.value.empty()) present->second = variable;
  }
}

}  // namespace picket
