#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace guardwatch {

// Why something could not be done, in words for the person who has to act on it.
struct Error {
  std::string message;
  bool retryable =
      false;  // The same call may succeed later: the environment, not the input, failed.
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message), false});
}

inline tl::unexpected<Error> FailRetryable(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message), true});
}

}  // namespace guardwatch
