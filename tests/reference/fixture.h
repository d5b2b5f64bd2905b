#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stats/score_histogram.h"

namespace guardwatch::reference {

// One line of a fixture: name=value fields separated by ';'.
class Case {
 public:
  explicit Case(const std::string& line) {
    std::stringstream fields(line);
    for (std::string field; std::getline(fields, field, ';');) {
      const std::size_t equals = field.find('=');
      fields_[field.substr(0, equals)] = field.substr(equals + 1);
    }
  }

  // '-' is a statistic that does not exist.
  std::optional<double> Value(const std::string& name) const {
    const std::string& text = fields_.at(name);
    if (text == "-") return std::nullopt;
    return std::strtod(text.c_str(), nullptr);
  }

  std::vector<double> List(const std::string& name) const {
    std::vector<double> list;
    std::stringstream words(fields_.at(name));
    for (std::string word; words >> word;) list.push_back(std::strtod(word.c_str(), nullptr));
    return list;
  }

  std::vector<std::int64_t> Integers(const std::string& name) const {
    std::vector<std::int64_t> list;
    for (const double value : List(name)) list.push_back(static_cast<std::int64_t>(value));
    return list;
  }

 private:
  std::map<std::string, std::string> fields_;
};

inline std::vector<Case> Read(const std::string& name) {
  std::vector<Case> cases;
  std::ifstream in(std::string(GUARDWATCH_SOURCE_DIR) + "/tests/reference/" + name);
  for (std::string line; std::getline(in, line);) cases.emplace_back(line);
  EXPECT_GE(cases.size(), 200u) << name;
  return cases;
}

// Both absent, or equal to `tolerance`: absolutely where the reference is below 1, else relatively.
inline void ExpectSame(const Case& expected, const std::string& name, std::optional<double> actual,
                       double tolerance = 1e-9) {
  const std::optional<double> value = expected.Value(name);
  ASSERT_EQ(actual.has_value(), value.has_value()) << name;
  if (!value) return;
  EXPECT_NEAR(*actual, *value, tolerance * std::max(1.0, std::abs(*value))) << name;
}

// A member of an optional struct, absent where the struct is.
template <class Struct, class Member>
std::optional<double> Part(const std::optional<Struct>& whole, Member Struct::*member) {
  if (!whole) return std::nullopt;
  return (*whole).*member;
}

// A line of labeled_scores.csv, each distinct labelled score with its count.
struct LabeledScores {
  std::vector<std::int64_t> q;
  std::vector<std::int64_t> positive;
  std::vector<std::int64_t> count;

  explicit LabeledScores(const Case& line)
      : q(line.Integers("q")), positive(line.Integers("y")), count(line.Integers("count")) {}

  // Calls visit(score, positive) for every labelled score.
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (std::size_t i = 0; i < q.size(); ++i) {
      for (std::int64_t k = 0; k < count[i]; ++k) {
        visit(Score{static_cast<std::uint32_t>(q[i])}, positive[i] == 1);
      }
    }
  }

  ScoreHistogram Histogram(int m = score_grid::kFine) const {
    ScoreHistogram histogram;
    ForEach([&](Score score, bool y) { histogram.AddLabel(score, m, y); });
    return histogram;
  }
};

// Calls check(scores, expected) for every case of labeled_scores.csv and its line in `name`.
template <class Check>
void ForEachLabeledCase(const std::string& name, Check&& check) {
  const std::vector<Case> scores = Read("labeled_scores.csv");
  const std::vector<Case> expected = Read(name);
  ASSERT_EQ(scores.size(), expected.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    SCOPED_TRACE(name + " line " + std::to_string(i + 1));
    check(LabeledScores(scores[i]), expected[i]);
  }
}

}  // namespace guardwatch::reference
