// What a thread is called in top(1), ps(1) and a debugger.
#pragma once

namespace picket {

// At most 15 bytes, prctl(2)'s PR_SET_NAME; more are cut off. librdkafka's threads have names of its own.
void NameThisThread(const char* name);

}  // namespace picket
