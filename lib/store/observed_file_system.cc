#include "store/observed_file_system.h"

#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace guardwatch {
namespace {

using BeforeIo = std::function<void(std::string_view)>;

class ObservedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ObservedFile(std::unique_ptr<rocksdb::FSWritableFile> file, const BeforeIo& before_io)
      : FSWritableFileOwnerWrapper(std::move(file)), before_io_(before_io) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    before_io_("append");
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* debug) override {
    before_io_("append");
    return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    before_io_("sync");
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    before_io_("sync");
    return FSWritableFileOwnerWrapper::Fsync(options, debug);
  }

 private:
  const BeforeIo& before_io_;
};

class ObservedFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit ObservedFileSystem(BeforeIo before_io)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), before_io_(std::move(before_io)) {}
  const char* Name() const override { return "ObservedFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<ObservedFile>(std::move(*file), before_io_);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    before_io_("rename");
    return FileSystemWrapper::RenameFile(from, to, options, debug);
  }

 private:
  const BeforeIo before_io_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> ObservedEnv(std::function<void(std::string_view)> before_io) {
  return rocksdb::NewCompositeEnv(std::make_shared<ObservedFileSystem>(std::move(before_io)));
}

}  // namespace guardwatch
