#include "ingest/pending.h"

#include <type_traits>
#include <utility>

#include "ingest/entry_records.h"

namespace guardwatch {
namespace {

constexpr int kScoreIndexBits = 10;
constexpr int kOtherIndexBits = 4;
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

Pending::Pending(EventShapes& shapes)
    : shapes_(shapes),
      scores_(kScoreIndexBits),
      decisions_(kOtherIndexBits),
      labels_(kOtherIndexBits) {}

// --- Scores ---

Pending::Side Pending::SideOf(const Outcome& score) {
  Side side;
  if (score.shape->varied) {
    side.own_threshold = score.own_threshold;
    side.own_weight = score.own_weight;
  }
  side.event_threshold = score.event_threshold;
  side.decided_at = score.decided_at;
  side.label_key = score.label_key;
  side.positive = score.positive;
  side.label_weight = score.label_weight;
  return side;
}

PendingScore Pending::Pack(const RequestKey& request, const Outcome& score,
                           const SegmentKey& segment, bool side) const {
  const auto since = static_cast<std::uint32_t>((score.time - StartOf(segment)).count());
  const std::uint32_t decision = score.flagged ? (*score.flagged ? 2u : 1u) : 0u;
  PendingScore entry;
  entry.request = request;
  entry.time = since | (decision << 30);
  entry.score = (score.score ? score.score->q : 0) | (side ? kHasSide : 0);
  entry.shape = score.shape->id | (score.errored ? kErrored : 0) | (score.waits ? kWaits : 0);
  return entry;
}

Outcome Pending::Unpack(const PendingScore& entry, RequestIndex::Ref ref) {
  Outcome score;
  score.shape = &shapes_[entry.shape & kShapeBits];
  score.time = StartOf(scores_.PlaceOf(ref).segment) + Duration(entry.time & kTimeBits);
  if (score.shape->has_score) score.score = Score{entry.score & kScoreBits};
  score.own_threshold = score.shape->threshold;
  score.own_weight = score.shape->weight;
  score.errored = (entry.shape & kErrored) != 0;
  score.waits = (entry.shape & kWaits) != 0;
  if (entry.time >> 30 != 0) score.flagged = entry.time >> 30 == 2;
  if ((entry.score & kHasSide) == 0) return score;
  const Side& side = sides_.at(ref);
  if (score.shape->varied) {
    score.own_threshold = side.own_threshold;
    score.own_weight = side.own_weight;
  }
  score.event_threshold = side.event_threshold;
  score.decided_at = side.decided_at;
  score.label_key = side.label_key;
  score.positive = side.positive;
  score.label_weight = side.label_weight;
  return score;
}

void Pending::Repack(const Outcome& score, PendingScore& entry, RequestIndex::Ref ref) {
  const Side side = SideOf(score);
  const bool has_side = side != Side{};
  if (has_side) {
    sides_.insert_or_assign(ref, side);
  } else if ((entry.score & kHasSide) != 0) {
    sides_.erase(ref);
  }
  entry = Pack(entry.request, score, scores_.PlaceOf(ref).segment, has_side);
  scores_.Touch(ref);
}

void Pending::Add(const RequestKey& request, const Outcome& score, Duration kept) {
  const SegmentKey segment{kept, PaneOf(score.time, WidthOf(kept))};
  const Side side = SideOf(score);
  const bool has_side = side != Side{};
  const RequestIndex::Ref ref = scores_.Add(segment, Pack(request, score, segment, has_side));
  ++score.shape->waiting;
  if (has_side) sides_.emplace(ref, side);
}

void Pending::ExpireScores(const Watermarks& watermarks, std::optional<Duration> horizon_limit) {
  const EventTime both = std::min(watermarks.scores, watermarks.labels);
  scores_.Expire(
      kForgottenPerCall,
      [&](const SegmentKey& key) {
        const Duration kept = horizon_limit ? std::min(key.kept, *horizon_limit) : key.kept;
        return EndOf(key) + kept + kPaneWidth <= both;
      },
      [&](const PendingScore& entry, RequestIndex::Ref ref) {
        --shapes_[entry.shape & kShapeBits].waiting;
        if ((entry.score & kHasSide) != 0) sides_.erase(ref);
      },
      [&](const SegmentKey& key) { DropSegment('s', key); });
}

// --- Decisions and labels ---

void Pending::Add(const DecisionEntry& decision, EventTime deadline) {
  decisions_.Add({{}, PaneOf(deadline)}, decision);
}

void Pending::Add(const LabelEntry& label, EventTime deadline) {
  labels_.Add({{}, PaneOf(deadline)}, label);
}

std::int64_t Pending::bytes() const {
  constexpr std::int64_t kSideBytes = sizeof(std::pair<RequestIndex::Ref, Side>) * 4 / 3;
  return scores_.bytes() + decisions_.bytes() + labels_.bytes() + shapes_.bytes() +
         static_cast<std::int64_t>(sides_.size()) * kSideBytes;
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
// Records: tag, segment, then for runs of added entries 'a' and the first ordinal, for later
// changes 'c' and the ordinal. So a segment is forgotten by one prefix, and runs come before
// changes.

void Pending::DropSegment(char tag, const SegmentKey& key) {
  dropped_.ErasePrefix(RecordKey(tag, key));
}

void Pending::WriteSide(const Side& side, ByteWriter& out) {
  WriteOptional(out, side.own_threshold, &ByteWriter::Real);
  WriteOptional(out, side.own_weight, &ByteWriter::Varint);
  WriteOptional(out, side.event_threshold, &ByteWriter::Real);
  out.Bool(side.decided_at.has_value());
  if (side.decided_at) WritePlace(out, *side.decided_at);
  out.Bool(side.label_key.has_value());
  if (side.label_key) WriteLabelKey(out, *side.label_key);
  WriteOptional(out, side.positive, &ByteWriter::Bool);
  WriteOptional(out, side.label_weight, &ByteWriter::Varint);
}

Pending::Side Pending::ReadSide(ByteReader& in) {
  Side side;
  if (in.Bool()) side.own_threshold = in.Real();
  if (in.Bool()) side.own_weight = static_cast<Weight>(in.Varint());
  if (in.Bool()) side.event_threshold = in.Real();
  if (in.Bool()) side.decided_at = ReadPlace(in);
  if (in.Bool()) side.label_key = ReadLabelKey(in);
  if (in.Bool()) side.positive = in.Bool();
  if (in.Bool()) side.label_weight = static_cast<Weight>(in.Varint());
  return side;
}

void Pending::TakeChanges(StateChanges& out) {
  const auto run_key = [](char tag, const SegmentKey& segment, std::uint32_t first) {
    return KeyWriter(RecordKey(tag, segment)).Tag('a').Number(first).Take();
  };
  const auto change_key = [](char tag, const SegmentPlace& place) {
    return KeyWriter(RecordKey(tag, place.segment)).Tag('c').Number(place.ordinal).Take();
  };
  out.Append(std::exchange(dropped_, {}));
  scores_.TakeChanges(
      [&](const SegmentKey& key, std::uint32_t first, const PendingScore* entries,
          std::uint32_t count) {
        out.Put(run_key('s', key, first),
                std::string(reinterpret_cast<const char*>(entries), count * sizeof(PendingScore)));
        for (std::uint32_t i = 0; i < count; ++i) {
          if ((entries[i].score & kHasSide) == 0) continue;
          const SegmentPlace place{key, first + i};
          ByteWriter change;
          change.Fixed(entries[i]);
          WriteSide(sides_.at(scores_.RefOf(place)), change);
          out.Put(change_key('s', place), change.Take());
        }
      },
      [&](const SegmentPlace& place, const PendingScore& entry, RequestIndex::Ref ref) {
        ByteWriter change;
        change.Fixed(entry);
        if ((entry.score & kHasSide) != 0) WriteSide(sides_.at(ref), change);
        out.Put(change_key('s', place), change.Take());
      });
  const auto take = [&](char tag, auto& table) {
    using Entry = std::remove_reference_t<decltype(table[0])>;
    table.TakeChanges(
        [&](const SegmentKey& key, std::uint32_t first, const Entry* entries, std::uint32_t count) {
          ByteWriter run;
          for (std::uint32_t i = 0; i < count; ++i) WriteEntry(run, entries[i]);
          out.Put(run_key(tag, key, first), run.Take());
        },
        [&](const SegmentPlace& place, const Entry& entry, RequestIndex::Ref) {
          ByteWriter change;
          WriteEntry(change, entry);
          out.Put(change_key(tag, place), change.Take());
        });
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

bool Pending::LoadChange(const SegmentPlace& place, std::string_view bytes) {
  if (place.ordinal >= scores_.SizeOf(place.segment)) return false;
  const RequestIndex::Ref ref = scores_.RefOf(place);
  ByteReader in(bytes);
  const auto entry = in.Fixed<PendingScore>();
  if (in.bad() || entry.request != scores_[ref].request) return false;
  if ((entry.shape & kShapeBits) != (scores_[ref].shape & kShapeBits)) return false;
  scores_[ref] = entry;
  if ((entry.score & kHasSide) != 0) sides_.emplace(ref, ReadSide(in));
  return in.done();
}

bool Pending::Load(const StateRecord& record) {
  KeyReader key(record.key);
  const char tag = key.Tag();
  SegmentPlace place;
  place.segment.kept = Duration(key.Number64());
  place.segment.number = key.Number64();
  const char kind = key.Tag();
  place.ordinal = key.Number32();
  if (!key.done() || (kind != 'a' && kind != 'c')) return false;
  if (tag == 's') {
    return kind == 'a' ? LoadScores(place.segment, place.ordinal, record.value)
                       : LoadChange(place, record.value);
  }
  const auto load = [&](auto& table) {
    using Entry = std::remove_reference_t<decltype(table[0])>;
    ByteReader in(record.value);
    if (kind == 'c') {
      if (place.ordinal >= table.SizeOf(place.segment)) return false;
      ReadEntry(in, table[table.RefOf(place)]);
      return in.done();
    }
    if (table.SizeOf(place.segment) != place.ordinal) return false;
    while (!in.bad() && in.left() > 0) {
      Entry entry;
      ReadEntry(in, entry);
      if (!in.bad()) table.Add(place.segment, entry);
    }
    return in.done();
  };
  if (tag == 'd') return load(decisions_);
  if (tag == 'l') return load(labels_);
  return false;
}

}  // namespace guardwatch
