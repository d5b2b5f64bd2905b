#include "store/state_store.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/check.h"
#include "net/child_process.h"

namespace guardwatch {
namespace {

using testing::HasSubstr;
using Records = std::map<std::string, std::string>;

std::unique_ptr<StateStore> Open(const std::string& directory, StateStoreOptions options = {}) {
  auto store = StateStore::Open(directory, std::move(options));
  if (!store) ADD_FAILURE() << store.error().message;
  return store ? *std::move(store) : nullptr;
}

Records AllOf(const StateStore& store, std::string_view prefix = {}) {
  Records all;
  const auto read = store.ForEach(prefix, [&](StateRecord record) -> Result<void> {
    EXPECT_TRUE(all.empty() || all.rbegin()->first < record.key) << "not in the order of keys";
    all[record.key] = record.value;
    return {};
  });
  EXPECT_TRUE(read.has_value());
  return all;
}

StateChanges Putting(const Records& records) {
  StateChanges changes;
  for (const auto& [key, value] : records) changes.Put(key, value);
  return changes;
}

StateStoreOptions Looking() {
  StateStoreOptions options;
  options.create = false;
  options.read_only = true;
  return options;
}

class StateStoreTest : public testing::Test {
 protected:
  TemporaryDirectory folder_;
  const std::string directory_ = folder_.File("state");
};

TEST_F(StateStoreTest, WhatWasCommittedIsThereAfterReopening) {
  const Records records{{"a", "1"}, {std::string("\0\xff", 2), std::string(3000, '\0')}};
  ASSERT_TRUE(Open(directory_)->Commit(Putting(records)));

  const auto again = Open(directory_);

  EXPECT_EQ(AllOf(*again), records);
  EXPECT_EQ(**again->Get("a"), "1");
  EXPECT_FALSE(again->Get("b")->has_value());
}

TEST_F(StateStoreTest, APrefixIsErasedWithEverythingUnderItAndNothingBesideIt) {
  const auto store = Open(directory_);
  const std::string top("\xff\xff", 2);
  ASSERT_TRUE(store->Commit(Putting(
      {{"a", "0"}, {"b", "0"}, {"b1", "0"}, {"b\xff", "0"}, {"c", "0"}, {top + "x", "0"}})));

  StateChanges erase;
  erase.ErasePrefix("b");
  ASSERT_TRUE(store->Commit(erase));

  EXPECT_EQ(AllOf(*store), (Records{{"a", "0"}, {"c", "0"}, {top + "x", "0"}}));
}

TEST_F(StateStoreTest, WithinOneCommitPrefixesGoFirst) {
  const auto store = Open(directory_);
  ASSERT_TRUE(store->Commit(Putting({{"s1", "old"}, {"s2", "old"}})));

  StateChanges changes;
  changes.ErasePrefix("s");
  changes.Put("s2", "new");
  ASSERT_TRUE(store->Commit(changes));

  EXPECT_EQ(AllOf(*store), (Records{{"s2", "new"}}));
}

TEST_F(StateStoreTest, APrefixOfTheGreatestBytesIsRefused) {
  StateChanges changes;
  changes.ErasePrefix("\xff\xff");
  EXPECT_FALSE(Open(directory_)->Commit(changes));
}

TEST_F(StateStoreTest, ForEachGivesKeysWithoutTheirPrefixAndEndsWithTheVisitorsError) {
  const auto store = Open(directory_);
  ASSERT_TRUE(store->Commit(Putting({{"m1", "x"}, {"m2", "y"}, {"n", "z"}})));
  EXPECT_EQ(AllOf(*store, "m"), (Records{{"1", "x"}, {"2", "y"}}));

  int seen = 0;
  const auto ended = store->ForEach("m", [&](const StateRecord&) -> Result<void> {
    ++seen;
    return Fail("enough");
  });

  EXPECT_EQ(ended.error().message, "enough");
  EXPECT_EQ(seen, 1);
}

TEST_F(StateStoreTest, ASecondUserIsToldThatTheDirectoryIsInUse) {
  const auto store = Open(directory_);

  const auto here = StateStore::Open(directory_);
  ASSERT_FALSE(here);
  EXPECT_EQ(here.error().message, directory_ + " is in use by another process");

  const pid_t child = fork();
  if (child == 0) {
    const auto there = StateStore::Open(directory_);
    _exit(!there && there.error().message == directory_ + " is in use by another process" ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(StateStoreTest, ADirectoryThatCannotBeIsNotCalledInUseWhateverItsName) {
  const auto none = StateStore::Open("/proc/unlock/state");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, Not(HasSubstr("in use")));
}

TEST_F(StateStoreTest, LookingTakesNoLockAndWritesNothing) {
  const auto store = Open(directory_);
  ASSERT_TRUE(store->Commit(Putting({{"a", "1"}})));

  const auto looking = Open(directory_, Looking());

  EXPECT_EQ(AllOf(*looking), (Records{{"a", "1"}}));
  EXPECT_TRUE(looking->Verify());
  EXPECT_FALSE(looking->Commit(Putting({{"b", "2"}})));
}

TEST_F(StateStoreTest, LookingAtWhatIsNotThereMakesNothing) {
  EXPECT_FALSE(StateStore::Open(directory_, Looking()));
  StateStoreOptions writing;
  writing.create = false;
  EXPECT_FALSE(StateStore::Open(directory_, writing));
}

// A torn end of the log is a commit that was under way; what was committed afterwards counts as
// well.
TEST_F(StateStoreTest, GoesOnAfterATornEndAndKeepsWhatComesLater) {
  ASSERT_TRUE(Open(directory_)->Commit(Putting({{"a", "1"}})));
  ASSERT_TRUE(Open(directory_)->Commit(Putting({{"b", std::string(1000, 'b')}})));
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    if (file.path().extension() == ".log" && file.file_size() > 1000) log = file.path();
  }
  ASSERT_FALSE(log.empty());
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 10);

  {
    const auto torn = Open(directory_);
    EXPECT_EQ(AllOf(*torn), (Records{{"a", "1"}}));
    ASSERT_TRUE(torn->Commit(Putting({{"c", "3"}})));
  }

  for (int again = 0; again < 3; ++again) {
    const auto store = Open(directory_);
    EXPECT_EQ(AllOf(*store), (Records{{"a", "1"}, {"c", "3"}}));
    EXPECT_TRUE(store->Verify());
  }
}

TEST_F(StateStoreTest, ManyCommitsWithPrefixesThatComeAndGoAreAsInAMap) {
  Records expected;
  for (int round = 0; round < 40; ++round) {
    const auto store = Open(directory_);
    ASSERT_EQ(AllOf(*store), expected) << round;
    for (int i = 0; i < 10; ++i) {
      StateChanges changes;
      const std::string gone = "s" + std::to_string((round * 7 + i) % 20) + "/";
      changes.ErasePrefix(gone);
      std::erase_if(expected, [&](const auto& each) { return each.first.starts_with(gone); });
      for (int n = 0; n < 5; ++n) {
        const std::string key =
            "s" + std::to_string((round + i * n) % 20) + "/" + std::to_string(n);
        // Short ones stay in tables, long ones go to files of their own.
        expected[key] = std::string(static_cast<std::size_t>(n * 1500), static_cast<char>(round));
        changes.Put(key, expected[key]);
      }
      ASSERT_TRUE(store->Commit(changes));
    }
  }
}

// No file of this process grows beyond so many bytes while this lives: as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    GUARDWATCH_CHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    GUARDWATCH_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

// Through the log, and straight to tables.
TEST_F(StateStoreTest, ACommitThatFindsTheDiskFullCanBeMadeAgainLater) {
  for (const std::size_t direct_bytes : {SIZE_MAX, std::size_t{0}}) {
    SCOPED_TRACE(direct_bytes);
    const std::string directory = folder_.File("full" + std::to_string(direct_bytes));
    StateStoreOptions options;
    options.direct_bytes = direct_bytes;
    Records records{{"a", "1"}, {"gone/1", "x"}};
    {
      const auto store = Open(directory, options);
      ASSERT_TRUE(store->Commit(Putting(records)));
      StateChanges changes = Putting({{"a", "2"}, {"b", std::string(300'000, 'b')}});
      changes.ErasePrefix("gone/");
      {
        const FullDisk full(100'000);
        for (int i = 0; i < 3; ++i) {
          const auto failed = store->Commit(changes);
          ASSERT_FALSE(failed);
          EXPECT_TRUE(failed.error().retryable);
        }
      }
      EXPECT_EQ(AllOf(*Open(directory, Looking())), records) << "a failed commit changes nothing";
      ASSERT_TRUE(store->Commit(changes));
    }
    records = {{"a", "2"}, {"b", std::string(300'000, 'b')}};
    const auto again = Open(directory, options);
    EXPECT_EQ(AllOf(*again), records);
    EXPECT_TRUE(again->Verify());
  }
}

TEST_F(StateStoreTest, ADirectoryOfSomebodyElseIsLeftAlone) {
  const std::string directory = folder_.File("home");
  std::filesystem::create_directory(directory);
  std::ofstream(directory + "/notes.txt") << "mine";
  const auto store = StateStore::Open(directory);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("is not empty and holds no state of guardwatch"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
}

TEST_F(StateStoreTest, TheFolderOfAFileSystemDoesNotCountAsSomethingElse) {
  const std::string directory = folder_.File("mounted");
  std::filesystem::create_directories(directory + "/lost+found");
  EXPECT_NE(Open(directory), nullptr);
}

}  // namespace
}  // namespace guardwatch
