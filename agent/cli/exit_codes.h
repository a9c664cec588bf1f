// Exit codes of picket: sysexits.h, so that a service manager can tell "fix the configuration" (78, no
// restart) from "try again" (75).
#pragma once

#include <sysexits.h>

#include "port/error.h"

namespace picket {

inline int ExitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return EX_USAGE;      // 64
    case ErrorCode::kConfig: return EX_CONFIG;              // 78
    case ErrorCode::kAlreadyExists: return EX_TEMPFAIL;     // 75: another agent holds the buffer
    case ErrorCode::kUnavailable: return EX_UNAVAILABLE;    // 69
    case ErrorCode::kPermission: return EX_NOPERM;          // 77
    case ErrorCode::kNotFound: return EX_NOINPUT;           // 66
    case ErrorCode::kCorrupt: return EX_DATAERR;            // 65
    case ErrorCode::kInternal: return EX_SOFTWARE;          // 70
    case ErrorCode::kUnsupported:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kIo: return EX_IOERR;                   // 74
  }
  return EX_SOFTWARE;
}

}  // namespace picket
