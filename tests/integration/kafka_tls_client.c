// A producer that tells what librdkafka tells it: for tests of port/kafka_tls against real brokers.
//
//   kafka_tls_client TOPIC COUNT SECONDS [--now=UNIX_TIME] property=value...
//
// Sends COUNT records (keys and values "0", "1", ...) and waits at most SECONDS for their reports. Prints one line
// for each error callback, "error CODE cause=NAME TEXT", and at the end "delivered N failed N". With COUNT 0 it only
// connects, and ends after the first error. Exit status: 0 all delivered, 1 not all, 2 refused configuration.
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <picket/kafka_tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct counts {
  int delivered;
  int failed;
  int errors;
};

static void on_report(rd_kafka_t* rk, const rd_kafka_message_t* message, void* opaque) {
  struct counts* counts = opaque;
  (void)rk;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++counts->delivered;
  } else if (counts->failed++ == 0) {
    printf("report %s\n", rd_kafka_err2name(message->err));
  }
}

static void on_error(rd_kafka_t* rk, int err, const char* reason, void* opaque) {
  (void)rk;
  ++((struct counts*)opaque)->errors;
  printf("error %s cause=%s %s\n", rd_kafka_err2name(err), kafka_tls_cause_name(kafka_tls_cause_of(reason)), reason);
  fflush(stdout);
}

static int64_t fixed_clock(void* opaque) { return *(const int64_t*)opaque; }

static int set_properties(rd_kafka_conf_t* conf, int count, char** properties, int64_t* now) {
  char errstr[512];
  for (int i = 0; i < count; ++i) {
    if (strncmp(properties[i], "--now=", 6) == 0) {
      *now = strtoll(properties[i] + 6, NULL, 10);
      kafka_tls_set_clock(fixed_clock, now);
      continue;
    }
    char* value = strchr(properties[i], '=');
    if (value == NULL) return -1;
    *value++ = '\0';
    if (rd_kafka_conf_set(conf, properties[i], value, errstr, sizeof errstr) != RD_KAFKA_CONF_OK) {
      printf("refused %s\n", errstr);
      return -1;
    }
  }
  return 0;
}

static int send_records(rd_kafka_t* rk, const char* topic, int count, time_t deadline) {
  for (int i = 0; i < count; ++i) {
    char text[32];
    const int size = snprintf(text, sizeof text, "%d", i);
    rd_kafka_resp_err_t error;
    do {
      error = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(text, (size_t)size),
                                RD_KAFKA_V_VALUE(text, (size_t)size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(rk, 100);
      if (time(NULL) > deadline) return -1;
    } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      printf("produce %s\n", rd_kafka_err2name(error));
      return -1;
    }
    rd_kafka_poll(rk, 0);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s TOPIC COUNT SECONDS [--now=UNIX_TIME] property=value...\n", argv[0]);
    return 2;
  }
  const char* topic = argv[1];
  const int count = atoi(argv[2]);
  const time_t deadline = time(NULL) + atoi(argv[3]);
  struct counts counts = {0};
  int64_t now = 0;

  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_opaque(conf, &counts);
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  rd_kafka_conf_set_error_cb(conf, on_error);
  if (set_properties(conf, argc - 4, argv + 4, &now) != 0) {
    rd_kafka_conf_destroy(conf);
    return 2;
  }
  char errstr[512];
  rd_kafka_t* rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
  if (rk == NULL) {
    printf("refused %s\n", errstr);
    rd_kafka_conf_destroy(conf);
    return 2;
  }
  send_records(rk, topic, count, deadline);
  while (time(NULL) <= deadline && (count == 0 ? counts.errors == 0 : counts.delivered + counts.failed < count)) {
    rd_kafka_poll(rk, 100);
  }
  printf("delivered %d failed %d\n", counts.delivered, counts.failed);
  rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return counts.delivered == count ? 0 : 1;
}
