#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace rocksdb {
class Env;
}

namespace guardwatch {

// The real file system, calling `before_io` before every append, sync and rename.
std::unique_ptr<rocksdb::Env> ObservedEnv(std::function<void(std::string_view)> before_io);

}  // namespace guardwatch
