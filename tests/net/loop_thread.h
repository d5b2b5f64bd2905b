#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "net/http_client.h"
#include "net/io_loop.h"

// An event loop with its I/O thread, for tests that watch it from outside.

namespace guardwatch {

inline constexpr std::chrono::seconds kTestDeadline{120};

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.Run(); }) {}
  ~LoopThread() {
    loop_.Stop();
    thread_.join();
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  IoLoop& loop() { return loop_; }

  // Runs `call` on the I/O thread and returns what it returns.
  template <class Call>
  auto Do(Call call) {
    std::packaged_task<std::invoke_result_t<Call>()> task(std::move(call));
    auto result = task.get_future();
    loop_.Post([&task] { task(); });
    GUARDWATCH_CHECK(result.wait_for(kTestDeadline) == std::future_status::ready);
    return result.get();
  }

  // Starts something on the I/O thread that reports a T later, and waits for the report.
  template <class T>
  T Await(std::function<void(std::function<void(T)>)> start) {
    std::promise<T> promise;
    auto result = promise.get_future();
    loop_.Post([&] { start([&promise](T value) { promise.set_value(std::move(value)); }); });
    GUARDWATCH_CHECK(result.wait_for(kTestDeadline) == std::future_status::ready);
    return result.get();
  }

  // True once `condition`, evaluated on the I/O thread, holds; false if it does not in time.
  bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (std::chrono::steady_clock::now() < deadline) {
      if (Do(condition)) return true;
      std::this_thread::yield();
    }
    return false;
  }

  Result<HttpReply> Fetch(HttpClient& client, HttpCall call) {
    return Await<Result<HttpReply>>(
        [&](const HttpClient::Done& done) { client.Send(std::move(call), done); });
  }

 private:
  IoLoop loop_;
  std::thread thread_;
};

}  // namespace guardwatch
