#include "net/io_loop.h"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace guardwatch {

namespace asio = boost::asio;

// Owned by the handler that waits in the loop, so that it never outlives the loop's context.
struct Timer::State {
  State(asio::io_context& context, std::function<void()> f) : timer(context), call(std::move(f)) {}
  asio::steady_timer timer;
  std::function<void()> call;
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    Cancel();
    state_ = std::exchange(other.state_, {});
  }
  return *this;
}

void Timer::Cancel() {
  if (const auto state = state_.lock()) {
    // An expired timer may already have its handler queued: take the call away from it as well.
    state->call = nullptr;
    state->timer.cancel();
  }
  state_.reset();
}

struct IoLoop::Impl {
  asio::io_context context{1};  // One thread runs it; posting from others stays safe.
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::signal_set signals{context};
  std::function<void(int)> on_signal;

  void WaitForSignal() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      WaitForSignal();
      on_signal(signal);
    });
  }
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>()) {}
IoLoop::~IoLoop() = default;

void IoLoop::Run() {
  impl_->context.restart();
  impl_->context.run();
}

void IoLoop::Stop() {
  // As an event of the loop, so that a Stop before Run is not lost.
  Post([this] { impl_->context.stop(); });
}

void IoLoop::Post(std::function<void()> call) { asio::post(impl_->context, std::move(call)); }

Timer IoLoop::After(std::chrono::milliseconds delay, std::function<void()> call) {
  auto state = std::make_shared<Timer::State>(impl_->context, std::move(call));
  state->timer.expires_after(delay);
  state->timer.async_wait([state](const boost::system::error_code& error) {
    if (error || !state->call) return;
    const auto expired = std::exchange(state->call, nullptr);
    expired();
  });
  return Timer(state);
}

Result<void> IoLoop::OnSignals(std::initializer_list<int> signals, std::function<void(int)> call) {
  for (const int signal : signals) {
    boost::system::error_code error;
    impl_->signals.add(signal, error);
    if (error)
      return Fail("cannot catch signal " + std::to_string(signal) + ": " + error.message());
  }
  impl_->on_signal = std::move(call);
  impl_->WaitForSignal();
  return {};
}

asio::io_context& IoLoop::context() { return impl_->context; }

}  // namespace guardwatch
