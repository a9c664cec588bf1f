// librdkafka carries a whole mock broker for its own tests, a tenth of the agent's program. It is left out;
// these are the four ends that rdkafka.c holds of it. With `test.mock.num.brokers` set, rd_kafka_new() fails.
#include "internal.h"

#include "rdkafka_mock.h"

rd_kafka_mock_cluster_t* rd_kafka_mock_cluster_new(rd_kafka_t* rk, int broker_cnt) {
  (void)broker_cnt;
  rd_kafka_log(rk, LOG_ERR, "MOCK", "test.mock.num.brokers: this build has no mock brokers");
  return NULL;
}

// Never reached, as there is no cluster to call them with.
void rd_kafka_mock_cluster_destroy(rd_kafka_mock_cluster_t* mcluster) {
  (void)mcluster;
}

const char* rd_kafka_mock_cluster_bootstraps(const rd_kafka_mock_cluster_t* mcluster) {
  (void)mcluster;
  return "";
}

rd_kafka_resp_err_t rd_kafka_mock_broker_set_rtt(rd_kafka_mock_cluster_t* mcluster, int32_t broker_id,
                                                 int rtt_ms) {
  (void)mcluster;
  (void)broker_id;
  (void)rtt_ms;
  return RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

// The slot in librdkafka's self-test.
int unittest_mock_cluster(void) {
  return 0;
}
