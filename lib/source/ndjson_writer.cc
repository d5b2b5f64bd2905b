#include "source/ndjson_writer.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace guardwatch {

Result<NdjsonWriter> NdjsonWriter::Open(std::string directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Fail("cannot make directory " + directory + ": " + error.message());
  return NdjsonWriter(std::move(directory));
}

std::string NdjsonWriter::PathOf(const LogName& log) const {
  return directory_ + "/" + log.topic + "-" + std::to_string(log.partition) + ".ndjson";
}

Result<std::FILE*> NdjsonWriter::FileOf(const LogName& log) {
  const auto found = files_.find(log);
  if (found != files_.end()) return found->second.get();
  if (log.topic.empty() || log.topic.find('/') != std::string::npos) {
    return Fail("topic '" + log.topic + "' cannot be part of a file name");
  }
  const std::string path = PathOf(log);
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) return Fail("cannot write " + path + ": " + std::strerror(errno));
  return files_.emplace(log, std::move(file)).first->second.get();
}

Result<void> NdjsonWriter::Append(const LogName& log, std::string_view payload) {
  if (payload.find('\n') != std::string_view::npos) {
    return Fail("a payload with a line break in it cannot be one line of " + PathOf(log));
  }
  const Result<std::FILE*> file = FileOf(log);
  if (!file) return tl::unexpected<Error>(file.error());
  const bool written = std::fwrite(payload.data(), 1, payload.size(), *file) == payload.size() &&
                       std::fputc('\n', *file) != EOF;
  if (!written) return Fail("cannot write " + PathOf(log) + ": " + std::strerror(errno));
  return {};
}

Result<void> NdjsonWriter::Close() {
  Result<void> result;
  for (auto& [log, file] : files_) {
    const bool failed_before = std::ferror(file.get()) != 0;
    const bool closed = std::fclose(file.release()) == 0;
    if ((failed_before || !closed) && result) {
      result = Fail("cannot write " + PathOf(log) + ": " + std::strerror(errno));
    }
  }
  files_.clear();
  return result;
}

}  // namespace guardwatch
