// A producer that tells what librdkafka tells it: for tests of port/kafka_tls against real brokers.
//
//   kafka_tls_client TOPIC COUNT SECONDS [--now=UNIX_TIME] [--size=BYTES] property=value...
//
// Sends COUNT records (keys "0", "1", ...; values the same, padded with dots to BYTES) and waits at most
// SECONDS for their reports. Prints one line for each error callback, "error CODE cause=NAME TEXT", and at
// the end "delivered N failed N". With COUNT 0 it only connects, and ends after the first error. Exit status:
// 0 all delivered, 1 not all, 2 refused configuration.
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
  printf("error %s cause=%s %s\n", rd_kafka_err2name(err), kafka_tls_cause_name(kafka_tls_cause_of(reason)),
         reason);
  fflush(stdout);
}

static int64_t fixed_clock(void* opaque) {
  return *(const int64_t*)opaque;
}

struct options {
  int64_t now;
  size_t size;
};

static int set_properties(rd_kafka_conf_t* conf, int count, char** properties, struct options* options) {
  char errstr[512];
  for (int i = 0; i < count; ++i) {
    if (strncmp(properties[i], "--now=", 6) == 0) {
      options->now = strtoll(properties[i] + 6, NULL, 10);
      kafka_tls_set_clock(fixed_clock, &options->now);
      continue;
    }
    if (strncmp(properties[i], "--size=", 7) == 0) {
      options->size = strtoul(properties[i] + 7, NULL, 10);
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

static rd_kafka_resp_err_t send_record(rd_kafka_t* rk, const char* topic, const char* key, const char* value,
                                       size_t size) {
  return rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, strlen(key)),
                           RD_KAFKA_V_VALUE((void*)value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                           RD_KAFKA_V_END);
}

static void send_records(rd_kafka_t* rk, const char* topic, int count, size_t size, time_t deadline) {
  const size_t capacity = size > 32 ? size : 32;
  char* value = malloc(capacity);
  if (value == NULL) abort();
  for (int i = 0; i < count && time(NULL) <= deadline;) {
    char key[32];
    const size_t key_size = (size_t)snprintf(key, sizeof key, "%d", i);
    memset(value, '.', capacity);
    memcpy(value, key, key_size);
    const rd_kafka_resp_err_t error = send_record(rk, topic, key, value, size > key_size ? size : key_size);
    rd_kafka_poll(rk, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++i;
    } else if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      printf("produce %s\n", rd_kafka_err2name(error));
      break;
    }
  }
  free(value);
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s TOPIC COUNT SECONDS [--now=UNIX_TIME] [--size=BYTES] property=value...\n",
            argv[0]);
    return 2;
  }
  const char* topic = argv[1];
  const int count = atoi(argv[2]);
  const time_t deadline = time(NULL) + atoi(argv[3]);
  struct counts counts = {0};
  struct options options = {0};

  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_opaque(conf, &counts);
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  rd_kafka_conf_set_error_cb(conf, on_error);
  if (set_properties(conf, argc - 4, argv + 4, &options) != 0) {
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
  send_records(rk, topic, count, options.size, deadline);
  while (time(NULL) <= deadline &&
         (count == 0 ? counts.errors == 0 : counts.delivered + counts.failed < count)) {
    rd_kafka_poll(rk, 100);
  }
  printf("delivered %d failed %d\n", counts.delivered, counts.failed);
  rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return counts.delivered == count ? 0 : 1;
}
