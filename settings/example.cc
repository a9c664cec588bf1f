#include "settings/example.h"

#include <algorithm>
#include <string_view>

#include "settings/reference.h"

namespace picket {
namespace {

constexpr size_t kColumns = 118;
constexpr std::string_view kMark = "#:";

// Shown for keys that have no default.
struct Example {
  std::string_view name, value;
};
constexpr Example kExamples[] = {
    {"kafka.brokers", "[kafka.example:9094]"},
    {"kafka.username", "picket"},
    {"kafka.password", "/etc/picket/password"},
    {"database.url", "/etc/picket/database-url"},
    {"url", "https://example.org/health"},
    {"name", "example"},
    {"regex", "ok"},
};

std::string_view ValueOf(const Key& key) {
  if (!key.fallback.empty()) return key.fallback;
  const auto* found = std::ranges::find(kExamples, key.name, &Example::name);
  return found == std::end(kExamples) ? std::string_view() : found->value;
}

// Without the marks that Markdown wants.
std::string PlainHelp(const Key& key) {
  std::string text(key.help);
  // How long a text or a list may be is of no interest here.
  const bool has_limits = key.type == ValueType::kChoice || key.type == ValueType::kInteger ||
                          key.type == ValueType::kDuration || key.type == ValueType::kSize;
  if (has_limits) text += " (" + KeyLimits(key) + ")";
  if (key.secret) text += " The file holds it and nothing else.";
  std::erase(text, '`');
  return text;
}

// Comment lines, broken between words.
void AppendComment(std::string_view indent, const std::string& text, std::string* out) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t room = kColumns - indent.size() - 2;
    size_t length = text.size() - at;
    if (length > room) {
      const size_t space = text.rfind(' ', at + room);
      length = space == std::string::npos || space <= at ? text.find(' ', at) - at : space - at;
      length = std::min(length, text.size() - at);
    }
    out->append(indent).append("# ").append(text, at, length).append("\n");
    at += length + 1;
  }
}

void AppendKey(const Key& key, std::string_view indent, std::string_view lead, std::string* out) {
  const size_t dot = key.name.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? key.name : key.name.substr(dot + 1);
  const std::string_view value = ValueOf(key);
  AppendComment("  " + std::string(indent), PlainHelp(key), out);
  out->append(kMark).append(lead).append(name).append(key.secret ? "_file:" : ":");
  if (!value.empty()) {
    out->append(" ").append(key.type == ValueType::kTextList ? std::string(value) : YamlScalar(value));
  }
  *out += '\n';
}

}  // namespace

std::string KeyExample(std::span<const Key> keys, std::span<const Key> entry_keys) {
  std::string out;
  std::string_view section;
  for (const Key& key : keys) {
    const size_t dot = key.name.rfind('.');
    const std::string_view here = dot == std::string_view::npos ? "" : key.name.substr(0, dot);
    if (here != section || here.empty()) out += '\n';
    if (here != section && !here.empty()) out.append(kMark).append(here).append(":\n");
    section = here;
    if (key.type != ValueType::kCustom) {
      const std::string_view indent = here.empty() ? "" : "  ";
      AppendKey(key, indent, indent, &out);
      continue;
    }
    AppendComment("  ", PlainHelp(key), &out);
    out.append(kMark).append(key.name).append(":\n");
    for (const Key& entry : entry_keys) {
      AppendKey(entry, "    ", &entry == entry_keys.data() ? "  - " : "    ", &out);
    }
  }
  return out;
}

}  // namespace picket
