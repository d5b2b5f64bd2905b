#include "source/line_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace guardwatch {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
// The longest payload with \r\n behind it: a line that fills more is cut.
constexpr std::size_t kLongestLine = LineReader::kLongestPayload + 2;

}  // namespace

void LineReader::Refill() {
  error_.clear();
  if (at_end_ || searched_ < end_) return;  // There may be whole lines left.
  MakeRoom();
  if (!Read()) return;
  if (!skipping_) return;
  // The cut line has been given out; what still belongs to it is dropped as it comes.
  const auto* end_of_line =
      static_cast<const char*>(std::memchr(buffer_.data() + begin_, '\n', end_ - begin_));
  if (end_of_line != nullptr) {
    begin_ = static_cast<std::size_t>(end_of_line - buffer_.data()) + 1;
    skipping_ = false;
  } else {
    begin_ = end_;
    if (at_end_) skipping_ = false;
  }
  searched_ = begin_;
}

void LineReader::MakeRoom() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  const std::size_t wanted = std::min(end_ + kBlock, kLongestLine + kBlock);
  if (buffer_.size() < wanted) buffer_.resize(wanted);
}

bool LineReader::Read() {
  if (!file_) file_.reset(std::fopen(path_.c_str(), "rb"));
  if (!file_) {
    error_ = "cannot read " + path_ + ": " + std::strerror(errno);
    return false;
  }
  const std::size_t room = buffer_.size() - end_;
  if (room == 0) return true;
  const std::size_t got = std::fread(buffer_.data() + end_, 1, room, file_.get());
  end_ += got;
  if (got < room && std::ferror(file_.get()) != 0) {
    error_ = "cannot read " + path_ + ": " + std::strerror(errno);
    std::clearerr(file_.get());
  } else if (got < room) {
    at_end_ = true;
  }
  return true;
}

std::optional<std::string_view> LineReader::NextLine() {
  while (true) {
    const std::optional<std::string_view> line = TakeLine();
    if (!line) return std::nullopt;
    if (number_++ < first_) continue;
    return line;
  }
}

std::optional<std::string_view> LineReader::TakeLine() {
  if (skipping_ || begin_ == end_) return std::nullopt;
  const char* start = buffer_.data() + begin_;
  const void* found = std::memchr(buffer_.data() + searched_, '\n', end_ - searched_);
  std::size_t length = end_ - begin_;
  if (found != nullptr) {
    length = static_cast<std::size_t>(static_cast<const char*>(found) - start);
    begin_ += length + 1;
  } else if (at_end_) {
    begin_ = end_;
  } else if (length >= kLongestLine) {
    begin_ = end_;
    skipping_ = true;
  } else {
    searched_ = end_;
    return std::nullopt;
  }
  searched_ = begin_;
  std::string_view line(start, length);
  if (!skipping_ && line.ends_with('\r')) line.remove_suffix(1);
  return line.substr(0, kLongestPayload + 1);
}

}  // namespace guardwatch
