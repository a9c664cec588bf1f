// The agent only produces. librdkafka's consumer, its groups, assignors and fetcher, is a fifth of it and is left
// out; these are the ends that the rest holds of it. rd_kafka_new() refuses to make a consumer, so that only those
// that say so are ever reached; the others are there for the linker.
#include "internal.h"

#include "rdkafka_assignment.h"
#include "rdkafka_assignor.h"
#include "rdkafka_cgrp.h"
#include "rdkafka_fetcher.h"
#include "rdkafka_idempotence.h"

// Reached by every handle, early in rd_kafka_new(): here a consumer, and a producer of transactions, ends.
int rd_kafka_assignors_init(rd_kafka_t* rk, char* errstr, size_t errstr_size) {
  if (rk->rk_type == RD_KAFKA_CONSUMER) {
    rd_snprintf(errstr, errstr_size, "this build of librdkafka has no consumer");
    return -1;
  }
  if (rd_kafka_is_transactional(rk)) {
    rd_snprintf(errstr, errstr_size, "transactional.id: this build of librdkafka has no transactions");
    return -1;
  }
  return 0;
}

// Reached by every handle.
void rd_kafka_assignors_term(rd_kafka_t* rk) {
  (void)rk;
}

// Reached when a partition changes its broker: to be taken from the list of those to fetch, where it never was.
rd_ts_t rd_kafka_toppar_fetch_decide(rd_kafka_toppar_t* rktp, rd_kafka_broker_t* rkb, int force_remove) {
  (void)rktp;
  (void)rkb;
  (void)force_remove;
  return RD_TS_MAX;
}

// Reached when a partition has a new leader; what a consumer would do with the position, a producer does not.
rd_kafka_fetch_pos_t rd_kafka_toppar_fetch_decide_next_fetch_start_pos(rd_kafka_toppar_t* rktp) {
  return rktp->rktp_offsets.fetch_pos;
}

int rd_kafka_broker_fetch_toppars(rd_kafka_broker_t* rkb, rd_ts_t now) {
  (void)rkb;
  (void)now;
  return 0;
}

void rd_kafka_assignment_init(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_assignment_destroy(rd_kafka_t* rk) {
  (void)rk;
}

void rd_kafka_assignment_partition_stopped(rd_kafka_t* rk, rd_kafka_toppar_t* rktp) {
  (void)rk;
  (void)rktp;
}

// Indexed by the states of a group, and there is none.
const char* rd_kafka_cgrp_state_names[1] = {"none"};
const char* rd_kafka_cgrp_join_state_names[1] = {"none"};

rd_kafka_cgrp_t* rd_kafka_cgrp_new(rd_kafka_t* rk, rd_kafka_group_protocol_t group_protocol,
                                   const rd_kafkap_str_t* group_id, const rd_kafkap_str_t* client_id) {
  (void)rk;
  (void)group_protocol;
  (void)group_id;
  (void)client_id;
  return NULL;
}

void rd_kafka_cgrp_destroy_final(rd_kafka_cgrp_t* rkcg) {
  (void)rkcg;
}

void rd_kafka_cgrp_serve(rd_kafka_cgrp_t* rkcg) {
  (void)rkcg;
}

void rd_kafka_cgrp_op(rd_kafka_cgrp_t* rkcg, rd_kafka_toppar_t* rktp, rd_kafka_replyq_t replyq,
                      rd_kafka_op_type_t type, rd_kafka_resp_err_t err) {
  (void)rkcg;
  (void)rktp;
  (void)replyq;
  (void)type;
  (void)err;
}

void rd_kafka_cgrp_terminate(rd_kafka_cgrp_t* rkcg, rd_kafka_replyq_t replyq) {
  (void)rkcg;
  (void)replyq;
}

void rd_kafka_cgrp_coord_query(rd_kafka_cgrp_t* rkcg, const char* reason) {
  (void)rkcg;
  (void)reason;
}

void rd_kafka_cgrp_coord_dead(rd_kafka_cgrp_t* rkcg, rd_kafka_resp_err_t err, const char* reason) {
  (void)rkcg;
  (void)err;
  (void)reason;
}

void rd_kafka_cgrp_metadata_update_check(rd_kafka_cgrp_t* rkcg, rd_bool_t do_join) {
  (void)rkcg;
  (void)do_join;
}

void rd_kafka_cgrp_consumer_expedite_next_heartbeat(rd_kafka_cgrp_t* rkcg, const char* reason) {
  (void)rkcg;
  (void)reason;
}

rd_bool_t rd_kafka_cgrp_assignment_is_lost(rd_kafka_cgrp_t* rkcg) {
  (void)rkcg;
  return rd_false;
}

rd_kafka_consumer_group_metadata_t* rd_kafka_consumer_group_metadata_new(const char* group_id) {
  (void)group_id;
  return NULL;
}

void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t* cgmetadata) {
  (void)cgmetadata;
}

// The slots in librdkafka's self-test.
int unittest_assignors(void) {
  return 0;
}

int unittest_cgrp(void) {
  return 0;
}
