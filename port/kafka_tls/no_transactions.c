// The agent's producer is idempotent, not transactional: rd_kafka_new() refuses a transactional.id (no_consumer.c).
// These are the ends that idempotence holds of transactions, each behind a question whether there are any.
#include "internal.h"

#include "rdkafka_txnmgr.h"

void rd_kafka_txns_init(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_txns_term(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_txn_idemp_state_change(rd_kafka_t* rk, rd_kafka_idemp_state_t state) {
  (void)rk;
  (void)state;
}

void rd_kafka_txn_schedule_register_partitions(rd_kafka_t* rk, int backoff_ms) {
  (void)rk;
  (void)backoff_ms;
}

rd_bool_t rd_kafka_txn_coord_query(rd_kafka_t* rk, const char* reason) {
  (void)rk;
  (void)reason;
  return rd_false;
}

rd_bool_t rd_kafka_txn_coord_set(rd_kafka_t* rk, rd_kafka_broker_t* rkb, const char* fmt, ...) {
  (void)rk;
  (void)rkb;
  (void)fmt;
  return rd_false;
}

void rd_kafka_txn_set_fatal_error(rd_kafka_t* rk, rd_dolock_t do_lock, rd_kafka_resp_err_t err, const char* fmt,
                                  ...) {
  (void)rk;
  (void)do_lock;
  (void)err;
  (void)fmt;
}

void rd_kafka_txn_set_abortable_error0(rd_kafka_t* rk, rd_kafka_resp_err_t err, rd_bool_t requires_epoch_bump,
                                       const char* fmt, ...) {
  (void)rk;
  (void)err;
  (void)requires_epoch_bump;
  (void)fmt;
}
