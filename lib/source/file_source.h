#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/source.h"

namespace guardwatch {

class LineReader;

// The log that a file named .../TOPIC-PARTITION.ndjson holds. The topic may have dashes in it.
Result<LogName> LogNameFromPath(std::string_view path);

// Reads logs from files, one per log, each line a record: its offset is the line's number from 0,
// its payload the line without its end (\n or \r\n), and it has no timestamp. An empty line is a
// tombstone; a last line needs no end. A payload over 1 MiB is cut one byte after that, which keeps
// it too large. Logs take turns in blocks of lines; each holds about a block, or its longest line,
// in memory. A log is finished at the end of its file; a read error shows in Status and is retried.
class FileSource : public EventSource {
 public:
  // Fails if a name is not that of a log, two files hold the same log, or a file cannot be opened.
  // No log is read before it is assigned.
  static Result<std::unique_ptr<FileSource>> Open(std::vector<std::string> paths);
  ~FileSource() override;

  // The logs of the files, in the order of the paths.
  std::vector<LogName> Logs() const;

  std::span<const Record> Poll(std::chrono::milliseconds wait) override;
  std::span<const LogStatus> Status() override;
  // Fails, and assigns nothing, if no file holds one of the logs or it is assigned already.
  Result<void> Assign(std::vector<LogAssignment> more) override;

 private:
  struct LogFile {
    LogName name;
    std::string path;
  };

  explicit FileSource(std::vector<LogFile> files);

  std::vector<LogFile> files_;
  std::vector<LogName> assigned_;
  std::vector<std::unique_ptr<LineReader>> readers_;  // As assigned.
  std::vector<LogStatus> statuses_;
  std::vector<Record> records_;
};

}  // namespace guardwatch
