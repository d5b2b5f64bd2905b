#include "base/state_changes.h"

#include <utility>

namespace guardwatch {

void StateChanges::ErasePrefix(std::string prefix) {
  const auto first = records_.lower_bound(prefix);
  auto last = first;
  while (last != records_.end() && last->first.compare(0, prefix.size(), prefix) == 0) ++last;
  records_.erase(first, last);
  erased_prefixes_.push_back(std::move(prefix));
}

void StateChanges::Append(StateChanges later, std::string_view under) {
  for (const std::string& prefix : later.erased_prefixes_) {
    ErasePrefix(std::string(under) + prefix);
  }
  if (records_.empty() && under.empty()) {
    records_ = std::move(later.records_);
    return;
  }
  for (auto& [key, value] : later.records_) {
    records_[std::string(under) + key] = std::move(value);
  }
}

std::size_t StateChanges::bytes() const {
  std::size_t sum = 0;
  for (const auto& [key, value] : records_) sum += key.size() + (value ? value->size() : 0);
  for (const std::string& prefix : erased_prefixes_) sum += prefix.size();
  return sum;
}

char KeyReader::Tag() {
  if (key_.empty()) {
    bad_ = true;
    return '\0';
  }
  const char tag = key_.front();
  key_.remove_prefix(1);
  return tag;
}

std::string_view KeyReader::Name() {
  const std::size_t end = key_.find('\xff');
  if (end == std::string_view::npos) {
    bad_ = true;
    key_ = {};
    return {};
  }
  const std::string_view name = key_.substr(0, end);
  key_.remove_prefix(end + 1);
  return name;
}

std::uint64_t KeyReader::BigEndian(std::size_t bytes) {
  if (key_.size() < bytes) {
    bad_ = true;
    key_ = {};
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value = (value << 8) | static_cast<unsigned char>(key_[i]);
  }
  key_.remove_prefix(bytes);
  return value;
}

}  // namespace guardwatch
