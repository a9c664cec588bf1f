#include "port/thread_name.h"

#include <sys/prctl.h>

namespace picket {

// It fails only for an address that is none of ours.
void NameThisThread(const char* name) { (void)prctl(PR_SET_NAME, name, 0, 0, 0); }

}  // namespace picket
