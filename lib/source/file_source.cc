#include "source/file_source.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include "source/line_reader.h"

namespace guardwatch {
namespace {

constexpr int kLinesPerTurn = 256;
constexpr std::string_view kSuffix = ".ndjson";

// Opening a directory works; reading it does not. So readability is tried by reading.
Result<void> CheckReadable(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (file) file.peek();
  if (!file.is_open() || file.bad())
    return Fail("cannot read " + path + ": " + std::strerror(errno));
  return {};
}

}  // namespace

Result<LogName> LogNameFromPath(std::string_view path) {
  const auto fail = [&] {
    return Fail(std::string(path) + " is not named TOPIC-PARTITION.ndjson");
  };
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (!name.ends_with(kSuffix)) return fail();
  name.remove_suffix(kSuffix.size());
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return fail();
  const std::string_view digits = name.substr(dash + 1);
  LogName log{std::string(name.substr(0, dash)), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), log.partition);
  if (error != std::errc() || end != digits.data() + digits.size()) return fail();
  return log;
}

Result<std::unique_ptr<FileSource>> FileSource::Open(std::vector<std::string> paths) {
  std::vector<LogFile> files;
  for (std::string& path : paths) {
    Result<LogName> name = LogNameFromPath(path);
    if (!name) return tl::unexpected<Error>(name.error());
    const auto twin = std::ranges::find(files, *name, &LogFile::name);
    if (twin != files.end()) return Fail(twin->path + " and " + path + " hold the same log");
    if (Result<void> readable = CheckReadable(path); !readable) {
      return tl::unexpected<Error>(readable.error());
    }
    files.push_back({std::move(*name), std::move(path)});
  }
  return std::unique_ptr<FileSource>(new FileSource(std::move(files)));
}

FileSource::FileSource(std::vector<LogFile> files) : files_(std::move(files)) {}
FileSource::~FileSource() = default;

std::vector<LogName> FileSource::Logs() const {
  std::vector<LogName> logs;
  for (const LogFile& file : files_) logs.push_back(file.name);
  return logs;
}

Result<void> FileSource::Assign(std::vector<LogAssignment> more) {
  std::vector<std::unique_ptr<LineReader>> readers;
  std::vector<LogName> assigned = assigned_;
  for (const LogAssignment& log : more) {
    const std::string name = log.name.topic + "-" + std::to_string(log.name.partition);
    const auto file = std::ranges::find(files_, log.name, &LogFile::name);
    if (file == files_.end()) return Fail("no file holds the log " + name);
    if (std::ranges::find(assigned, log.name) != assigned.end()) {
      return Fail("the log " + name + " is assigned already");
    }
    assigned.push_back(log.name);
    readers.push_back(
        std::make_unique<LineReader>(file->path, std::max<std::int64_t>(log.next_offset, 0)));
  }
  assigned_ = std::move(assigned);
  std::ranges::move(readers, std::back_inserter(readers_));
  return {};
}

std::span<const Record> FileSource::Poll(std::chrono::milliseconds wait) {
  records_.clear();
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    LineReader& reader = *readers_[i];
    reader.Refill();
    for (int taken = 0; taken < kLinesPerTurn; ++taken) {
      const std::optional<std::string_view> line = reader.NextLine();
      if (!line) break;
      // An empty view without data is how a record says that it is a tombstone.
      records_.push_back({static_cast<std::uint32_t>(i), reader.next_number() - 1, std::nullopt,
                          line->empty() ? std::string_view() : *line});
    }
  }
  const auto has_more = [](const auto& reader) {
    return !reader->finished() && reader->error().empty();
  };
  if (records_.empty() && std::ranges::none_of(readers_, has_more))
    std::this_thread::sleep_for(wait);
  return records_;
}

std::span<const LogStatus> FileSource::Status() {
  statuses_.resize(readers_.size());
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    const LineReader& reader = *readers_[i];
    LogStatus& status = statuses_[i];
    status.next_offset = reader.next_number();
    status.finished = reader.finished();
    status.end_offset = status.finished ? status.next_offset : -1;
    status.readable = reader.error().empty();
    status.error = reader.error();
  }
  return statuses_;
}

}  // namespace guardwatch
