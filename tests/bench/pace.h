// What the bare programs share: requests evenly spread over time, and the CPU time they took.
#ifndef PICKET_TESTS_BENCH_PACE_H_
#define PICKET_TESTS_BENCH_PACE_H_

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

// User and system time of this process so far, in seconds.
static inline double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Calls `request(opaque)` `warm_up` times uncounted, then `count` times, one each `interval_us` microseconds
// (late ones at once). `request` returns 0 when it went well. Prints "ok=N failed=N cpu_ms=X"; X is CPU time
// a request, counted ones only. Returns the exit status: 0, or 1 when a counted request failed.
static inline int run_paced(int warm_up, int count, long interval_us, int (*request)(void*), void* opaque) {
  int failed = 0;
  double begin = 0;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (int i = -warm_up; i < count; ++i) {
    if (i == 0) begin = cpu_seconds();
    if (request(opaque) != 0 && i >= 0) ++failed;
    next.tv_nsec += interval_us * 1000;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  printf("ok=%d failed=%d cpu_ms=%.6f\n", count - failed, failed, (cpu_seconds() - begin) * 1e3 / count);
  return failed == 0 ? 0 : 1;
}

#endif  // PICKET_TESTS_BENCH_PACE_H_
