#include "ingest/pending.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/prefetch.h"
#include "ingest/entry_records.h"

namespace guardwatch {
namespace {

constexpr int kIndexBits = 10;
// Entries that one call forgets at most, so that no call takes long.
constexpr std::size_t kForgottenPerCall = 1 << 18;

constexpr std::uint32_t kTimeBits = (1u << 30) - 1;
constexpr std::uint32_t kScoreBits = (1u << 31) - 1;
constexpr std::uint32_t kHasSide = 1u << 31;
constexpr std::uint32_t kShapeBits = (1u << 24) - 1;
constexpr std::uint32_t kErrored = 1u << 24;
constexpr std::uint32_t kWaits = 1u << 25;

// Segments of scores are a sixty-fourth of the time they are kept, on the pane grid, and short
// enough for 30 bits of microseconds.
Duration WidthOf(Duration kept) {
  constexpr Duration kLongest = std::chrono::minutes(10);
  const Duration wanted = std::clamp(kept / 64, kPaneWidth, kLongest);
  return wanted / kPaneWidth * kPaneWidth;
}
EventTime StartOf(const SegmentKey& key) { return PaneStart(key.number, WidthOf(key.kept)); }
EventTime EndOf(const SegmentKey& key) { return PaneEnd(key.number, WidthOf(key.kept)); }

std::string RecordKey(char tag, const SegmentKey& key) {
  return KeyWriter().Tag(tag).Number(key.kept.count()).Number(key.number).Take();
}

}  // namespace

Pending::Pending(EventShapes& shapes) : shapes_(shapes), index_(kIndexBits) {}

// --- By request ---

class Pending::Entries {
 public:
  explicit Entries(const Pending& pending) : pending_(pending) {}
  std::uint64_t HashOf(Ref noted) const {
    return pending_.WithEntry(noted, [](const auto& entry) { return entry.request.low(); });
  }
  void AskFor(Ref noted) const { pending_.AskForEntry(noted); }
  template <class Visit>
  void ForEach(Visit&& visit) const {
    pending_.scores_.ForEachRef([&](Ref ref) { visit(Noted(Kind::kScore, ref)); });
    pending_.decisions_.ForEachRef([&](Ref ref) { visit(Noted(Kind::kDecision, ref)); });
    pending_.labels_.ForEachRef([&](Ref ref) { visit(Noted(Kind::kLabel, ref)); });
  }

 private:
  const Pending& pending_;
};

void Pending::AskForEntry(Ref noted) const {
  WithEntry(noted, [](const auto& entry) { Prefetch(&entry, sizeof(entry) > kCacheLine ? 2 : 1); });
}

void Pending::Note(Kind kind, const RequestKey& request, Ref ref) {
  index_.Insert(request.low(), Noted(kind, ref), Entries(*this));
}

// --- Scores ---

bool Pending::NeedsSide(const Outcome& score) {
  const bool own = score.shape->varied && (score.own_threshold || score.own_weight);
  return own || score.event_threshold || score.decided_at || score.label_key || score.positive ||
         score.actual != kNoClass || score.label_weight;
}

// All of it in one expression: clearing a Side first, to fill it in afterwards, takes longer.
Side Pending::SideOf(const Outcome& score) {
  const bool varied = score.shape->varied;
  return {.q = score.score ? score.score->q : 0,
          .own_threshold = varied ? score.own_threshold : std::nullopt,
          .own_weight = varied ? score.own_weight : std::nullopt,
          .event_threshold = score.event_threshold,
          .decided_at = score.decided_at,
          .label_key = score.label_key,
          .positive = score.positive,
          .actual = score.actual,
          .label_weight = score.label_weight};
}

void Pending::Pack(const Outcome& score, EventTime segment_start, PendingScore& entry) {
  const auto since = static_cast<std::uint32_t>((score.time - segment_start).count());
  const std::uint32_t decision = score.flagged ? (*score.flagged ? 2u : 1u) : 0u;
  entry.time = since | (decision << 30);
  entry.shape = score.shape->id | (score.errored ? kErrored : 0) | (score.waits ? kWaits : 0);
}

void Pending::SetSide(const Outcome& score, PendingScore& entry) {
  entry.score =
      NeedsSide(score) ? sides_.Add(SideOf(score)) | kHasSide : (score.score ? score.score->q : 0);
}

void Pending::DropSide(const PendingScore& entry) {
  if ((entry.score & kHasSide) != 0) sides_.Remove(entry.score & kScoreBits);
}

Outcome Pending::Unpack(const PendingScore& entry, Ref ref) {
  Outcome score(shapes_[entry.shape & kShapeBits],
                StartOf(scores_.PlaceOf(ref).segment) + Duration(entry.time & kTimeBits));
  std::optional<Side> side;
  if ((entry.score & kHasSide) != 0) side = sides_[entry.score & kScoreBits];
  if (score.shape->has_score) score.score = Score{side ? side->q : entry.score};
  score.own_threshold = score.shape->threshold;
  score.own_weight = score.shape->weight;
  score.errored = (entry.shape & kErrored) != 0;
  score.waits = (entry.shape & kWaits) != 0;
  if (entry.time >> 30 != 0) score.flagged = entry.time >> 30 == 2;
  if (!side) return score;
  if (score.shape->varied) {
    score.own_threshold = side->own_threshold;
    score.own_weight = side->own_weight;
  }
  score.event_threshold = side->event_threshold;
  score.decided_at = side->decided_at;
  score.label_key = side->label_key;
  score.positive = side->positive;
  score.actual = side->actual;
  score.label_weight = side->label_weight;
  return score;
}

void Pending::Repack(const Outcome& score, PendingScore& entry, Ref ref) {
  DropSide(entry);
  Pack(score, StartOf(scores_.PlaceOf(ref).segment), entry);
  SetSide(score, entry);
  scores_.Touch(ref);
}

const Pending::Stretch& Pending::StretchOf(EventTime time, Duration kept) {
  if (kept != last_.segment.kept || time < last_.start || time >= last_.end) {
    const SegmentKey segment{kept, PaneOf(time, WidthOf(kept))};
    last_ = {segment, StartOf(segment), EndOf(segment)};
  }
  return last_;
}

void Pending::Add(const RequestKey& request, const Outcome& score, Duration kept) {
  const Stretch& stretch = StretchOf(score.time, kept);
  const Ref ref = scores_.AddMade(stretch.segment, [&](PendingScore& entry) {
    entry.request = request;
    Pack(score, stretch.start, entry);
    SetSide(score, entry);
  });
  Note(Kind::kScore, request, ref);
  ++score.shape->waiting;
}

void Pending::ExpireScores(const Watermarks& watermarks, std::optional<Duration> horizon_limit) {
  const EventTime both = std::min(watermarks.scores, watermarks.labels);
  ExpireEntries(
      's', Kind::kScore, scores_, kForgottenPerCall,
      [&](const SegmentKey& key) {
        const Duration kept = horizon_limit ? std::min(key.kept, *horizon_limit) : key.kept;
        return EndOf(key) + kept + kPaneWidth <= both;
      },
      [&](const PendingScore& entry) {
        --shapes_[entry.shape & kShapeBits].waiting;
        DropSide(entry);
      });
}

// --- Decisions and labels ---

void Pending::Add(const DecisionEntry& decision, EventTime deadline) {
  Note(Kind::kDecision, decision.request, decisions_.Add({{}, PaneOf(deadline)}, decision));
}

void Pending::Add(const LabelEntry& label, EventTime deadline) {
  Note(Kind::kLabel, label.request, labels_.Add({{}, PaneOf(deadline)}, label));
}

std::int64_t Pending::bytes() const {
  return scores_.bytes() + decisions_.bytes() + labels_.bytes() + shapes_.bytes() +
         static_cast<std::int64_t>(index_.bytes() + sides_.bytes());
}

std::optional<Duration> Pending::Span(EventTime now, Duration duplicate_window) const {
  std::optional<EventTime> oldest;
  scores_.ForEachSegment([&](const SegmentKey& key) {
    if (key.kept <= duplicate_window) return;
    oldest = oldest ? std::min(*oldest, StartOf(key)) : StartOf(key);
  });
  if (!oldest) return std::nullopt;
  return now - *oldest;
}

// --- Durable state ---
//
// Records: tag, segment, then for a run of added entries 'a' and the first ordinal, for later
// changes 'c' and their number. So a segment is forgotten by one prefix, runs come before changes,
// and each flush writes few records, however many entries they hold.

namespace {

// What a flush writes of one segment.
struct SegmentNews {
  SegmentKey segment;
  std::uint32_t first = 0;  // Ordinal of the first added entry.
  ByteWriter added;
  ByteWriter changed;
};

SegmentNews& NewsOf(std::vector<SegmentNews>& news, const SegmentKey& segment) {
  const auto known = std::find_if(news.rbegin(), news.rend(),
                                  [&](const SegmentNews& each) { return each.segment == segment; });
  if (known != news.rend()) return *known;
  news.push_back({segment, 0, {}, {}});
  return news.back();
}

template <class Table>
void WriteNews(char tag, std::vector<SegmentNews> news, Table& table, StateChanges& out) {
  for (SegmentNews& each : news) {
    const std::string key = RecordKey(tag, each.segment);
    if (!each.added.bytes().empty()) {
      out.Put(KeyWriter(key).Tag('a').Number(each.first).Take(), each.added.Take());
    }
    if (!each.changed.bytes().empty()) {
      const std::uint32_t number = table.NextChange(each.segment);
      out.Put(KeyWriter(key).Tag('c').Number(number).Take(), each.changed.Take());
    }
  }
}

}  // namespace

void Pending::DropSegment(char tag, const SegmentKey& key) {
  dropped_.ErasePrefix(RecordKey(tag, key));
}

void Pending::TakeChanges(StateChanges& out) {
  out.Append(std::exchange(dropped_, {}));
  std::vector<SegmentNews> news;
  const auto change = [&](const SegmentPlace& place, const PendingScore& entry, Ref) {
    ByteWriter& record = NewsOf(news, place.segment).changed;
    record.Fixed(place.ordinal);
    const bool side = (entry.score & kHasSide) != 0;
    PendingScore written = entry;
    if (side) written.score = kHasSide;  // Its number means nothing to others.
    record.Fixed(written);
    if (side) WriteSide(record, sides_[entry.score & kScoreBits]);
  };
  scores_.TakeChanges(
      [&](const SegmentKey& key, std::uint32_t first, const PendingScore* entries,
          std::uint32_t count) {
        SegmentNews& run = NewsOf(news, key);
        if (run.added.bytes().empty()) {
          run.first = first;
          run.added.Reserve((scores_.SizeOf(key) - first) * sizeof(PendingScore));
        }
        run.added.Bytes({reinterpret_cast<const char*>(entries), count * sizeof(PendingScore)});
        for (std::uint32_t i = 0; i < count; ++i) {
          if ((entries[i].score & kHasSide) == 0) continue;
          change({key, first + i}, entries[i], {});
        }
      },
      change);
  WriteNews('s', std::move(news), scores_, out);
  const auto take = [&](char tag, auto& table) {
    using Entry = std::remove_reference_t<decltype(table[0])>;
    std::vector<SegmentNews> news_of_table;
    table.TakeChanges(
        [&](const SegmentKey& key, std::uint32_t first, const Entry* entries, std::uint32_t count) {
          SegmentNews& run = NewsOf(news_of_table, key);
          if (run.added.bytes().empty()) run.first = first;
          for (std::uint32_t i = 0; i < count; ++i) WriteEntry(run.added, entries[i]);
        },
        [&](const SegmentPlace& place, const Entry& entry, Ref) {
          ByteWriter& record = NewsOf(news_of_table, place.segment).changed;
          record.Fixed(place.ordinal);
          WriteEntry(record, entry);
        });
    WriteNews(tag, std::move(news_of_table), table, out);
  };
  take('d', decisions_);
  take('l', labels_);
}

void Pending::DropChanges() {
  dropped_ = {};
  scores_.MarkAllTaken();
  decisions_.MarkAllTaken();
  labels_.MarkAllTaken();
}

void Pending::Loaded() {
  index_.InsertAll(Entries(*this));
  DropChanges();
}

bool Pending::LoadScores(const SegmentKey& segment, std::uint32_t first, std::string_view bytes) {
  if (bytes.empty() || bytes.size() % sizeof(PendingScore) != 0) return false;
  if (scores_.SizeOf(segment) != first) return false;  // A run is missing.
  ByteReader in(bytes);
  const auto width = static_cast<std::uint32_t>(WidthOf(segment.kept).count());
  while (in.left() > 0) {
    auto entry = in.Fixed<PendingScore>();
    entry.score &= ~kHasSide;  // Its record brings it back.
    const ShapeId shape = entry.shape & kShapeBits;
    if (!shapes_.Holds(shape) || (entry.time & kTimeBits) >= width) return false;
    scores_.Add(segment, entry);
    ++shapes_[shape].waiting;
  }
  return true;
}

bool Pending::LoadChanges(const SegmentKey& segment, std::string_view bytes) {
  ByteReader in(bytes);
  while (!in.bad() && in.left() > 0) {
    const SegmentPlace place{segment, in.Fixed<std::uint32_t>()};
    auto entry = in.Fixed<PendingScore>();
    if (in.bad() || place.ordinal >= scores_.SizeOf(segment)) return false;
    const Ref ref = scores_.RefOf(place);
    if (entry.request != scores_[ref].request) return false;
    if ((entry.shape & kShapeBits) != (scores_[ref].shape & kShapeBits)) return false;
    DropSide(scores_[ref]);
    if ((entry.score & kHasSide) != 0) {
      const Side side = ReadSide(in);
      if (!shapes_.classes().Holds(side.actual)) return false;
      entry.score = sides_.Add(side) | kHasSide;
    }
    scores_[ref] = entry;
  }
  return in.done();
}

bool Pending::Load(const StateRecord& record) {
  KeyReader key(record.key);
  const char tag = key.Tag();
  SegmentKey segment;
  segment.kept = Duration(key.Number64());
  segment.number = key.Number64();
  const char kind = key.Tag();
  const std::uint32_t number = key.Number32();
  if (!key.done() || (kind != 'a' && kind != 'c')) return false;
  // Changes are of a segment that is there, and all of them are.
  const auto in_turn = [&](auto& table) {
    return kind == 'a' || (table.SizeOf(segment) > 0 && table.NextChange(segment) == number);
  };
  if (tag == 's') {
    if (!in_turn(scores_)) return false;
    return kind == 'a' ? LoadScores(segment, number, record.value)
                       : LoadChanges(segment, record.value);
  }
  const auto load = [&](auto& table) {
    using Entry = std::remove_reference_t<decltype(table[0])>;
    if (!in_turn(table)) return false;
    ByteReader in(record.value);
    if (kind == 'a' && table.SizeOf(segment) != number) return false;
    while (!in.bad() && in.left() > 0) {
      const std::uint32_t ordinal = kind == 'c' ? in.template Fixed<std::uint32_t>() : 0;
      Entry entry;
      ReadEntry(in, entry);
      if (in.bad()) return false;
      if constexpr (std::is_same_v<Entry, LabelEntry>) {
        if (!shapes_.classes().Holds(entry.actual)) return false;
      }
      if (kind == 'a') {
        table.Add(segment, entry);
      } else {
        const SegmentPlace place{segment, ordinal};
        if (ordinal >= table.SizeOf(segment)) return false;
        if (table[table.RefOf(place)].request != entry.request) return false;
        table[table.RefOf(place)] = entry;
      }
    }
    return in.done();
  };
  if (tag == 'd') return load(decisions_);
  if (tag == 'l') return load(labels_);
  return false;
}

}  // namespace guardwatch
