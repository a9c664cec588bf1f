// The one error type and the value-or-error that every fallible function returns.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace picket {

// What kind of thing went wrong: enough to choose an exit code, a metric label or a retry, no more.
// The text beside it is for people.
enum class ErrorCode : uint8_t {
  kInvalidArgument,   // the caller's input breaks a documented rule
  kConfig,            // what the user wrote: file, environment, flags (exit 78)
  kNotFound,          // a file, key or row that had to be there is not
  kAlreadyExists,     // e.g. another agent holds the buffer (exit 75)
  kPermission,        // refused by the system, the broker or the database
  kUnavailable,       // away for now: retry with backoff
  kResourceExhausted, // a stated bound was reached: queue, disk, memory, message size
  kCorrupt,           // data on disk or on the wire is not what it must be
  kUnsupported,       // newer format, missing feature
  kIo,                // the operating system failed an operation
  kInternal,          // a bug of ours that was caught
};

const char* ErrorCodeName(ErrorCode code);

// A code, and one line of text that names the place and, where there is one, the cure.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  // "context: message": callers add where they were, from the inside out.
  Error WithContext(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
  }
};

template <typename T>
using Expected = std::expected<T, Error>;

using Status = Expected<void>;

// printf-style construction: return Fail(ErrorCode::kIo, "cannot open %s: %s", path, strerror(errno));
[[gnu::format(printf, 2, 3)]] std::unexpected<Error> Fail(ErrorCode code, const char* format, ...);

}  // namespace picket
