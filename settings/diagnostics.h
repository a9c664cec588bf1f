// What is wrong with a configuration, and where: collected, so that a user sees all of it at once.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "port/error.h"

namespace picket {

// Where a value was written. Lines and columns count from 1; 0: the source has none.
struct Place {
  std::string source;  // a file as the user named it, or "environment variable NAME", or "flag --name"
  size_t line = 0;
  size_t column = 0;

  // "picket.yaml:12:5" or "environment variable KAFKA_TOPIC".
  std::string ToString() const;
};

enum class Severity : uint8_t { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  Place place;
  std::string message;

  // "picket.yaml:12:5: error: unknown key 'intervall' (did you mean 'interval'?)"
  std::string ToString() const;
};

class Diagnostics {
 public:
  // More errors, or more warnings, than this are counted only.
  static constexpr size_t kMaxKept = 20;

  // printf-style. Never put the value of a secret in. Control characters come out as '?'.
  [[gnu::format(printf, 3, 4)]] void Error(const Place& place, const char* format, ...);
  [[gnu::format(printf, 3, 4)]] void Warning(const Place& place, const char* format, ...);

  bool HasErrors() const { return errors_ > 0; }
  size_t ErrorCount() const { return errors_; }
  // In the order in which they were found.
  const std::vector<Diagnostic>& Items() const { return items_; }

  // Success, or one kConfig error whose message has a line for each error kept and, when there were
  // more, a line that says how many. Warnings are not part of it.
  Status Result() const;

 private:
  void Add(Severity severity, const Place& place, const char* format, va_list args);

  std::vector<Diagnostic> items_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

}  // namespace picket
