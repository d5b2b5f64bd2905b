// What is left behind when the process ends anywhere in a commit, and what becomes of files that
// were cut short or changed: the state of some commit as a whole, or a refusal.

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "net/child_process.h"
#include "store/state_store.h"

namespace guardwatch {
namespace {

using Records = std::map<std::string, std::string>;
namespace fs = std::filesystem;

constexpr int kCommits = 7;
constexpr std::size_t kSmallBuffer = 64 << 10;  // Tables are written every second commit.
constexpr int kEndedOnPurpose = 77;

// From how many bytes on a commit goes to tables at once: none does, every third does not, all do.
constexpr std::array<std::size_t, 3> kDirectBytes{SIZE_MAX, 45'000, 0};

// The n-th commit of a history with everything that a checkpoint has: new records, changed ones,
// prefixes that go, short values and long ones. Three in a row differ in size.
StateChanges CommitNumber(int n) {
  StateChanges changes;
  changes.Put("count", std::to_string(n));
  if (n > 1) changes.ErasePrefix("run" + std::to_string(n - 1) + "/");
  const auto length = static_cast<std::size_t>(20'000 + 4'000 * (n % 3));
  for (int i = 0; i < 4; ++i) {
    const std::string key = "run" + std::to_string(n) + "/" + std::to_string(i);
    changes.Put(key, std::string(i % 2 == 0 ? 40 : length, static_cast<char>('a' + n)));
  }
  changes.Put("changed", std::string(3000, static_cast<char>('A' + n)));
  return changes;
}

// What is there after n commits.
Records After(int n) {
  Records records;
  if (n == 0) return records;
  const StateChanges last = CommitNumber(n);
  for (const auto& [kind, key, value] : last) {
    if (kind == StateChanges::Kind::kPut) records[key] = value;
  }
  return records;
}

StateStoreOptions Small(std::size_t direct_bytes) {
  StateStoreOptions options;
  options.buffer_bytes = kSmallBuffer;
  options.direct_bytes = direct_bytes;
  return options;
}

Result<Records> ReadAll(const std::string& directory) {
  StateStoreOptions options = Small(SIZE_MAX);
  options.create = false;
  auto store = StateStore::Open(directory, options);
  if (!store) return tl::unexpected(store.error());
  Records records;
  auto read = (*store)->ForEach("", [&](StateRecord record) -> Result<void> {
    records[record.key] = record.value;
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return records;
}

Result<void> CommitFrom(int n, const std::string& directory, const StateStoreOptions& options,
                        const std::function<void(int)>& committed) {
  while (n <= kCommits) {
    auto store = StateStore::Open(directory, options);
    if (!store) return tl::unexpected(store.error());
    for (int i = 0; i < 2 && n <= kCommits; ++i, ++n) {
      if (auto done = (*store)->Commit(CommitNumber(n)); !done) return done;
      committed(n);
    }
  }
  return {};
}

// Memory holds what a process that ends has written, so no disk need be waited for.
std::string FastFolder() { return fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path(); }

class FastDirectory {
 public:
  FastDirectory() : path_(FastFolder() + "/guardwatch-store-XXXXXX") {
    GUARDWATCH_CHECK(mkdtemp(path_.data()) != nullptr);
  }
  ~FastDirectory() { fs::remove_all(path_); }
  FastDirectory(const FastDirectory&) = delete;
  FastDirectory& operator=(const FastDirectory&) = delete;
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// What a process of its own does: it ends at the k-th operation on files, and notes before which
// commits have returned.
TEST(CrashPointsTest, DISABLED_Child) {
  const std::string folder = std::getenv("GUARDWATCH_FOLDER");
  const int k = std::atoi(std::getenv("GUARDWATCH_OPERATION"));
  std::atomic<int> operations = 0;
  StateStoreOptions options = Small(std::stoull(std::getenv("GUARDWATCH_DIRECT_BYTES")));
  options.before_io = [&](std::string_view) {
    if (++operations == k) _exit(kEndedOnPurpose);
  };
  const auto done = CommitFrom(1, folder + "/state", options, [&](int n) {
    std::ofstream(folder + "/committed") << n << std::flush;
  });
  _exit(done ? 0 : 1);
}

// Its exit code.
int RunChild(const std::string& folder, std::size_t direct_bytes, int k) {
  const pid_t child = fork();
  GUARDWATCH_CHECK(child >= 0);
  if (child == 0) {
    setenv("GUARDWATCH_FOLDER", folder.c_str(), 1);
    setenv("GUARDWATCH_DIRECT_BYTES", std::to_string(direct_bytes).c_str(), 1);
    setenv("GUARDWATCH_OPERATION", std::to_string(k).c_str(), 1);
    const int output = open((folder + "/output").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execl("/proc/self/exe", "child", "--gtest_filter=CrashPointsTest.DISABLED_Child",
          "--gtest_also_run_disabled_tests", nullptr);
    _exit(127);
  }
  int status = -1;
  GUARDWATCH_CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class CrashTest : public testing::TestWithParam<std::size_t> {};

TEST_P(CrashTest, WhereverACommitEndsItIsThereAsAWholeOrNotAtAll) {
  int k = 1;
  for (int code = kEndedOnPurpose; code == kEndedOnPurpose; ++k) {
    ASSERT_LT(k, 1000);
    SCOPED_TRACE("operation " + std::to_string(k));
    const FastDirectory folder;
    const std::string directory = folder.File("state");
    fs::create_directory(directory);
    code = RunChild(folder.File(""), GetParam(), k);
    ASSERT_TRUE(code == kEndedOnPurpose || code == 0) << code;
    int committed = 0;
    std::ifstream(folder.File("committed")) >> committed;
    if (code == 0) {
      ASSERT_EQ(committed, kCommits);
    }

    // A start that has not come far is begun anew, as the daemon does.
    ASSERT_TRUE(StateStore::Open(directory, Small(GetParam())).has_value());
    const auto records = ReadAll(directory);
    ASSERT_TRUE(records.has_value()) << records.error().message;
    const bool as_told = *records == After(committed);
    ASSERT_TRUE(as_told || *records == After(std::min(committed + 1, kCommits))) << committed;

    // And it goes on from there.
    const int next = as_told ? committed + 1 : committed + 2;
    ASSERT_TRUE(CommitFrom(next, directory, Small(GetParam()), [](int) {}).has_value());
    ASSERT_EQ(*ReadAll(directory) == After(kCommits), true);
  }
  EXPECT_GT(k, 50);
}

INSTANTIATE_TEST_SUITE_P(DirectBytes, CrashTest, testing::ValuesIn(kDirectBytes));

// --- Damage ---

class DamageTest : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    for (int n = 1; n <= kCommits; ++n) {
      auto store = StateStore::Open(folder_.File("good"), Small(GetParam()));
      ASSERT_TRUE(store.has_value()) << store.error().message;
      ASSERT_TRUE((*store)->Commit(CommitNumber(n)));
    }
  }

  // An older state as a whole, or a refusal; never anything else.
  void Check(const std::string& directory, const std::string& what) {
    const auto records = ReadAll(directory);
    if (!records) {
      ++refused_;
      ASSERT_FALSE(records.error().message.empty());
      return;
    }
    bool known = false;
    for (int n = 0; n <= kCommits; ++n) known = known || *records == After(n);
    ASSERT_TRUE(known) << what;
    ++(*records == After(kCommits) ? whole_ : older_);
  }

  template <class Change>
  void WithDamage(const fs::path& file, const std::string& what, Change&& change) {
    const std::string damaged = folder_.File("damaged");
    fs::remove_all(damaged);
    fs::copy(folder_.File("good"), damaged);
    change(fs::path(damaged) / file.filename());
    ASSERT_NO_FATAL_FAILURE(Check(damaged, file.filename().string() + " " + what));
  }

  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(folder_.File("good"))) {
      if (file.file_size() > 0) files.push_back(file.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  FastDirectory folder_;
  int refused_ = 0;
  int older_ = 0;
  int whole_ = 0;
};

TEST_P(DamageTest, FilesThatWereCutShortGiveAnOlderStateOrARefusal) {
  for (const fs::path& file : Files()) {
    const auto size = static_cast<std::int64_t>(fs::file_size(file));
    for (std::int64_t left = 0; left < size; left += 1 + size / 10) {
      ASSERT_NO_FATAL_FAILURE(WithDamage(
          file, "cut to " + std::to_string(left),
          [&](const fs::path& path) { fs::resize_file(path, static_cast<std::uintmax_t>(left)); }));
    }
  }
  EXPECT_GT(refused_, 10);
  // The log ends where it was cut; a table that was is refused.
  EXPECT_GT(older_, GetParam() == SIZE_MAX ? 5 : 0);
}

TEST_P(DamageTest, FilesWithAFlippedBitGiveAnOlderStateOrARefusal) {
  for (const fs::path& file : Files()) {
    const auto size = static_cast<std::int64_t>(fs::file_size(file));
    for (std::int64_t at = 0; at < size; at += 1 + size / 10) {
      ASSERT_NO_FATAL_FAILURE(
          WithDamage(file, "flipped at " + std::to_string(at), [&](const fs::path& path) {
            std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
            bytes.seekg(at);
            const int before = bytes.get();
            bytes.seekp(at);
            bytes.put(static_cast<char>(before ^ (1 << (at % 8))));
          }));
    }
  }
  EXPECT_GT(refused_, 10);
}

TEST_P(DamageTest, AFileThatIsGoneGivesAnOlderStateOrARefusal) {
  for (const fs::path& file : Files()) {
    ASSERT_NO_FATAL_FAILURE(
        WithDamage(file, "gone", [](const fs::path& path) { fs::remove(path); }));
  }
}

INSTANTIATE_TEST_SUITE_P(DirectBytes, DamageTest, testing::ValuesIn(kDirectBytes));

}  // namespace
}  // namespace guardwatch
