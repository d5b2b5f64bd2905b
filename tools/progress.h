#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace guardwatch {

// A line on a terminal's standard error that says how far long work has come; silent elsewhere.
class Progress {
 public:
  explicit Progress(std::string_view what);
  ~Progress();  // Clears the line.

  // At most a few times a second. `total` 0: unknown.
  void Show(std::int64_t done, std::int64_t total = 0);

 private:
  std::string what_;
  bool terminal_;
  std::int64_t shown_at_ = 0;
};

}  // namespace guardwatch
