#include "progress.h"

#include <cstdio>
#include <unistd.h>

#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kBetweenMicros = 200'000;

}  // namespace

Progress::Progress(std::string_view what) : what_(what), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (terminal_ && shown_at_ != 0) std::fputs("\r\x1b[K", stderr);
}

void Progress::Show(std::int64_t done, std::int64_t total) {
  if (!terminal_) return;
  const std::int64_t now = MonotonicNow().time_since_epoch().count();
  if (now - shown_at_ < kBetweenMicros) return;
  shown_at_ = now;
  if (total > 0) {
    std::fprintf(stderr, "\r\x1b[K%s: %lld of %lld (%lld %%)", what_.c_str(),
                 static_cast<long long>(done), static_cast<long long>(total),
                 static_cast<long long>(100 * done / total));
  } else {
    std::fprintf(stderr, "\r\x1b[K%s: %lld", what_.c_str(), static_cast<long long>(done));
  }
}

}  // namespace guardwatch
