// Exit codes of picket-consumer: sysexits.h, so that a service manager can tell what a restart cures.
#pragma once

#include <sysexits.h>

#include "port/error.h"

namespace picket {

// Not among sysexits: the audit found records that are lost without a name, or tables that disagree.
inline constexpr int kExitAuditFailed = 1;

inline int ExitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return EX_USAGE;  // 64
    case ErrorCode::kCorrupt:
      return EX_DATAERR;  // 65: Kafka no longer has what comes next, ...
    case ErrorCode::kUnavailable:
      return EX_UNAVAILABLE;  // 69
    case ErrorCode::kConfig:  // 78: so must a person set right a refused login,
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:  // a missing permission
    case ErrorCode::kUnsupported:
      return EX_CONFIG;  // or a schema that is not this program's
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kIo:
      return EX_IOERR;  // 74
    case ErrorCode::kInternal:
      return EX_SOFTWARE;  // 70
  }
  return EX_SOFTWARE;
}

}  // namespace picket
