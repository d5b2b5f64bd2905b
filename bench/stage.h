#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// A stage of the way from a record to the page, alone, over events in memory: what
// stage_benchmarks times and what tests/perf counts the instructions of.

namespace guardwatch::bench {

class Stage {
 public:
  virtual ~Stage() = default;

  // Makes ready what the next Run works on; not part of the measurement.
  virtual void Prepare() {}

  // The measured work. Returns the number of items (events, series, ...) worked on.
  virtual std::int64_t Run() = 0;

  // After any number of rounds: empty, or what is wrong with the result, by an independent count.
  virtual std::string Check() = 0;
};

struct StageEntry {
  std::string name;
  std::string item;  // What Run counts.
  std::function<std::unique_ptr<Stage>()> make;
};

// Every stage, in the order of the way.
const std::vector<StageEntry>& Stages();

std::vector<StageEntry> IngestStages();
std::vector<StageEntry> MonitorStages();
std::vector<StageEntry> ExposeStages();

// Check's answer: empty if they are equal.
std::string Compare(const std::string& what, std::int64_t expected, std::int64_t found);

}  // namespace guardwatch::bench
