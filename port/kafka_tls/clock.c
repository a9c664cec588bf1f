#include "clock.h"

#include <stddef.h>

// Written before the first handle exists, so before any thread that reads it is started.
static kafka_tls_clock_fn clock_function = NULL;
static void* clock_opaque = NULL;

void kafka_tls_set_clock(kafka_tls_clock_fn clock, void* opaque) {
  clock_function = clock;
  clock_opaque = opaque;
}

bool kafka_tls_clock_now(int64_t* now) {
  if (clock_function == NULL) return false;
  *now = clock_function(clock_opaque);
  return true;
}
