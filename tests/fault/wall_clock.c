/* A wall clock that steps, for one program: LD_PRELOAD=wall_clock.so WALL_CLOCK_FILE=FILE.
 *
 * FILE holds eight bytes, what to add to CLOCK_REALTIME in nanoseconds; whoever writes it steps the
 * clock. Clocks that only go forward stay true, timers on them as well. (libfaketime 0.9 moves timers
 * of CLOCK_BOOTTIME too.) As in the kernel, who waits on a condition variable until a moment of
 * CLOCK_REALTIME feels the step while it waits: after a step back of an hour it waits an hour longer.
 *
 * glibc 2.34 or newer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t kSecond = 1000000000;
static const int64_t kSlice = 20000000; /* a step is felt within this time, ns */

static volatile const int64_t* step_ns;

__attribute__((constructor)) static void Open(void) {
  const char* path = getenv("WALL_CLOCK_FILE");
  const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* place = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *step_ns, PROT_READ, MAP_SHARED, fd, 0);
  if (place == MAP_FAILED) abort(); /* a test without its fault would pass */
  step_ns = place;
  close(fd);
}

static int64_t Read(clockid_t clock) {
  struct timespec now;
  syscall(SYS_clock_gettime, clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

static struct timespec AsTimespec(int64_t ns) {
  return (struct timespec){.tv_sec = ns / kSecond, .tv_nsec = ns % kSecond};
}

static int64_t Wall(void) { return Read(CLOCK_REALTIME) + (step_ns == NULL ? 0 : *step_ns); }

int clock_gettime(clockid_t clock, struct timespec* out) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return (int)syscall(SYS_clock_gettime, clock, out);
  *out = AsTimespec(Wall());
  return 0;
}

time_t time(time_t* out) {
  const time_t now = Wall() / kSecond;
  if (out != NULL) *out = now;
  return now;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  (void)zone;
  const int64_t now = Wall();
  *out = (struct timeval){.tv_sec = now / kSecond, .tv_usec = now % kSecond / 1000};
  return 0;
}

int timespec_get(struct timespec* out, int base) {
  *out = AsTimespec(Wall());
  return base;
}

int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  /* Set by pthread_condattr_setclock(CLOCK_MONOTONIC): glibc's nptl/pthread_cond_common.c. */
  if (condition->__data.__wrefs & 2) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  const int64_t left = until->tv_sec * kSecond + until->tv_nsec - Wall();
  const struct timespec wake = AsTimespec(Read(CLOCK_MONOTONIC) + (left < 0 ? 0 : left < kSlice ? left : kSlice));
  const int result = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &wake);
  /* Too early: a wake-up without a reason, as the standard allows. The caller waits on. */
  return result == ETIMEDOUT && left > kSlice ? 0 : result;
}
