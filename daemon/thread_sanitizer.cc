// What ThreadSanitizer has to be told of librdkafka. C11 threads go by way of POSIX threads, since
// it knows only those and ends the process when it meets the others; glibc's types are the same
// underneath. Only in builds with ThreadSanitizer.

#include <cerrno>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <threads.h>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* given) {
  const std::unique_ptr<Start> start(static_cast<Start*>(given));
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the way a POSIX thread returns a number.
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

int Said(int error) { return error == 0 ? thrd_success : thrd_error; }
auto* Posix(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
auto* Posix(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

}  // namespace

extern "C" {

// librdkafka counts references with atomic operations that ThreadSanitizer does not see, and frees
// what a worker has read before.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is ThreadSanitizer's.
const char* __tsan_default_suppressions() { return "race:librdkafka.so"; }

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, Run, start.get());
  if (error == 0) (void)start.release();
  return Said(error);
}
int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  const int error = pthread_join(thread, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return Said(error);
}

int mtx_init(mtx_t* mutex, int /*type*/) noexcept {
  return Said(pthread_mutex_init(Posix(mutex), nullptr));
}
int mtx_lock(mtx_t* mutex) { return Said(pthread_mutex_lock(Posix(mutex))); }
int mtx_unlock(mtx_t* mutex) noexcept { return Said(pthread_mutex_unlock(Posix(mutex))); }
void mtx_destroy(mtx_t* mutex) noexcept { pthread_mutex_destroy(Posix(mutex)); }

int cnd_init(cnd_t* condition) noexcept {
  return Said(pthread_cond_init(Posix(condition), nullptr));
}
int cnd_signal(cnd_t* condition) noexcept { return Said(pthread_cond_signal(Posix(condition))); }
int cnd_broadcast(cnd_t* condition) noexcept {
  return Said(pthread_cond_broadcast(Posix(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return Said(pthread_cond_wait(Posix(condition), Posix(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  const int error = pthread_cond_timedwait(Posix(condition), Posix(mutex), until);
  return error == ETIMEDOUT ? thrd_timedout : Said(error);
}
void cnd_destroy(cnd_t* condition) noexcept { pthread_cond_destroy(Posix(condition)); }

}  // extern "C"
