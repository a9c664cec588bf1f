// librdkafka and nothing else: sends records and says what that took. Built twice: bare_producer_mbedtls with
// the agent's librdkafka (port/kafka_tls), bare_producer_openssl with the consumer's (OpenSSL).
//
//   bare_producer TOPIC COUNT FILE SECONDS property=value...
//
// The records are the lines of FILE, over and over, with a key and headers as the agent's records have.
// Queues up to COUNT of them, prints "queued" once no more fit or all are in, and waits at most SECONDS for
// all reports. Then prints "delivered=N cpu_s=X" (X: CPU time of the whole program).
// Exit status: 0 all delivered, 1 not all, 2 refused configuration.
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "pace.h"

static void on_report(rd_kafka_t* rk, const rd_kafka_message_t* message, void* opaque) {
  (void)rk;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++*(int*)opaque;
}

static int set_properties(rd_kafka_conf_t* conf, int count, char** properties) {
  char text[512];
  for (int i = 0; i < count; ++i) {
    char* value = strchr(properties[i], '=');
    if (value == NULL) return 2;
    *value++ = '\0';
    if (rd_kafka_conf_set(conf, properties[i], value, text, sizeof text) != RD_KAFKA_CONF_OK) {
      fprintf(stderr, "bare_producer: %s\n", text);
      return 2;
    }
  }
  return 0;
}

// The next line of `file`, from its begin again after its end, in `line`; its length without the line break,
// or -1 when there is none.
static ssize_t next_line(FILE* file, char** line, size_t* room) {
  ssize_t length = getline(line, room, file);
  if (length < 0) {
    rewind(file);
    length = getline(line, room, file);
  }
  return length > 0 && (*line)[length - 1] == '\n' ? length - 1 : length;
}

// Whether `seconds` have passed since `begin`.
static int late(const struct timespec* begin, int seconds) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec - begin->tv_sec >= seconds;
}

static void say_queued(int* said) {
  if (!*said) {
    puts("queued");
    fflush(stdout);
  }
  *said = 1;
}

int main(int argc, char** argv) {
  char text[512];
  if (argc < 5) {
    fprintf(stderr, "usage: bare_producer TOPIC COUNT FILE SECONDS property=value...\n");
    return 2;
  }
  const int count = atoi(argv[2]);
  const int seconds = atoi(argv[4]);
  FILE* file = fopen(argv[3], "r");
  char* line = NULL;
  size_t room = 0;
  int delivered = 0;
  int said = 0;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  rd_kafka_conf_set_opaque(conf, &delivered);
  rd_kafka_t* rk = NULL;
  text[0] = '\0';
  if (file == NULL || set_properties(conf, argc - 5, argv + 5) != 0 ||
      (rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text)) == NULL) {
    fprintf(stderr, "bare_producer: not started: %s\n", file == NULL ? argv[3] : text);
    return 2;
  }
  struct timespec begin;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  ssize_t length = next_line(file, &line, &room);
  for (int sent = 0; length > 0 && delivered < count && !late(&begin, seconds);) {
    if (sent == count) {
      say_queued(&said);
      rd_kafka_poll(rk, 100);
      continue;
    }
    rd_kafka_resp_err_t err = rd_kafka_producev(
        rk, RD_KAFKA_V_TOPIC(argv[1]), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY("gw-bench", 8), RD_KAFKA_V_VALUE(line, (size_t)length),
        RD_KAFKA_V_HEADER("agent", "gw-bench", 8), RD_KAFKA_V_HEADER("epoch", "1234567890123456789", 19),
        RD_KAFKA_V_HEADER("seq", "12345", 5), RD_KAFKA_V_END);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++sent;
      length = next_line(file, &line, &room);
      rd_kafka_poll(rk, 0);
    } else if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      say_queued(&said);
      rd_kafka_poll(rk, 50);
    } else {
      fprintf(stderr, "bare_producer: %s\n", rd_kafka_err2str(err));
      return 1;
    }
  }
  // Before the handle ends, which waits for its threads.
  printf("delivered=%d cpu_s=%.6f\n", delivered, cpu_seconds());
  fflush(stdout);
  rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  free(line);
  fclose(file);
  return delivered == count ? 0 : 1;
}
