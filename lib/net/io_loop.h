#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

#include "base/result.h"

namespace boost::asio {
class io_context;
}

namespace guardwatch {

// A pending call of IoLoop::After. Cancelling it, or destroying it, keeps the call from happening.
// For the I/O thread only; it may outlive the loop.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { Cancel(); }

  void Cancel();

 private:
  friend class IoLoop;
  struct State;
  explicit Timer(std::weak_ptr<State> state) : state_(std::move(state)) {}
  std::weak_ptr<State> state_;
};

// The event loop of the I/O thread: sockets, timers and calls from other threads. It outlives every
// server, client and sink that is built on it.
class IoLoop {
 public:
  IoLoop();
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // Serves until Stop; the calling thread is the I/O thread. May be called again afterwards.
  void Run();

  // Any thread, also before Run: lets Run return after what was posted earlier.
  void Stop();

  // Any thread: `call` runs on the I/O thread, later, in the order of posting.
  void Post(std::function<void()> call);

  // I/O thread, or before Run.
  [[nodiscard]] Timer After(std::chrono::milliseconds delay, std::function<void()> call);

  // Calls `call` on the I/O thread for each of these signals instead of their default action, as
  // long as the loop exists.
  Result<void> OnSignals(std::initializer_list<int> signals, std::function<void(int)> call);

  boost::asio::io_context& context();  // For the source files of this layer.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace guardwatch
