#include "store/state_store.h"

#include <cstdarg>
#include <filesystem>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "store/observed_file_system.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMiB = 1 << 20;

// How many commits there were, told in two ways: each writes its number, and each adds one. If some
// were lost and later ones were not (a manifest that was cut short names older tables, and the log
// goes on from newer ones), the two differ. No other key is as great.
constexpr std::string_view kOwnKeys = "\xff\xff\xff";
const std::string kCommitNumber = std::string(kOwnKeys) + "number";
const std::string kCommitCount = std::string(kOwnKeys) + "count";

class Silent : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::string Number(std::uint64_t value) {
  ByteWriter out;
  out.Fixed(value);
  return out.Take();
}
std::uint64_t NumberIn(std::string_view record) {
  return ByteReader(record).Fixed<std::uint64_t>();
}

class Sum : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "guardwatch.Sum"; }
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* before, const rocksdb::Slice& more,
             std::string* after, rocksdb::Logger*) const override {
    const std::uint64_t sum = before != nullptr ? NumberIn(before->ToStringView()) : 0;
    *after = Number(sum + NumberIn(more.ToStringView()));
    return true;
  }
};

rocksdb::Options OptionsFor(const StateStoreOptions& ours, rocksdb::Env* env) {
  rocksdb::Options options;
  options.create_if_missing = ours.create;
  options.paranoid_checks = true;
  // A torn end of the log is the checkpoint that did not complete; what came before counts.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A full disk must not keep us from opening what is there.
  options.avoid_flush_during_recovery = true;
  options.avoid_flush_during_shutdown = true;
  options.write_buffer_size = ours.buffer_bytes;
  options.max_total_wal_size = 256 * kMiB;
  // A small state takes little room, and a full disk shows at once.
  options.allow_fallocate = false;
  // Runs of pending entries are written once and dropped whole: compaction need not carry them.
  options.enable_blob_files = true;
  options.min_blob_size = 2048;
  options.blob_file_size = 128 * kMiB;
  options.enable_blob_garbage_collection = true;
  // What is about to be written anew is not worth the time to compress it.
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels),
                                       options.compression);
  options.compression_per_level[0] = options.compression_per_level[1] = rocksdb::kNoCompression;
  // Catching up writes a table with every commit, and there is little in each.
  options.level0_file_num_compaction_trigger = 8;
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  // What matters is in a status. A log of its own would be one more thing that a full disk breaks,
  // and in version 7.8, built with assertions as Debian's is, that ends the process.
  options.info_log = std::make_shared<Silent>();
  // One manifest entry per change of files is small; a long one slows the start.
  options.max_manifest_file_size = 8 * kMiB;
  options.merge_operator = std::make_shared<Sum>();
  if (env != nullptr) options.env = env;
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::ChecksumType::kXXH3;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// A directory with files in it, none of which is a database's. A file system's own folder is no
// file.
bool HoldsSomethingElse(const std::string& directory) {
  std::error_code error;
  bool anything = false;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == "CURRENT" || name == "LOCK") return false;
    anything = anything || name != "lost+found";
  }
  return anything;
}

// The least key that does not begin with the prefix; empty if there is none.
std::string EndOfPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return prefix;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

Error ErrorFrom(const std::string& directory, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  // Of another process, and of this one.
  if (status.IsIOError() && (says("While lock file:") || says("lock hold by current process"))) {
    return {directory + " is in use by another process", true};
  }
  if (status.IsCorruption()) return {directory + " is damaged: " + text, false};
  return {directory + ": " + text, true};
}

}  // namespace

struct StateStore::Database {
  std::unique_ptr<rocksdb::Env> env;  // Outlives db.
  std::unique_ptr<rocksdb::DB> db;
  std::uint64_t commits = 0;
  rocksdb::WriteBatch batch;  // Kept, so that its memory is used again.

  // False: some are missing.
  rocksdb::Status CountCommits(bool& complete) {
    std::string number;
    std::string count;
    for (const auto& [key, value] : {std::pair(&kCommitNumber, &number), {&kCommitCount, &count}}) {
      rocksdb::Status status = db->Get(rocksdb::ReadOptions(), *key, value);
      if (!status.ok() && !status.IsNotFound()) return status;
    }
    commits = NumberIn(number);
    complete = number == count;
    return rocksdb::Status::OK();
  }
};

StateStore::StateStore(std::string directory, StateStoreOptions options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

StateStore::~StateStore() = default;

Result<std::unique_ptr<StateStore>> StateStore::Open(std::string directory,
                                                     StateStoreOptions options) {
  if (options.create && !options.read_only && HoldsSomethingElse(directory)) {
    return Fail(directory +
                " is not empty and holds no state of guardwatch: give it a directory of its own");
  }
  std::unique_ptr<StateStore> store(new StateStore(std::move(directory), std::move(options)));
  if (auto opened = store->OpenDatabase(); !opened) return tl::unexpected(opened.error());
  return store;
}

Result<void> StateStore::OpenDatabase() {
  auto database = std::make_unique<Database>();
  if (options_.before_io) database->env = ObservedEnv(options_.before_io);
  const rocksdb::Options options = OptionsFor(options_, database->env.get());
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = options_.read_only
                                     ? rocksdb::DB::OpenForReadOnly(options, directory_, &db)
                                     : rocksdb::DB::Open(options, directory_, &db);
  if (!status.ok()) return tl::unexpected(ErrorFrom(directory_, status));
  database->db.reset(db);
  bool complete = false;
  const rocksdb::Status counted = database->CountCommits(complete);
  if (!counted.ok()) return tl::unexpected(ErrorFrom(directory_, counted));
  if (!complete) return Fail(directory_ + " is damaged: some of what was written is missing");
  database_ = std::move(database);
  return {};
}

// A commit is in one piece and on disk when this returns: as a synced record of the log, or as part
// of a synced table, since a batch never spans two. What the log already has stays there until such
// a table has it too.
Result<void> StateStore::Commit(const StateChanges& changes) {
  if (!database_) {
    if (auto opened = OpenDatabase(); !opened) return opened;
  }
  rocksdb::WriteBatch& batch = database_->batch;
  const std::size_t bytes = changes.bytes();
  const std::size_t expected = bytes + bytes / 16;
  const std::size_t kept = batch.Data().capacity();
  // Catching up takes many times more than what follows.
  if (expected > kept || expected < kept / 4) {
    batch = rocksdb::WriteBatch(expected);
  } else {
    batch.Clear();
  }
  rocksdb::Status status;
  for (const StateChanges::Change& change : changes) {
    switch (change.kind) {
      case StateChanges::Kind::kPut:
        status = batch.Put(change.key, change.value);
        break;
      case StateChanges::Kind::kErase:
        status = batch.Delete(change.key);
        break;
      case StateChanges::Kind::kErasePrefix: {
        const std::string end = EndOfPrefix(change.key);
        if (end.empty()) return Fail("a prefix of 0xff bytes cannot be erased");
        status = batch.DeleteRange(change.key, end);
        break;
      }
    }
    if (!status.ok()) break;
  }
  const std::uint64_t number = database_->commits + 1;
  if (status.ok()) status = batch.Put(kCommitNumber, Number(number));
  if (status.ok()) status = batch.Merge(kCommitCount, Number(1));
  if (status.ok()) {
    const bool direct = bytes >= options_.direct_bytes;
    rocksdb::WriteOptions write;
    write.sync = !direct;
    write.disableWAL = direct;
    status = database_->db->Write(write, &batch);
    if (status.ok() && direct) status = database_->db->Flush(rocksdb::FlushOptions());
  }
  if (status.ok()) {
    database_->commits = number;
    return {};
  }
  const Error error = ErrorFrom(directory_, status);
  // What the failed write has left in memory must not be built upon.
  database_.reset();
  return tl::unexpected(Error{error.message, true});
}

Result<std::optional<std::string>> StateStore::Get(std::string_view key) const {
  if (!database_) return FailRetryable(directory_ + " cannot be read now");
  std::string value;
  const rocksdb::Status status =
      database_->db->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return tl::unexpected(ErrorFrom(directory_, status));
  return std::optional(std::move(value));
}

Result<void> StateStore::ForEach(std::string_view prefix,
                                 const std::function<Result<void>(StateRecord)>& visit) const {
  if (!database_) return FailRetryable(directory_ + " cannot be read now");
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  read.readahead_size = 2 * kMiB;
  const std::unique_ptr<rocksdb::Iterator> at(database_->db->NewIterator(read));
  // An empty view may have no data at all, which RocksDB would compare with.
  const rocksdb::Slice start =
      prefix.empty() ? rocksdb::Slice("", 0) : rocksdb::Slice(prefix.data(), prefix.size());
  for (at->Seek(start); at->Valid() && at->key().starts_with(start); at->Next()) {
    const rocksdb::Slice key = at->key();
    if (key.starts_with(rocksdb::Slice(kOwnKeys.data(), kOwnKeys.size()))) break;
    auto visited = visit({std::string(key.data() + prefix.size(), key.size() - prefix.size()),
                          at->value().ToString()});
    if (!visited) return visited;
  }
  if (!at->status().ok()) return tl::unexpected(ErrorFrom(directory_, at->status()));
  return {};
}

Result<void> StateStore::Verify() const {
  if (!database_) return FailRetryable(directory_ + " cannot be read now");
  const rocksdb::Status status = database_->db->VerifyChecksum();
  if (!status.ok()) return tl::unexpected(ErrorFrom(directory_, status));
  return ForEach("", [](const StateRecord&) { return Result<void>(); });
}

std::int64_t StateStore::DiskBytes() const {
  if (!database_) return 0;
  std::uint64_t tables = 0;
  std::uint64_t blobs = 0;
  database_->db->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &tables);
  database_->db->GetIntProperty(rocksdb::DB::Properties::kTotalBlobFileSize, &blobs);
  return static_cast<std::int64_t>(tables + blobs);
}

}  // namespace guardwatch
