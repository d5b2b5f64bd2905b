// What waits for labels, by the million: memory per waiting score, and the CPU time to take a score
// and to find it by its label, through a whole shard.
//
//   pending_capacity SCORES      prints JSON

#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/hash.h"
#include "ingest/shard.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kRound = 10'000;  // Events; a second of event time.
constexpr std::int64_t kLabels = 200'000;

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::int64_t ResidentBytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

class Capacity {
 public:
  Capacity()
      : stream_({}),
        source_(SourceOf(std::chrono::hours(24))),
        shard_(source_, 0, 0, CarriedKinds{}, HashSeed{}),
        records_(kRound) {
    LogSpec log;
    log.topic = "events";
    shard_.AddLog(log, {});
  }

  // Returns the CPU seconds of taking them, without making and flushing them.
  double TakeScores(std::int64_t scores) {
    double spent = 0;
    for (std::int64_t n = 0; n < scores;) {
      for (Record& record : records_) stream_.Combined(n++, record);
      spent += TakeAll();
    }
    return spent;
  }

  // Labels of scores from all over what waits.
  double TakeLabels(std::int64_t scores) {
    double spent = 0;
    for (std::int64_t i = 0; i < kLabels;) {
      for (Record& record : records_) {
        const auto n = static_cast<std::int64_t>(Mix64(static_cast<std::uint64_t>(i++)) %
                                                 static_cast<std::uint64_t>(scores));
        stream_.Label(n, stream_.TimeOf(scores) - stream_.TimeOf(n), record);
      }
      spent += TakeAll();
    }
    return spent;
  }

  const ShardBatch& last() const { return last_; }
  std::int64_t met() const { return met_; }

 private:
  double TakeAll() {
    const double before = CpuSeconds();
    for (const Record& record : records_) {
      const RecordPlace place{0, offset_++, record.event.time, record.payload.size()};
      shard_.Take(place, record.event, tick_);
    }
    const double spent = CpuSeconds() - before;
    last_ = shard_.Flush();
    for (const LabelTally& tally : last_.labels) {
      for (const LabelOutcome outcome :
           {LabelOutcome::kJoined, LabelOutcome::kRepeated, LabelOutcome::kStale}) {
        met_ += tally.outcomes[static_cast<std::size_t>(outcome)];
      }
    }
    return spent;
  }

  const EventStream stream_;
  const SourceOptions source_;
  Shard shard_;
  std::vector<Record> records_;
  ShardBatch last_;
  Tick tick_{WallTime(std::chrono::hours(1'000'000)), MonotonicTime(std::chrono::hours(1))};
  std::int64_t offset_ = 0;
  std::int64_t met_ = 0;
};

int Run(std::int64_t scores) {
  Capacity capacity;
  const std::int64_t before = ResidentBytes();
  const double taken = capacity.TakeScores(scores);
  const std::int64_t waiting = capacity.last().pending;
  const std::int64_t accounted = capacity.last().pending_bytes;
  const std::int64_t resident = ResidentBytes() - before;
  const double found = capacity.TakeLabels(scores);
  if (waiting != scores || capacity.met() != kLabels) {
    std::cerr << "waiting: " << waiting << " of " << scores << ", met: " << capacity.met() << " of "
              << kLabels << '\n';
    return 1;
  }
  const auto per = [](double amount, std::int64_t n) { return amount / static_cast<double>(n); };
  std::cout << "{\"scores\": " << scores
            << ", \"accounted_bytes_per_score\": " << per(static_cast<double>(accounted), scores)
            << ", \"resident_bytes_per_score\": " << per(static_cast<double>(resident), scores)
            << ", \"take_score_nanoseconds\": " << per(taken * 1e9, scores)
            << ", \"take_label_nanoseconds\": " << per(found * 1e9, kLabels) << "}\n";
  return 0;
}

}  // namespace
}  // namespace guardwatch::bench

int main(int argc, char** argv) {
  const std::int64_t scores = argc > 1 ? std::atoll(argv[1]) : 0;
  if (scores <= 0 || scores % guardwatch::bench::kRound != 0) {
    std::cerr << "usage: pending_capacity SCORES, a multiple of " << guardwatch::bench::kRound
              << '\n';
    return 2;
  }
  return guardwatch::bench::Run(scores);
}
