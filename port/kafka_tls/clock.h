// The clock of kafka_tls_set_clock(), for those who read it.
#ifndef PICKET_PORT_KAFKA_TLS_CLOCK_H_
#define PICKET_PORT_KAFKA_TLS_CLOCK_H_

#include <stdbool.h>

#include "kafka_tls.h"

// False when none is set, `*now` being untouched: certificates are judged by the system's clock then.
bool kafka_tls_clock_now(int64_t* now);

#endif  // PICKET_PORT_KAFKA_TLS_CLOCK_H_
