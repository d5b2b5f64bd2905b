// Stages of the first half: bytes to events, events to changes.

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "codec/json_codec.h"
#include "ingest/accumulator.h"
#include "ingest/contribution.h"
#include "ingest/event_shapes.h"
#include "ingest/shard.h"
#include "stage.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kRound = 2'000;  // Events; a second of event time.
constexpr Duration kKept = std::chrono::seconds(20);
constexpr std::int64_t kWarmUp = 60 * kRound;  // By then as many scores expire as arrive.

StreamOptions StreamOf(std::int64_t per_second) {
  StreamOptions options;
  options.per_second = static_cast<double>(per_second);
  return options;
}

// What an event's shape is found by.
EventShapes::Request RequestOf(const Event& event) {
  return {.event = event,
          .category = event.category,
          .class_name = std::nullopt,
          .log = 0,
          .has_score = true,
          .weight = std::nullopt};
}

// Decodes the same records in every round.
class DecodeStage final : public Stage {
 public:
  using Make = void (*)(const EventStream&, std::int64_t, Record&);

  explicit DecodeStage(Make make)
      : stream_(StreamOf(kRound)), records_(kRound), codec_(kDimensions) {
    for (std::int64_t n = 0; n < kRound; ++n) {
      make(stream_, n, records_[static_cast<std::size_t>(n)]);
    }
  }

  std::int64_t Run() override {
    for (const Record& record : records_) {
      Event event;
      if (codec_.Decode(record.payload, {}, buffer_, event)) continue;
      ++decoded_;
      if (event.score) score_sum_ += event.score->q;
      time_sum_ += Micros(event.time);
    }
    return kRound;
  }

  std::string Check() override {
    const std::int64_t rounds = decoded_ / kRound;
    std::int64_t scores = 0;
    std::int64_t times = 0;
    for (const Record& record : records_) {
      if (record.event.score) scores += record.event.score->q;
      times += Micros(record.event.time);
    }
    std::string wrong = Compare("records decoded", rounds * kRound, decoded_);
    if (wrong.empty()) wrong = Compare("sum of scores", rounds * scores, score_sum_);
    if (wrong.empty()) wrong = Compare("sum of times", rounds * times, time_sum_);
    return wrong;
  }

 private:
  const EventStream stream_;
  std::vector<Record> records_;
  JsonCodec codec_;
  DecodeBuffer buffer_;
  std::int64_t decoded_ = 0;
  std::int64_t score_sum_ = 0;
  std::int64_t time_sum_ = 0;
};

// Recognises the shape of events that have been seen before.
class ShapeStage final : public Stage {
 public:
  ShapeStage()
      : stream_(StreamOf(kRound)),
        source_(SourceOf(kKept)),
        shapes_(source_, HashSeed{}),
        records_(kRound) {
    for (std::int64_t n = 0; n < kRound; ++n) {
      Record& record = records_[static_cast<std::size_t>(n)];
      stream_.Combined(n, record);
      std::string name = std::string(record.event.guardrail) + '/';
      name.append(record.event.category);
      for (const CohortValue& value : record.cohort) name.append("/").append(value.text);
      names_.insert(name);
    }
  }

  std::int64_t Run() override {
    ids_.clear();
    for (const Record& record : records_) {
      ids_.push_back(shapes_.Resolve(RequestOf(record.event)).id);
    }
    return kRound;
  }

  std::string Check() override {
    const std::set<ShapeId> distinct(ids_.begin(), ids_.end());
    return Compare("shapes", static_cast<std::int64_t>(names_.size()),
                   static_cast<std::int64_t>(distinct.size()));
  }

 private:
  const EventStream stream_;
  const SourceOptions source_;
  EventShapes shapes_;
  std::vector<Record> records_;
  std::set<std::string> names_;
  std::vector<ShapeId> ids_;
};

// Counts events whose shape is known.
class AccumulateStage final : public Stage {
 public:
  AccumulateStage()
      : stream_(StreamOf(kRound)),
        source_(SourceOf(kKept)),
        shapes_(source_, HashSeed{}),
        accumulator_(shapes_.classes()) {
    for (std::int64_t n = 0; n < kRound; ++n) {
      Record record;
      stream_.Combined(n, record);
      const Event& event = record.event;
      Outcome& outcome = outcomes_.emplace_back(shapes_.Resolve(RequestOf(event)), event.time);
      outcome.score = event.score;
      outcome.own_threshold = event.threshold;
      outcome.flagged = event.verdict == Verdict::kBlock;
    }
  }

  void Prepare() override {
    ShardBatch batch;
    accumulator_.FlushInto(batch);
    for (const PaneDelta& delta : batch.deltas) {
      scored_ += delta.change.scored;
      flagged_ += delta.change.flagged;
    }
  }

  std::int64_t Run() override {
    ++rounds_;
    for (const Outcome& outcome : outcomes_) {
      EventCell& cell = accumulator_.At(*outcome.shape, PaneOf(outcome.time));
      ContributeArrival(outcome, true, std::nullopt, cell);
      ContributeDecision(outcome, 1, cell);
      cell.Count(*outcome.flagged ? Verdict::kBlock : Verdict::kAllow);
    }
    return kRound;
  }

  std::string Check() override {
    Prepare();
    std::int64_t flagged = 0;
    for (std::int64_t n = 0; n < kRound; ++n) flagged += stream_.FlaggedOf(n) ? 1 : 0;
    // Each is in the whole and in a slice of each dimension.
    const auto slices = static_cast<std::int64_t>(1 + kDimensions.size());
    std::string wrong = Compare("scored", slices * rounds_ * kRound, scored_);
    if (wrong.empty()) wrong = Compare("flagged", slices * rounds_ * flagged, flagged_);
    return wrong;
  }

 private:
  const EventStream stream_;
  const SourceOptions source_;
  EventShapes shapes_;
  Accumulator accumulator_;
  std::vector<Outcome> outcomes_;
  std::int64_t rounds_ = 0;
  std::int64_t scored_ = 0;
  std::int64_t flagged_ = 0;
};

// A shard in steady state: as many scores expire in a round as arrive.
class ShardStage : public Stage {
 protected:
  ShardStage()
      : stream_(StreamOf(kRound)),
        source_(SourceOf(kKept)),
        shard_(source_, 0, 0, CarriedKinds{}, HashSeed{}) {
    LogSpec log;
    log.topic = "events";
    shard_.AddLog(log, {});
  }

  using Make = void (EventStream::*)(std::int64_t, Record&) const;

  // Fills `records_` with the scores of the next round.
  void MakeScores(Make make) {
    records_.resize(kRound);
    for (Record& record : records_) (stream_.*make)(next_++, record);
  }

  void Take(const Record& record) {
    shard_.Take({0, offset_++, record.event.time, record.payload.size()}, record.event, tick_);
  }

  // Ends a round: forgets what is old, flushes, and counts what the batch says.
  void EndRound() {
    tick_.wall = WallTime(stream_.TimeOf(next_).time_since_epoch()) + std::chrono::hours(1);
    const EventTime passed = stream_.TimeOf(next_) - kPaneWidth;
    shard_.Honour({passed, passed});
    Count(shard_.Flush());
  }

  void Count(const ShardBatch& batch) {
    for (const SeriesDefinition& series : batch.new_series) {
      whole_.resize(series.id + 1);
      whole_[series.id] = series.key.slice.whole();
    }
    for (const PaneDelta& delta : batch.deltas) {
      if (!whole_[delta.series]) continue;
      scored_ += delta.change.scored;
      score_q_ += static_cast<std::int64_t>(delta.change.score_q);
      labeled_ += delta.change.labeled;
      positive_ += delta.change.positive;
    }
  }

  std::string CheckScores() const {
    std::int64_t score_q = 0;
    for (std::int64_t n = 0; n < next_; ++n) score_q += stream_.QuantizedScoreOf(n);
    std::string wrong = Compare("scored", next_, scored_);
    if (wrong.empty()) wrong = Compare("sum of scores", score_q, score_q_);
    return wrong;
  }

  const EventStream stream_;
  const SourceOptions source_;
  Shard shard_;
  std::deque<Record> records_;
  std::int64_t next_ = 0;
  Tick tick_{WallTime(std::chrono::hours(1'000'000)), MonotonicTime(std::chrono::hours(1))};

  std::int64_t scored_ = 0;
  std::int64_t score_q_ = 0;
  std::int64_t labeled_ = 0;
  std::int64_t positive_ = 0;

 private:
  std::int64_t offset_ = 0;
  std::vector<bool> whole_;
};

// Identity, join and counting of events that carry their verdict.
class CombinedStage final : public ShardStage {
 public:
  CombinedStage() {
    while (next_ < kWarmUp) {
      MakeScores(&EventStream::Combined);
      for (const Record& record : records_) Take(record);
      EndRound();
    }
  }

  void Prepare() override {
    EndRound();
    MakeScores(&EventStream::Combined);
  }

  std::int64_t Run() override {
    for (const Record& record : records_) Take(record);
    return kRound;
  }

  std::string Check() override {
    EndRound();
    return CheckScores();
  }
};

// A label for every score, twenty seconds later.
class LabelStage final : public ShardStage {
 public:
  LabelStage() {
    while (next_ < kWarmUp) Prepare(), Run();
  }

  void Prepare() override {
    EndRound();
    MakeScores(&EventStream::Combined);
    for (const Record& record : records_) Take(record);
    EndRound();
    const std::int64_t first = next_ - kRound - kDelayRounds * kRound;
    records_.clear();
    for (std::int64_t n = first; first >= 0 && n < first + kRound; ++n) {
      stream_.Label(n, kDelay, records_.emplace_back());
      positives_made_ += stream_.PositiveOf(n) ? 1 : 0;
    }
    labels_made_ += static_cast<std::int64_t>(records_.size());
  }

  std::int64_t Run() override {
    for (const Record& record : records_) Take(record);
    return static_cast<std::int64_t>(records_.size());
  }

  std::string Check() override {
    EndRound();
    std::string wrong = CheckScores();
    if (wrong.empty()) wrong = Compare("labelled", labels_made_, labeled_);
    if (wrong.empty()) wrong = Compare("positive", positives_made_, positive_);
    return wrong;
  }

 private:
  static constexpr std::int64_t kDelayRounds = 5;
  static constexpr Duration kDelay = std::chrono::seconds(kDelayRounds);

  std::int64_t labels_made_ = 0;
  std::int64_t positives_made_ = 0;
};

// Spreads a second of events over their series.
class FlushStage final : public ShardStage {
 public:
  void Prepare() override {
    MakeScores(&EventStream::Combined);
    for (const Record& record : records_) Take(record);
    tick_.wall = WallTime(stream_.TimeOf(next_).time_since_epoch()) + std::chrono::hours(1);
    const EventTime passed = stream_.TimeOf(next_) - kPaneWidth;
    shard_.Honour({passed, passed});
    batch_ = {};
  }

  std::int64_t Run() override {
    batch_ = shard_.Flush();
    Count(batch_);
    return kRound;
  }

  std::string Check() override { return CheckScores(); }

 private:
  ShardBatch batch_;
};

}  // namespace

std::vector<StageEntry> IngestStages() {
  return {
      {"decode_combined", "event",
       [] {
         return std::make_unique<DecodeStage>(
             [](const EventStream& s, std::int64_t n, Record& r) { s.Combined(n, r); });
       }},
      {"decode_label", "event",
       [] {
         return std::make_unique<DecodeStage>([](const EventStream& s, std::int64_t n, Record& r) {
           s.Label(n, std::chrono::minutes(5), r);
         });
       }},
      {"shape", "event", [] { return std::make_unique<ShapeStage>(); }},
      {"accumulate", "event", [] { return std::make_unique<AccumulateStage>(); }},
      {"join_combined", "event", [] { return std::make_unique<CombinedStage>(); }},
      {"join_label", "label", [] { return std::make_unique<LabelStage>(); }},
      {"flush", "event", [] { return std::make_unique<FlushStage>(); }},
  };
}

}  // namespace guardwatch::bench
