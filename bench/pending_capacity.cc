// What waits for labels, by the million: memory per waiting score, and the CPU time to take a score
// and to find it by its label, through a whole shard. With a directory also what checkpoints of a
// million scores each cost, and how long a start takes that reads all of it back.
//
//   pending_capacity SCORES [STATE_DIRECTORY]      prints JSON

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "ingest/shard.h"
#include "process_cost.h"
#include "store/state_store.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kRound = 10'000;  // Events; a second of event time.
constexpr std::int64_t kLabels = 200'000;
constexpr std::int64_t kPerCheckpoint = 1'000'000;

double Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct CheckpointCost {
  double seconds = 0;
  std::int64_t bytes = 0;
  std::int64_t count = 0;
};

// One shard that reads a stream, and may keep its state.
class Capacity {
 public:
  explicit Capacity(StateStore* store) : store_(store) {
    source_.durable = store != nullptr;
    Renew();
  }

  // Returns the CPU seconds of taking them, without making, flushing and keeping them.
  double TakeScores(std::int64_t scores) {
    double spent = 0;
    for (std::int64_t n = 0; n < scores;) {
      for (Record& record : records_) stream_.Combined(n++, record);
      spent += TakeAll();
      if (store_ != nullptr && (n % kPerCheckpoint == 0 || n == scores)) Keep();
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

  // Starts anew from what is kept. Returns the seconds that takes.
  double Recover() {
    shard_.reset();
    const auto start = std::chrono::steady_clock::now();
    Renew([this] {
      const auto loaded = store_->ForEach("", [this](const StateRecord& record) -> Result<void> {
        if (!shard_->Load(record)) return Fail("a record cannot be understood");
        return {};
      });
      if (!loaded) Die(loaded.error());
      shard_->Loaded();
    });
    return Since(start);
  }

  std::int64_t waiting() const { return shard_->pending(); }
  const ShardBatch& last() const { return last_; }
  std::int64_t met() const { return met_; }
  const CheckpointCost& checkpoints() const { return checkpoints_; }

 private:
  [[noreturn]] static void Die(const Error& error) {
    std::cerr << "pending_capacity: " << error.message << '\n';
    std::exit(1);
  }

  void Renew(const std::function<void()>& load = [] {}) {
    shard_ = std::make_unique<Shard>(source_, 0, 0, CarriedKinds{}, HashSeed{});
    load();
    LogSpec log;
    log.topic = "events";
    shard_->AddLog(log, {});
  }

  double TakeAll() {
    const double before = CpuSeconds();
    for (const Record& record : records_) {
      const RecordPlace place{0, offset_++, record.event.time, record.payload.size()};
      shard_->Take(place, record.event, tick_);
    }
    const double spent = CpuSeconds() - before;
    last_ = shard_->Flush();
    if (store_ != nullptr) changes_.Append(std::exchange(last_.state, {}));
    for (const LabelTally& tally : last_.labels) {
      for (const LabelOutcome outcome :
           {LabelOutcome::kJoined, LabelOutcome::kRepeated, LabelOutcome::kStale}) {
        met_ += tally.outcomes[static_cast<std::size_t>(outcome)];
      }
    }
    return spent;
  }

  void Keep() {
    changes_.Compact();
    checkpoints_.bytes += static_cast<std::int64_t>(changes_.bytes());
    ++checkpoints_.count;
    const auto start = std::chrono::steady_clock::now();
    if (auto kept = store_->Commit(changes_); !kept) Die(kept.error());
    checkpoints_.seconds += Since(start);
    changes_ = {};
  }

  StateStore* const store_;
  const EventStream stream_{{}};
  SourceOptions source_ = SourceOf(std::chrono::hours(24));
  std::unique_ptr<Shard> shard_;
  std::vector<Record> records_{kRound};
  ShardBatch last_;
  StateChanges changes_;
  CheckpointCost checkpoints_;
  Tick tick_{WallTime(std::chrono::hours(1'000'000)), MonotonicTime(std::chrono::hours(1))};
  std::int64_t offset_ = 0;
  std::int64_t met_ = 0;
};

double Per(double amount, std::int64_t n) { return amount / static_cast<double>(n); }

int Run(std::int64_t scores, StateStore* store) {
  Capacity capacity(store);
  const std::int64_t before = ResidentBytes();
  const double taken = capacity.TakeScores(scores);
  const std::int64_t accounted = capacity.last().pending_bytes;
  const std::int64_t resident = ResidentBytes() - before;
  const double recovered = store != nullptr ? capacity.Recover() : 0;
  const std::int64_t waiting = capacity.waiting();
  const double found = capacity.TakeLabels(scores);
  if (waiting != scores || capacity.met() != kLabels) {
    std::cerr << "waiting: " << waiting << " of " << scores << ", met: " << capacity.met() << " of "
              << kLabels << '\n';
    return 1;
  }
  std::cout << "{\"scores\": " << scores
            << ", \"accounted_bytes_per_score\": " << Per(static_cast<double>(accounted), scores)
            << ", \"resident_bytes_per_score\": " << Per(static_cast<double>(resident), scores)
            << ", \"take_score_nanoseconds\": " << Per(taken * 1e9, scores)
            << ", \"take_label_nanoseconds\": " << Per(found * 1e9, kLabels);
  if (store != nullptr) {
    const CheckpointCost& cost = capacity.checkpoints();
    std::cout << ", \"checkpoint_seconds\": " << Per(cost.seconds, cost.count)
              << ", \"checkpoint_bytes_per_score\": "
              << Per(static_cast<double>(cost.bytes), scores)
              << ", \"state_bytes\": " << store->DiskBytes()
              << ", \"recover_seconds\": " << recovered;
  }
  std::cout << "}\n";
  return 0;
}

}  // namespace
}  // namespace guardwatch::bench

int main(int argc, char** argv) {
  const std::int64_t scores = argc > 1 ? std::atoll(argv[1]) : 0;
  if (argc > 3 || scores <= 0 || scores % guardwatch::bench::kRound != 0) {
    std::cerr << "usage: pending_capacity SCORES [STATE_DIRECTORY], a multiple of "
              << guardwatch::bench::kRound << '\n';
    return 2;
  }
  if (argc == 2) return guardwatch::bench::Run(scores, nullptr);
  auto store = guardwatch::StateStore::Open(argv[2]);
  if (!store) {
    std::cerr << "pending_capacity: " << store.error().message << '\n';
    return 1;
  }
  return guardwatch::bench::Run(scores, store->get());
}
