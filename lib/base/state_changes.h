#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace guardwatch {

// What has to change in durable state, as records under binary keys. The stages describe their own
// state with it and know nothing of files; whoever keeps the records applies the changes in their
// order. Adding to it costs no more than the bytes.
class StateChanges {
 public:
  enum class Kind : std::uint8_t { kPut, kErase, kErasePrefix };
  struct Change {
    Kind kind = Kind::kPut;
    std::string key;
    std::string value;  // Of kPut.
  };

  void Put(std::string key, std::string value) {
    changes_.push_back({Kind::kPut, std::move(key), std::move(value)});
  }
  void Erase(std::string key) { changes_.push_back({Kind::kErase, std::move(key), {}}); }

  // Erases every record whose key begins with `prefix`.
  void ErasePrefix(std::string prefix) {
    changes_.push_back({Kind::kErasePrefix, std::move(prefix), {}});
  }

  // Takes over later changes, their keys prefixed with `under`. Compacts a list that has doubled:
  // where each stands is told again and again, and nobody may take the list for hours.
  void Append(StateChanges later, std::string_view under = {});

  // Drops what later changes undo.
  void Compact();

  bool empty() const { return changes_.empty(); }
  std::size_t bytes() const;  // Of all keys and values.

  auto begin() const { return changes_.begin(); }
  auto end() const { return changes_.end(); }

 private:
  static constexpr std::size_t kLeastToCompact = 4096;

  std::vector<Change> changes_;
  std::size_t compact_at_ = kLeastToCompact;
};

// Keys sort as what they are made of: numbers as big-endian, signed ones with the sign flipped.
class KeyWriter {
 public:
  explicit KeyWriter(std::string_view prefix = {}) : key_(prefix) {}
  KeyWriter& Tag(char tag) {
    key_.push_back(tag);
    return *this;
  }
  KeyWriter& Number(std::uint32_t value) { return BigEndian(value, 4); }
  KeyWriter& Number(std::int64_t value) {
    return BigEndian(static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63), 8);
  }
  // Ends with a byte that is in no UTF-8 text, so that no name is a prefix of another.
  KeyWriter& Name(std::string_view name) {
    key_ += name;
    key_.push_back('\xff');
    return *this;
  }
  std::string Take() { return std::move(key_); }

 private:
  KeyWriter& BigEndian(std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) key_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  std::string key_;
};

// Takes a key apart in the order in which it was written; see KeyWriter.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : key_(key) {}
  char Tag();
  std::uint32_t Number32() { return static_cast<std::uint32_t>(BigEndian(4)); }
  std::int64_t Number64() {
    return static_cast<std::int64_t>(BigEndian(8) ^ (std::uint64_t{1} << 63));
  }
  std::string_view Name();
  std::string_view rest() const { return key_; }
  bool done() const { return !bad_ && key_.empty(); }

 private:
  std::uint64_t BigEndian(std::size_t bytes);

  std::string_view key_;
  bool bad_ = false;
};

// One record as it is read back, its key without the prefix it was asked for.
struct StateRecord {
  std::string key;
  std::string value;
};

}  // namespace guardwatch
