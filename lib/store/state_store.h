#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/state_changes.h"

namespace guardwatch {

struct StateStoreOptions {
  bool create = true;      // Make the directory if it is not there.
  bool read_only = false;  // For looking at it; takes no lock.
  // Changes that stay in the log before they are written to tables.
  std::size_t buffer_bytes = std::size_t{16} << 20;
  // Changes of one commit from which on it goes to tables at once: by way of the log they would be
  // copied, checked and written twice.
  std::size_t direct_bytes = std::size_t{4} << 20;
  // Called before every append, sync and rename with the name of the operation, and able to end the
  // process there: for tests of what a crash leaves behind.
  std::function<void(std::string_view operation)> before_io;
};

// Keeps state records in one directory, and changes them atomically: after Commit has returned, a
// crash of the process or the machine leaves all of the changes, before that all or none. One
// process at a time. Any thread, one call at a time.
//
// A failed Commit (disk full, I/O error, read-only) changes nothing that matters: the same changes
// can be committed again later, and the store recovers by opening itself anew.
class StateStore {
 public:
  // Fails if the directory cannot be used, is in use, or holds something that is damaged.
  static Result<std::unique_ptr<StateStore>> Open(std::string directory,
                                                  StateStoreOptions options = {});
  ~StateStore();

  Result<void> Commit(const StateChanges& changes);

  // The value of a record; nullopt if there is none.
  Result<std::optional<std::string>> Get(std::string_view key) const;

  // Every record whose key begins with `prefix`, in the order of keys, its key without it. Ends
  // with the first error of `visit`, or of a record that is damaged.
  Result<void> ForEach(std::string_view prefix,
                       const std::function<Result<void>(StateRecord)>& visit) const;

  // Reads everything and checks every checksum.
  Result<void> Verify() const;

  std::int64_t DiskBytes() const;
  const std::string& directory() const { return directory_; }

 private:
  struct Database;

  StateStore(std::string directory, StateStoreOptions options);
  Result<void> OpenDatabase();

  const std::string directory_;
  const StateStoreOptions options_;
  std::unique_ptr<Database> database_;
};

}  // namespace guardwatch
