// Preloaded into a process under test: what its clock says and what its disk answers is then up to the test, which
// writes to the control file named by GUARDWATCH_FAULTS_CONTROL. Disk faults concern files below
// GUARDWATCH_FAULTS_DIRECTORY.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// As faults.py packs it.
struct control {
  volatile int64_t clock_offset;  // Seconds that the wall clock is ahead.
  volatile int32_t write_error;   // What writing fails with; 0: it does not.
  volatile int32_t sync_error;    // The same of making it durable.
  volatile int64_t faults;        // How often one was made.
};

static struct control* control;
static const char* directory;

// What stands behind each function; found before there is a second thread.
#define FOR_EACH(do)                                                                            \
  do(write) do(pwrite) do(pwrite64) do(fsync) do(fdatasync) do(clock_gettime) do(gettimeofday)  \
  do(timespec_get) do(pthread_cond_clockwait)
#define DECLARE(name) static __typeof__(&name) real_##name;
#define FIND(name) real_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name);
FOR_EACH(DECLARE)

#define REAL(name) (real_##name != NULL ? real_##name : (find(), real_##name))
static void find(void) { FOR_EACH(FIND) }

__attribute__((constructor)) static void start(void) {
  find();
  const char* path = getenv("GUARDWATCH_FAULTS_CONTROL");
  directory = getenv("GUARDWATCH_FAULTS_DIRECTORY");
  const int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (control == MAP_FAILED) abort();
}


// --- The disk ---

static int fails(int fd, int error) {
  char link[64];
  char target[PATH_MAX];
  if (error == 0 || directory == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, target, sizeof target - 1);
  if (size < 0) return 0;
  target[size] = '\0';
  if (strncmp(target, directory, strlen(directory)) != 0) return 0;
  __sync_fetch_and_add(&control->faults, 1);
  errno = error;
  return 1;
}

static int write_fails(int fd) { return control != NULL && fails(fd, control->write_error); }
static int sync_fails(int fd) { return control != NULL && fails(fd, control->sync_error); }

ssize_t write(int fd, const void* data, size_t size) {
  return write_fails(fd) ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return write_fails(fd) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return write_fails(fd) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
int fsync(int fd) { return sync_fails(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return sync_fails(fd) ? -1 : REAL(fdatasync)(fd); }

// --- The wall clock ---

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }
static time_t offset(void) { return control == NULL ? 0 : control->clock_offset; }

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = REAL(clock_gettime)(clock, now);
  if (result == 0 && is_wall(clock)) now->tv_sec += offset();
  return result;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  const int result = REAL(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += offset();
  return result;
}

int timespec_get(struct timespec* now, int base) {
  const int result = REAL(timespec_get)(now, base);
  if (result == TIME_UTC) now->tv_sec += offset();
  return result;
}

time_t time(time_t* now) {
  struct timespec found;
  clock_gettime(CLOCK_REALTIME, &found);
  if (now != NULL) *now = found.tv_sec;
  return found.tv_sec;
}

static int reached(const struct timespec* deadline) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

// A deadline by the wall clock comes nearer when that is set forward, and goes away when it is set back, as it does in
// the kernel: looked at again every few milliseconds.
int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict deadline) {
  while (!reached(deadline)) {
    struct timespec slice;
    struct timespec left;
    REAL(clock_gettime)(CLOCK_MONOTONIC, &slice);
    clock_gettime(CLOCK_REALTIME, &left);
    int64_t ns = (deadline->tv_sec - left.tv_sec) * INT64_C(1000000000) + deadline->tv_nsec - left.tv_nsec;
    if (ns < 0) ns = 0;
    if (ns > 20000000) ns = 20000000;
    slice.tv_nsec += ns;
    slice.tv_sec += slice.tv_nsec / 1000000000;
    slice.tv_nsec %= 1000000000;
    const int result = REAL(pthread_cond_clockwait)(condition, mutex, CLOCK_MONOTONIC, &slice);
    if (result != ETIMEDOUT) return result;
  }
  return ETIMEDOUT;
}
