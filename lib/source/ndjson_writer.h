#pragma once

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "source/source.h"

namespace guardwatch {

// Writes records into DIRECTORY/TOPIC-PARTITION.ndjson, one file per log and one line per record. A
// file that exists is replaced by the log's first record. Used by one thread.
class NdjsonWriter {
 public:
  // Makes the directory if it does not exist.
  static Result<NdjsonWriter> Open(std::string directory);

  // Errors: the file cannot be made or written (a full disk may only show in Close), the topic is
  // no file name, or the payload has a line break in it.
  Result<void> Append(const LogName& log, std::string_view payload);

  // Writes out what is buffered and closes the files; their contents are complete only if this
  // succeeds.
  Result<void> Close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Closer>;

  explicit NdjsonWriter(std::string directory) : directory_(std::move(directory)) {}
  std::string PathOf(const LogName& log) const;
  Result<std::FILE*> FileOf(const LogName& log);

  std::string directory_;
  std::map<LogName, File> files_;
};

}  // namespace guardwatch
