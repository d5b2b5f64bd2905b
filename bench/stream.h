#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/rfc3339.h"
#include "base/time.h"
#include "event/event.h"
#include "ingest/options.h"

// The events that benchmarks read: the n-th one is a function of n alone, so that a benchmark knows
// what must come out without asking the code that it measures.

namespace guardwatch::bench {

// A field of which no two events have the same name.
enum class Distinct { kNone, kCohort, kGuardrail, kModelVersion };

struct StreamOptions {
  Distinct distinct = Distinct::kNone;
  int units = 8;                        // (guardrail, category) pairs, in turn.
  std::array<int, 3> values{5, 12, 3};  // Of each cohort dimension.
  double per_second = 10'000;           // Events per second of event time.
  // After so many events all but requests and times repeats; 0: never.
  std::int64_t period = 0;
  std::int64_t requests = 0;  // How many ids there are before they come again; 0: no end.
  EventTime start = *ParseRfc3339("2026-11-22T12:00:00Z");
};

// In the order in which events carry them.
inline const std::vector<std::string> kDimensions{"lang", "region", "tier"};

// An event as text and as what the text means. `event` points into the record itself and into
// the stream that made it: neither may move or end while it is used.
struct Record {
  std::string payload;
  std::string request_id;
  std::string distinct;  // The name that only this one has, if any.
  Event event;
  std::array<CohortValue, 3> cohort;
};

class EventStream {
 public:
  explicit EventStream(StreamOptions options);

  // A score with verdict, threshold and cohorts, of about 250 bytes.
  void Combined(std::int64_t n, Record& out) const;
  // The same without verdict and threshold.
  void Score(std::int64_t n, Record& out) const;
  // What a reviewer says of the n-th score, `delay` later.
  void Label(std::int64_t n, Duration delay, Record& out) const;

  EventTime TimeOf(std::int64_t n) const;
  // round-half-even(p * 2^30) of the n-th score, by integers alone.
  std::uint32_t QuantizedScoreOf(std::int64_t n) const;
  bool FlaggedOf(std::int64_t n) const { return TenThousandthsOf(n) >= kThresholdTenThousandths; }
  bool PositiveOf(std::int64_t n) const;

 private:
  static constexpr std::int64_t kThresholdTenThousandths = 8'000;

  std::int64_t TenThousandthsOf(std::int64_t n) const;  // The score, 0 to 10 000.
  void Scored(std::int64_t n, bool decided, Record& out) const;
  void Fill(std::int64_t n, Record& out) const;
  // What the n-th event draws for a purpose.
  std::uint64_t Draw(std::int64_t n, std::uint64_t purpose) const;

  const StreamOptions options_;
  std::vector<std::string> guardrails_;  // By unit.
  std::vector<std::string> categories_;
  std::array<std::vector<std::string>, 3> values_;
};

// How a source of such events is read; scores wait for labels, and labels for
// scores, for `kept`.
SourceOptions SourceOf(Duration kept);

}  // namespace guardwatch::bench
