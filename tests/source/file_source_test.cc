#include "source/file_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generated.h"
#include "source/ndjson_writer.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() {
    std::string pattern = testing::TempDir() + "file_source_XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~FileSourceTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, std::string_view content) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  std::string directory_;
};

struct Line {
  std::int64_t offset = 0;
  std::string payload;
  bool tombstone = false;
  friend bool operator==(const Line&, const Line&) = default;
};

std::unique_ptr<FileSource> OpenAll(const std::vector<std::string>& paths, std::int64_t from = 0) {
  auto source = FileSource::Open(paths);
  EXPECT_TRUE(source.has_value()) << source.error().message;
  std::vector<LogAssignment> logs;
  for (const LogName& name : (*source)->Logs()) logs.push_back({name, from});
  EXPECT_TRUE((*source)->Assign(logs).has_value());
  return std::move(*source);
}

bool Finished(EventSource& source) {
  return std::ranges::all_of(source.Status(), [](const LogStatus& log) { return log.finished; });
}

std::vector<Line> ReadAll(FileSource& source) {
  std::vector<Line> lines;
  while (!Finished(source)) {
    for (const Record& record : source.Poll(milliseconds(0))) {
      EXPECT_FALSE(record.timestamp.has_value());
      lines.push_back(
          {record.offset, std::string(record.payload), record.payload.data() == nullptr});
    }
  }
  return lines;
}

TEST(LogNameFromPath, SplitsAtTheLastDash) {
  EXPECT_EQ(LogNameFromPath("guardrail.events-0.ndjson"), (LogName{"guardrail.events", 0}));
  EXPECT_EQ(LogNameFromPath("/a-1/b-c-12.ndjson"), (LogName{"b-c", 12}));
  EXPECT_EQ(LogNameFromPath("a--1.ndjson"), (LogName{"a-", 1}));
}

TEST(LogNameFromPath, RefusesOtherNames) {
  for (const char* path : {"", "a", "a.ndjson", "a-0.json", "-0.ndjson", "a-.ndjson", "a-x.ndjson",
                           "a-1x.ndjson", "a-99999999999.ndjson", "a-0.ndjson/"}) {
    const Result<LogName> name = LogNameFromPath(path);
    ASSERT_FALSE(name.has_value()) << path;
    EXPECT_THAT(name.error().message, HasSubstr("TOPIC-PARTITION.ndjson"));
  }
}

TEST_F(FileSourceTest, GivesEachLineWithItsNumber) {
  auto source = OpenAll({Write("t-0.ndjson", "{\"a\":1}\n{}\n")});
  EXPECT_THAT(ReadAll(*source), ElementsAre(Line{0, "{\"a\":1}"}, Line{1, "{}"}));
  const LogStatus& status = source->Status()[0];
  EXPECT_EQ(status.next_offset, 2);
  EXPECT_EQ(status.end_offset, 2);
  EXPECT_TRUE(status.readable);
}

TEST_F(FileSourceTest, AcceptsFilesOfAnyShape) {
  const auto lines = [&](std::string_view content) {
    return ReadAll(*OpenAll({Write("t-0.ndjson", content)}));
  };
  EXPECT_THAT(lines(""), ElementsAre());
  EXPECT_THAT(lines("\n"), ElementsAre(Line{0, "", true}));
  EXPECT_THAT(lines("a"), ElementsAre(Line{0, "a"}));
  EXPECT_THAT(lines("a\n\nb"), ElementsAre(Line{0, "a"}, Line{1, "", true}, Line{2, "b"}));
  EXPECT_THAT(lines("a\r\n\r\nb\r"), ElementsAre(Line{0, "a"}, Line{1, "", true}, Line{2, "b"}));
  EXPECT_THAT(lines("a\rb\n"), ElementsAre(Line{0, "a\rb"}));
  EXPECT_THAT(lines(std::string_view("a\0b\n", 4)), ElementsAre(Line{0, std::string("a\0b", 3)}));
}

TEST_F(FileSourceTest, StartsAtTheAssignedOffset) {
  const std::string path = Write("t-0.ndjson", "a\nb\nc\n");
  EXPECT_THAT(ReadAll(*OpenAll({path}, 1)), ElementsAre(Line{1, "b"}, Line{2, "c"}));
  EXPECT_THAT(ReadAll(*OpenAll({path}, LogAssignment::kStartFromConfig)), testing::SizeIs(3));
  EXPECT_THAT(ReadAll(*OpenAll({path}, 9)), ElementsAre());
}

TEST_F(FileSourceTest, KeepsWholePayloadsUpToALimitAndCutsLongerOnesBehindIt) {
  for (const std::size_t size : {kMebibyte - 1, kMebibyte, kMebibyte + 1, kMebibyte + 2,
                                 kMebibyte + 3, 2 * kMebibyte, 5 * kMebibyte + 17}) {
    const std::string line(size, 'x');
    for (const std::string end : {"\n", "\r\n", ""}) {
      const std::vector<Line> lines =
          ReadAll(*OpenAll({Write("t-0.ndjson", std::string(line).append(end))}));
      ASSERT_EQ(lines.size(), 1u) << size;
      EXPECT_EQ(lines[0].payload.size(), std::min(size, kMebibyte + 1));
    }
    const std::string content = std::string("first\n").append(line).append("\r\nnext\n");
    const std::vector<Line> lines = ReadAll(*OpenAll({Write("t-0.ndjson", content)}));
    ASSERT_EQ(lines.size(), 3u) << size;
    EXPECT_EQ(lines[0].payload, "first");
    EXPECT_EQ(lines[1].payload.size(), std::min(size, kMebibyte + 1));
    EXPECT_EQ(lines[2], (Line{2, "next"}));
  }
}

TEST_F(FileSourceTest, GivesLogsTheirTurns) {
  std::string few, many;
  for (int i = 0; i < 2000; ++i) few += std::string(2000, 'x').append("\n");
  for (int i = 0; i < 20'000; ++i) many += "{}\n";
  auto source = OpenAll({Write("a-0.ndjson", few), Write("b-0.ndjson", many)});
  std::array<std::int64_t, 2> read{};
  while (!Finished(*source)) {
    const std::array<std::int64_t, 2> before = read;
    for (const Record& record : source->Poll(milliseconds(0))) {
      EXPECT_EQ(record.offset, read.at(record.log)++);
    }
    for (std::size_t log = 0; log < read.size(); ++log) {
      EXPECT_LE(read[log] - before[log], 256);
      EXPECT_TRUE(read[log] > before[log] || source->Status()[log].finished);
    }
  }
  EXPECT_THAT(read, ElementsAre(2000, 20'000));
}

TEST_F(FileSourceTest, ReadsOnlyAssignedLogs) {
  auto source = FileSource::Open({Write("a-0.ndjson", "a\n"), Write("b-0.ndjson", "b\n")});
  ASSERT_TRUE(source.has_value());
  ASSERT_TRUE((*source)->Assign({{{"b", 0}, 0}}).has_value());
  EXPECT_THAT(ReadAll(**source), ElementsAre(Line{0, "b"}));
  EXPECT_EQ((*source)->Status().size(), 1u);
}

TEST_F(FileSourceTest, RefusesLogsItDoesNotHold) {
  auto source = OpenAll({Write("a-0.ndjson", "a\n")});
  EXPECT_THAT(source->Assign({{{"c", 0}, 0}}).error().message, HasSubstr("no file holds"));
  EXPECT_THAT(source->Assign({{{"a", 0}, 0}}).error().message, HasSubstr("assigned already"));
  EXPECT_EQ(source->Status().size(), 1u);
}

TEST_F(FileSourceTest, RefusesFilesItCannotRead) {
  const auto message = [](std::vector<std::string> paths) {
    const auto source = FileSource::Open(std::move(paths));
    return source ? std::string() : source.error().message;
  };
  EXPECT_THAT(message({directory_ + "/gone-0.ndjson"}), HasSubstr("No such file"));
  std::filesystem::create_directory(directory_ + "/folder-0.ndjson");
  EXPECT_THAT(message({directory_ + "/folder-0.ndjson"}), HasSubstr("cannot read"));
  EXPECT_THAT(message({Write("events.txt", "a\n")}), HasSubstr("TOPIC-PARTITION"));
  const std::string path = Write("a-0.ndjson", "a\n");
  EXPECT_THAT(message({path, path}), HasSubstr("same log"));
}

TEST_F(FileSourceTest, ReportsAFileThatVanishesAndReadsItWhenItIsBack) {
  const std::string path = Write("a-0.ndjson", "a\n");
  auto source = OpenAll({path});
  std::filesystem::remove(path);
  EXPECT_TRUE(source->Poll(milliseconds(0)).empty());
  EXPECT_FALSE(source->Status()[0].readable);
  EXPECT_FALSE(source->Status()[0].finished);
  EXPECT_THAT(source->Status()[0].error, HasSubstr("No such file"));
  Write("a-0.ndjson", "a\n");
  EXPECT_THAT(ReadAll(*source), ElementsAre(Line{0, "a"}));
  EXPECT_TRUE(source->Status()[0].readable);
}

TEST_F(FileSourceTest, ReadsBackWhatTheWriterWrote) {
  ScenarioOptions options;
  options.events = 20'000;
  std::map<LogName, std::vector<std::string>> written;
  auto writer = NdjsonWriter::Open(directory_ + "/new/folder");
  ASSERT_TRUE(writer.has_value());
  for (const GeneratedRecord& record : Generate(options)) {
    const LogName log{record.topic, record.partition};
    ASSERT_TRUE(writer->Append(log, record.payload).has_value());
    written[log].push_back(record.payload);
  }
  ASSERT_TRUE(writer->Close().has_value());

  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/new/folder")) {
    paths.push_back(entry.path().string());
  }
  auto source = OpenAll(paths);
  const std::vector<LogName> logs = source->Logs();
  std::map<LogName, std::vector<std::string>> read;
  while (!Finished(*source)) {
    for (const Record& record : source->Poll(milliseconds(0))) {
      read[logs[record.log]].emplace_back(record.payload);
    }
  }
  EXPECT_EQ(read.size(), 8u);
  EXPECT_EQ(read, written);
}

TEST_F(FileSourceTest, WriterReplacesFilesOfAnEarlierRun) {
  for (const char* payload : {"{\"run\":1}", "{}"}) {
    auto writer = NdjsonWriter::Open(directory_);
    ASSERT_TRUE(writer->Append({"a", 0}, payload).has_value());
    ASSERT_TRUE(writer->Close().has_value());
  }
  EXPECT_THAT(ReadAll(*OpenAll({directory_ + "/a-0.ndjson"})), ElementsAre(Line{0, "{}"}));
}

TEST_F(FileSourceTest, WriterRefusesWhatIsNoLineAndNoFileName) {
  auto writer = NdjsonWriter::Open(directory_);
  ASSERT_TRUE(writer.has_value());
  EXPECT_THAT(writer->Append({"a", 0}, "two\nlines").error().message, HasSubstr("line break"));
  EXPECT_THAT(writer->Append({"../a", 0}, "{}").error().message, HasSubstr("file name"));
  EXPECT_FALSE(NdjsonWriter::Open(Write("file", "") + "/below").has_value());
}

TEST(NdjsonWriter, ReportsAFullDisk) {
  const std::string directory = testing::TempDir() + "full_disk";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  std::filesystem::create_symlink("/dev/full", directory + "/a-0.ndjson");
  auto writer = NdjsonWriter::Open(directory);
  EXPECT_TRUE(writer->Append({"a", 0}, "{}").has_value());
  const Result<void> closed = writer->Close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_THAT(closed.error().message, HasSubstr("No space left"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace guardwatch
