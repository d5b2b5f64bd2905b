#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <new>

#include <gtest/gtest.h>

#include "codec/json_codec.h"
#include "ingest/shard.h"
#include "stream.h"

// Counts what is allocated while events are decoded and joined, in steady state: as much expires as
// arrives, and every series has been seen.

namespace {

bool g_counting = false;
std::int64_t g_allocations = 0;

void* Allocate(std::size_t size) {
  if (g_counting) ++g_allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* Allocate(std::size_t size, std::align_val_t alignment) {
  if (g_counting) ++g_allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void* operator new(std::size_t size, std::align_val_t a) { return Allocate(size, a); }
void* operator new[](std::size_t size, std::align_val_t a) { return Allocate(size, a); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace guardwatch {
namespace {

constexpr std::int64_t kPerSecond = 10'000;
constexpr int kWarmUpSeconds = 150;
constexpr int kSeconds = 50;  // A million events: a label for every score.
constexpr Duration kLabelDelay = std::chrono::seconds(10);

// One shard with its codec, fed with a second of scores and labels at a time and flushed after it.
class SteadyStream {
 public:
  SteadyStream()
      : stream_(Options()),
        source_(bench::SourceOf(std::chrono::seconds(20))),
        codec_(bench::kDimensions),
        shard_(source_, 0, 0, CarriedKinds{}, HashSeed{}) {
    LogSpec log;
    log.topic = "events";
    shard_.AddLog(log, {});
  }

  // Returns the allocations while its events were decoded and taken.
  std::int64_t NextSecond() {
    const std::int64_t before = g_allocations;
    for (std::int64_t i = 0; i < kPerSecond; ++i, ++next_) {
      stream_.Combined(next_, record_);
      Take();
      const std::int64_t labeled = next_ - kPerSecond * (kLabelDelay / std::chrono::seconds(1));
      if (labeled < 0) continue;
      stream_.Label(labeled, kLabelDelay, record_);
      Take();
    }
    const EventTime passed = stream_.TimeOf(next_) - kPaneWidth;
    shard_.Honour({passed, passed});
    for (const PaneDelta& delta : shard_.Flush().deltas) labeled_ += delta.change.labeled;
    return g_allocations - before;
  }

  std::int64_t offsets() const { return offset_; }
  std::int64_t labeled() const { return labeled_; }

 private:
  static bench::StreamOptions Options() {
    bench::StreamOptions options;
    options.per_second = static_cast<double>(kPerSecond);
    // A second is like the one before, and a minute like the one before, to the last bit of every
    // hash: what would grow by chance has grown.
    options.period = kPerSecond;
    options.requests = 60 * kPerSecond;
    return options;
  }

  void Take() {
    g_counting = true;
    Event event;
    const auto reject = codec_.Decode(record_.payload, {}, buffer_, event);
    if (!reject) {
      const RecordPlace place{0, offset_++, record_.event.time, record_.payload.size()};
      shard_.Take(place, event, tick_);
    }
    g_counting = false;
  }

  const bench::EventStream stream_;
  const SourceOptions source_;
  JsonCodec codec_;
  DecodeBuffer buffer_;
  Shard shard_;
  bench::Record record_;
  Tick tick_{WallTime(std::chrono::hours(1'000'000)), MonotonicTime(std::chrono::hours(1))};
  std::int64_t next_ = 0;
  std::int64_t offset_ = 0;
  std::int64_t labeled_ = 0;
};

TEST(AllocationsTest, AnEventInSteadyStateAllocatesNothing) {
  SteadyStream stream;
  for (int second = 0; second < kWarmUpSeconds; ++second) stream.NextSecond();
  const std::int64_t before = stream.offsets();
  std::int64_t allocations = 0;
  for (int second = 0; second < kSeconds; ++second) allocations += stream.NextSecond();
  EXPECT_EQ(stream.offsets() - before, 2 * kSeconds * kPerSecond);
  EXPECT_EQ(stream.labeled(), 4 * (kWarmUpSeconds + kSeconds - 10) * kPerSecond)
      << "the whole and three slices each";
  EXPECT_EQ(allocations, 0);
}

}  // namespace
}  // namespace guardwatch
