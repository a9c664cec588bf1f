// librdkafka can send metrics of its own to the broker (KIP-714). Over a metered link nobody asked for that, and it
// is left out: no broker is ever chosen for it, so that no subscription is requested and nothing is sent.
#include "internal.h"

#include "rdkafka_telemetry.h"

// Reached for each broker that would take metrics.
void rd_kafka_set_telemetry_broker_maybe(rd_kafka_t* rk, rd_kafka_broker_t* rkb) {
  (void)rk;
  (void)rkb;
}

// Reached by every handle at its end.
void rd_kafka_telemetry_await_termination(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_telemetry_clear(rd_kafka_t* rk, rd_bool_t clear_control_flow_fields) {
  (void)rk;
  (void)clear_control_flow_fields;
}

void rd_kafka_telemetry_schedule_termination(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_handle_get_telemetry_subscriptions(rd_kafka_t* rk, rd_kafka_resp_err_t err) {
  (void)rk;
  (void)err;
}

void rd_kafka_handle_push_telemetry(rd_kafka_t* rk, rd_kafka_resp_err_t err) {
  (void)rk;
  (void)err;
}

// The slots in librdkafka's self-test.
int unittest_telemetry(void) {
  return 0;
}

int unittest_telemetry_decode(void) {
  return 0;
}
