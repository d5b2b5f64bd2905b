#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace guardwatch {

// Splits one file into lines with bounded memory. Lines are views into its buffer.
class LineReader {
 public:
  static constexpr std::size_t kLongestPayload = std::size_t{1} << 20;

  // Lines before number `first` are passed over.
  LineReader(std::string path, std::int64_t first) : path_(std::move(path)), first_(first) {}

  // Reads more of the file unless whole lines may be left. Invalidates the lines given so far.
  void Refill();

  // The next line in the buffer, without its end, cut to kLongestPayload + 1 bytes; nullopt when no
  // whole line is there.
  std::optional<std::string_view> NextLine();

  std::int64_t next_number() const { return number_ < first_ ? first_ : number_; }
  bool finished() const { return at_end_ && begin_ == end_ && !skipping_; }
  const std::string& error() const { return error_; }  // Of the last Refill; empty: none.

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void MakeRoom();
  bool Read();
  std::optional<std::string_view> TakeLine();

  std::string path_;
  std::int64_t first_;
  std::int64_t number_ = 0;  // Of the line at begin_.
  std::unique_ptr<std::FILE, Closer> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // What is not yet given out: [begin_, end_).
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // No line ends in [begin_, searched_).
  bool skipping_ = false;     // The rest of a line that was cut is passed over.
  bool at_end_ = false;
  std::string error_;
};

}  // namespace guardwatch
