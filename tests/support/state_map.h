#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/state_changes.h"

namespace guardwatch {

// Durable state in memory: what StateStore keeps on disk.
class StateMap {
 public:
  void Commit(const StateChanges& changes) {
    using Kind = StateChanges::Kind;
    for (const auto& [kind, key, value] : changes) {
      if (kind == Kind::kPut) {
        records_[key] = value;
      } else if (kind == Kind::kErase) {
        records_.erase(key);
      } else {
        const auto first = records_.lower_bound(key);
        auto last = first;
        while (last != records_.end() && last->first.compare(0, key.size(), key) == 0) ++last;
        records_.erase(first, last);
      }
    }
  }

  // Records whose key begins with `prefix`, in the order of keys, without it.
  std::vector<StateRecord> Under(std::string_view prefix = {}) const {
    std::vector<StateRecord> found;
    for (auto at = records_.lower_bound(std::string(prefix));
         at != records_.end() && at->first.compare(0, prefix.size(), prefix) == 0; ++at) {
      found.push_back({at->first.substr(prefix.size()), at->second});
    }
    return found;
  }

  const std::map<std::string, std::string>& records() const { return records_; }
  friend bool operator==(const StateMap&, const StateMap&) = default;

 private:
  std::map<std::string, std::string> records_;
};

}  // namespace guardwatch
