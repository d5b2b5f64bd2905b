#include "simulate_csv.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>

namespace guardwatch {
namespace {

constexpr std::int64_t kMostEvents = std::int64_t{1} << 53;  // Whole numbers of a double.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Field {
  std::string_view text;
  std::size_t column = 0;  // From 1.
};

std::string_view Trimmed(std::string_view text, std::size_t& skipped) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  skipped = begin == std::string_view::npos ? 0 : begin;
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

class Parser {
 public:
  Parser(const std::string& file, PaneIndex limit) : file_(file), limit_(limit) {}

  Result<void> Line(std::string_view line) {
    ++number_;
    std::size_t skipped = 0;
    if (Trimmed(line, skipped).empty()) return {};
    Split(line);
    const bool first = std::exchange(first_, false);
    if (first && IsHeader()) return {};
    return Row();
  }
  std::vector<PaneRow> Take() { return std::move(rows_); }

 private:
  void Split(std::string_view line) {
    fields_.clear();
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      std::size_t skipped = 0;
      const std::string_view text = Trimmed(line.substr(begin, end - begin), skipped);
      fields_.push_back({text, begin + skipped + 1});
      begin = end + 1;
    }
  }

  bool IsHeader() const {
    return fields_.size() == 3 && fields_[0].text == "pane" && fields_[1].text == "n" &&
           fields_[2].text == "s";
  }

  tl::unexpected<Error> Wrong(std::size_t column, const std::string& what) const {
    return Fail(file_ + ':' + std::to_string(number_) + ':' + std::to_string(column) + ": " + what);
  }

  Result<void> Row() {
    if (fields_.size() != 3) {
      const std::size_t at = fields_.size() > 3 ? fields_[3].column : fields_.back().column;
      return Wrong(at, "expected 3 fields, pane,n,s; found " + std::to_string(fields_.size()));
    }
    std::array<std::int64_t, 3> values{};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string_view text = fields_[i].text;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), values[i]);
      if (error != std::errc() || end != text.data() + text.size()) {
        return Wrong(fields_[i].column,
                     "expected a whole number, found \"" + std::string(text) + "\"");
      }
    }
    return Check({values[0], {values[1], values[2]}});
  }

  Result<void> Check(const PaneRow& row) {
    const Count& count = row.count;
    if (row.pane < -limit_ || row.pane > limit_) {
      return Wrong(fields_[0].column, "the pane's time is out of range");
    }
    if (!rows_.empty() && row.pane <= rows_.back().pane) {
      return Wrong(fields_[0].column,
                   "panes must ascend; the one before is " + std::to_string(rows_.back().pane));
    }
    if (count.n < 0 || count.n > kMostEvents) {
      return Wrong(fields_[1].column, "expected 0 <= n <= 2^53");
    }
    if (count.s < 0 || count.s > count.n) {
      return Wrong(fields_[2].column, "expected 0 <= s <= n");
    }
    rows_.push_back(row);
    return {};
  }

  const std::string& file_;
  PaneIndex limit_;
  std::size_t number_ = 0;
  bool first_ = true;
  std::vector<Field> fields_;
  std::vector<PaneRow> rows_;
};

}  // namespace

Result<std::vector<PaneRow>> ParsePanes(const std::string& file, std::string_view text,
                                        PaneIndex limit) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Parser parser(file, limit);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto read = parser.Line(text.substr(0, end)); !read) return tl::unexpected(read.error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.Take();
}

Result<std::vector<PaneRow>> ReadPanes(const std::string& file, PaneIndex limit) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    // An empty file also inserts nothing; it has no rows, which its reader will say.
    if (!stream.is_open() || stream.bad()) return Fail(file + ": cannot be read");
  }
  return ParsePanes(file, text.str(), limit);
}

}  // namespace guardwatch
