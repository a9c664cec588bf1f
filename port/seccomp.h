// Takes from this process every system call that it does not need: what breaks into it can then neither start a
// program nor change users, mounts, other processes or the kernel. seccomp(2), filter mode.
#pragma once

#include <cstdint>

#include "port/error.h"

namespace picket {

enum class SeccompMode : uint8_t {
  kDeny,  // a call that is not allowed fails with ENOSYS, as on a kernel without it; the kernel's audit log names it
  kKill,  // it ends the process with SIGSYS: for tests, which measure the list with it
};

// For all threads, those to come too, and for good; also forbids new privileges (execve of setuid programs). To be
// called when everything that needs more is done. Errors: kUnavailable when the kernel has no seccomp filters, this
// processor is not known here, or the build is a sanitizer's; the process goes on as before.
Status RestrictSystemCalls(SeccompMode mode);

}  // namespace picket
