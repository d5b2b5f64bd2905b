#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/int128.h"
#include "base/time.h"

// How records of durable state are written: little-endian fixed-size values, LEB128 varints (zigzag
// for signed ones, so that small numbers of either sign stay short), length-prefixed text.

namespace guardwatch {

class ByteWriter {
 public:
  void Byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void Bool(bool value) { Byte(value ? 1 : 0); }
  void Varint(std::uint64_t value) {
    if (value < 0x80) return Byte(static_cast<std::uint8_t>(value));
    std::array<char, 10> bytes;
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = static_cast<char>(value | 0x80);
    bytes[count++] = static_cast<char>(value);
    out_.append(bytes.data(), count);
  }
  void Signed(std::int64_t value) {
    Varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void Wide(Int128 value) {
    const auto bits = static_cast<UInt128>(value);
    UInt128 zigzag = (bits << 1) ^ (value < 0 ? ~UInt128{0} : UInt128{0});
    while (zigzag >= 0x80) {
      Byte(static_cast<std::uint8_t>(static_cast<std::uint64_t>(zigzag) | 0x80));
      zigzag >>= 7;
    }
    Byte(static_cast<std::uint8_t>(zigzag));
  }
  void Real(double value) { Fixed(value); }
  void Time(EventTime value) { Signed(Micros(value)); }
  void Text(std::string_view text) {
    Varint(text.size());
    out_ += text;
  }
  void Bytes(std::string_view bytes) { out_ += bytes; }  // Without a length.
  // The bytes of a value as they are in memory; for types without padding.
  template <class T>
  void Fixed(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    std::memcpy(out_.data() + at, &value, sizeof(T));
  }

  void Clear() { out_.clear(); }  // Keeps its memory for the next use.
  void Reserve(std::size_t bytes) { out_.reserve(bytes); }
  const std::string& bytes() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads what ByteWriter wrote. Reading past the end, or a varint that is too long, yields zeros and
// makes the reader bad for good, so that a record is checked once, at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : in_(bytes) {}

  std::uint8_t Byte() {
    if (in_.empty()) return Fail();
    const auto value = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return value;
  }
  bool Bool() {
    const std::uint8_t value = Byte();
    if (value > 1) Fail();
    return value == 1;
  }
  std::uint64_t Varint() { return static_cast<std::uint64_t>(VarintOf(64)); }
  std::int64_t Signed() {
    const std::uint64_t zigzag = Varint();
    return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
  }
  Int128 Wide() {
    const UInt128 zigzag = VarintOf(128);
    return static_cast<Int128>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
  }
  double Real() { return Fixed<double>(); }
  EventTime Time() { return EventTimeFromMicros(Signed()); }
  std::string_view Text() {
    const std::uint64_t size = Varint();
    if (size > in_.size()) {
      Fail();
      return {};
    }
    const std::string_view text = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(text.size());
    return text;
  }
  template <class T>
  T Fixed() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (in_.size() < sizeof(T)) {
      Fail();
      return value;
    }
    std::memcpy(&value, in_.data(), sizeof(T));
    in_.remove_prefix(sizeof(T));
    return value;
  }
  // A number of things that follow, each at least one byte long; 0 if there cannot be as many.
  std::size_t Count() {
    const std::uint64_t count = Varint();
    if (count > in_.size()) Fail();
    return bad_ ? 0 : static_cast<std::size_t>(count);
  }

  // The number of an enumerator below `count`; anything else makes the reader bad.
  template <class Enum>
  Enum Enumerator(int count) {
    const std::uint8_t value = Byte();
    if (value >= count) Refuse();
    return static_cast<Enum>(value < count ? value : 0);
  }
  // What was read makes no sense.
  void Refuse() { Fail(); }

  bool bad() const { return bad_; }
  std::size_t left() const { return in_.size(); }
  bool done() const { return !bad_ && in_.empty(); }  // Everything was read, and nothing failed.

 private:
  UInt128 VarintOf(unsigned bits) {
    UInt128 value = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
      const std::uint8_t byte = Byte();
      value |= static_cast<UInt128>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }
  std::uint8_t Fail() {
    bad_ = true;
    in_ = {};
    return 0;
  }

  std::string_view in_;
  bool bad_ = false;
};

}  // namespace guardwatch
