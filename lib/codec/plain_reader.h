#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_fields.h"

namespace guardwatch {

// Reads documents as nearly all of them are: one object of scalars, with objects of scalars under
// `cohort` and `class_scores`, ASCII without escapes, numbers that a double holds without doubt. It
// takes one pass, and most keys at a glance, since events of one producer have their keys in the
// same order.
//
// Whatever is not like that is not judged here: JsonReader has the last word on it.
class PlainReader {
 public:
  explicit PlainReader(std::vector<std::string> dimensions);

  // False: left to JsonReader; `fields` are then undefined. Else they are what JsonReader would
  // have found. Views point into `text`, which takes the payload.
  bool Read(std::string_view payload, std::vector<char>& text, JsonFields& fields);

 private:
  // What keys mean whose values nobody reads. Other meanings are smaller.
  static constexpr unsigned kUnread = 63;

  // What stood between two values in the last document, from the first's end to the second's
  // start: a comma or brace, a key, a colon, any blanks, and the opening quote of a text.
  struct Expected {
    alignas(16) std::array<char, 32> text{};   // Nothing yet: a zero, which is in no document.
    std::array<std::uint32_t, 2> masks{1, 0};  // Ones where the text is, by halves.
    std::uint8_t size = 0;
    bool opens_text = false;
    std::uint8_t end = 0;            // Of the value behind it; see ReadText, ReadShortFraction.
    std::uint8_t meaning = kUnread;  // Of the key.
    std::uint64_t bit = std::uint64_t{1} << kUnread;

    bool IsAt(const char* at) const;
    bool HalfIsAt(const char* at, std::size_t half) const;
    void Learn(const char* from, const char* to, unsigned new_meaning);
  };
  // The last one is never learned: it ends the walk.
  using Order = std::array<Expected, 32>;

  // The meanings of the keys that an object has had so far.
  struct Seen {
    std::uint64_t bits = std::uint64_t{1} << kUnread;

    // False if it was there before, or if nobody reads it.
    bool Add(std::uint64_t bit) {
      if ((bits & bit) != 0) return false;
      bits |= bit;
      return true;
    }
  };

  // What is done with the members of an object, by the meaning of their keys.
  struct EventMembers;
  struct CohortMembers;

  // Each takes the place to read from and returns the place behind what it read, or nullptr.
  template <class Members>
  static const char* ReadMembers(const char* at, Order& order, Members members);
  static const char* ReadClassScores(const char* at, std::vector<NamedValue>& scores);

  const std::vector<std::string> dimensions_;
  Order event_order_;
  Order cohort_order_;
};

}  // namespace guardwatch
