#include "settings/diagnostics.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace picket {

std::string Place::ToString() const {
  if (line == 0) return source;
  if (column == 0) return source + ":" + std::to_string(line);
  return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Diagnostic::ToString() const {
  return place.ToString() + (severity == Severity::kError ? ": error: " : ": warning: ") + message;
}

void Diagnostics::Error(const Place& place, const char* format, ...) {
  va_list args;
  va_start(args, format);
  ++errors_;
  if (errors_ <= kMaxKept) Add(Severity::kError, place, format, args);
  va_end(args);
}

void Diagnostics::Warning(const Place& place, const char* format, ...) {
  va_list args;
  va_start(args, format);
  ++warnings_;
  if (warnings_ <= kMaxKept) Add(Severity::kWarning, place, format, args);
  va_end(args);
}

void Diagnostics::Add(Severity severity, const Place& place, const char* format, va_list args) {
  std::array<char, 1024> text;  // a longer message is cut
  std::vsnprintf(text.data(), text.size(), format, args);
  Diagnostic diagnostic{severity, place, text.data()};
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(diagnostic.message.begin(), diagnostic.message.end(), is_control, '?');
  items_.push_back(std::move(diagnostic));
}

Status Diagnostics::Result() const {
  if (errors_ == 0) return {};
  std::string lines;
  for (const Diagnostic& item : items_) {
    if (item.severity != Severity::kError) continue;
    if (!lines.empty()) lines += '\n';
    lines += item.ToString();
  }
  if (errors_ > kMaxKept) lines += "\n... and " + std::to_string(errors_ - kMaxKept) + " more errors";
  return std::unexpected(picket::Error{ErrorCode::kConfig, std::move(lines)});
}

}  // namespace picket
