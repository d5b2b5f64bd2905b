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
  static constexpr std::size_t kGlance = 3;  // Words of eight bytes.

  // A key with its quotes and colon as the last document had it there, and what it stands for.
  struct Expected {
    std::array<std::uint64_t, kGlance> text{};
    std::array<std::uint64_t, kGlance> mask{};  // Ones where the text is.
    std::size_t size = 0;                       // 0: nothing is expected.
    int meaning = -1;
  };
  using Order = std::array<Expected, 32>;

  // Each takes the place to read from and returns the place behind what it read, or nullptr.
  template <class Meaning>
  static const char* ReadKey(const char* at, Expected& expected, int& meaning,
                             Meaning&& meaning_of);
  const char* ReadObject(const char* at, JsonFields& fields);
  const char* ReadField(const char* at, int meaning, JsonFields& fields);
  const char* ReadCohort(const char* at, std::vector<CohortValue>& cohort);
  static const char* ReadClassScores(const char* at, std::vector<NamedValue>& scores);

  const std::vector<std::string> dimensions_;
  Order event_order_;
  Order cohort_order_;
};

}  // namespace guardwatch
