#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/state_changes.h"
#include "ingest/entries.h"
#include "ingest/event_shapes.h"
#include "ingest/pending_table.h"
#include "ingest/request_index.h"
#include "ingest/side_records.h"
#include "window/batch.h"
#include "window/pane.h"

namespace guardwatch {

// A score that waits, in 24 bytes. What few scores have (a label, a decision event, a threshold of
// their own) stands in a side record, and q with it.
struct PendingScore {
  RequestKey request;
  std::uint32_t time = 0;   // 30 bits: microseconds since the segment's start; 2 bits: decision.
  std::uint32_t score = 0;  // 31 bits: q, or the number of the side record; 1 bit: has one.
  std::uint32_t shape = 0;  // 24 bits: shape; 1 bit: errored; 1 bit: waits.
};
static_assert(sizeof(PendingScore) == 24);

// Scores, decisions and labels that may still meet their counterpart. Everything is found by
// request and forgotten in the order of event time.
class Pending {
 public:
  explicit Pending(EventShapes& shapes);

  // `kept`: how long after its time the score must be held.
  void Add(const RequestKey& request, const Outcome& score, Duration kept);
  void Add(const DecisionEntry& decision, EventTime deadline);
  void Add(const LabelEntry& label, EventTime deadline);

  // Visits what is held of a request. The visitor may change what it sees and returns whether it
  // did; decisions and labels come in the order of their places.
  template <class Visit>
  void ForEachScore(const RequestKey& request, Visit&& visit) {
    ForEachOf(Kind::kScore, scores_, request, [&](PendingScore& entry, Ref ref) {
      Outcome score = Unpack(entry, ref);
      if (visit(score)) Repack(score, entry, ref);
    });
  }
  template <class Visit>
  void ForEachDecision(const RequestKey& request, Visit&& visit) {
    ForEachInOrder(Kind::kDecision, decisions_, request, visit,
                   [](const DecisionEntry& d) { return d.place; });
  }
  template <class Visit>
  void ForEachLabel(const RequestKey& request, Visit&& visit) {
    ForEachInOrder(Kind::kLabel, labels_, request, visit,
                   [](const LabelEntry& l) { return l.key.place; });
  }

  // Forgets what no event in time can meet any more. Scores wait for both watermarks, and no longer
  // than `horizon_limit`; decisions and labels wait for scores only.
  template <class DecisionGone, class LabelGone>
  void Expire(const Watermarks& watermarks, std::optional<Duration> horizon_limit,
              DecisionGone&& decision_gone, LabelGone&& label_gone) {
    ExpireScores(watermarks, horizon_limit);
    ExpireTable('d', Kind::kDecision, decisions_, watermarks.scores, decision_gone);
    ExpireTable('l', Kind::kLabel, labels_, watermarks.scores, label_gone);
  }

  // Ask the processor for the memory that finding what is held of a request reads: first the way to
  // where it is noted, then that place, then the entries themselves and those that look like them
  // there. Labels do not meet labels.
  void AskForPart(const RequestKey& request) const { index_.AskForPart(request.low()); }
  void AskForIndex(const RequestKey& request) const { index_.AskFor(request.low()); }
  void AskForEntries(const RequestKey& request, EventKind event) const {
    index_.ForEach(request.low(), [&](Ref noted) {
      if (KindOf(noted) != Kind::kLabel || event != EventKind::kLabel) AskForEntry(noted);
    });
  }

  std::int64_t size() const { return scores_.size() + decisions_.size() + labels_.size(); }
  std::int64_t scores() const { return scores_.size(); }
  std::int64_t bytes() const;
  // How far before `now` the oldest score lies that waits for more than the duplicate window.
  std::optional<Duration> Span(EventTime now, Duration duplicate_window) const;

  // Durable state: what changed since the last call (DropChanges: nobody wants to know), and the
  // way back: every record in the order of keys, then Loaded. False: a record that cannot be
  // understood.
  void TakeChanges(StateChanges& out);
  void DropChanges();
  bool Load(const StateRecord& record);
  void Loaded();

 private:
  // A segment of scores, and where in time it lies.
  struct Stretch {
    SegmentKey segment;
    EventTime start{};
    EventTime end{};
  };
  const Stretch& StretchOf(EventTime time, Duration kept);

  // One index finds all of them: what it notes is a place in a table, and which table in the two
  // highest bits.
  using Ref = std::uint32_t;
  enum class Kind : std::uint32_t { kScore = 0, kDecision = 1, kLabel = 2 };
  static constexpr Ref kRefs = PendingTable<PendingScore>::kRefs;
  static constexpr Ref Noted(Kind kind, Ref ref) { return static_cast<Ref>(kind) * kRefs + ref; }
  static constexpr Kind KindOf(Ref noted) { return static_cast<Kind>(noted / kRefs); }
  static constexpr Ref RefOf(Ref noted) { return noted % kRefs; }

  class Entries;  // All of them, as the index wants to know them.

  template <class Visit>
  decltype(auto) WithEntry(Ref noted, Visit&& visit) const {
    const Ref ref = RefOf(noted);
    switch (KindOf(noted)) {
      case Kind::kDecision:
        return visit(decisions_[ref]);
      case Kind::kLabel:
        return visit(labels_[ref]);
      case Kind::kScore:
        break;
    }
    return visit(scores_[ref]);
  }
  void AskForEntry(Ref noted) const;
  void Note(Kind kind, const RequestKey& request, Ref ref);

  template <class Entry, class Visit>
  void ForEachOf(Kind kind, PendingTable<Entry>& table, const RequestKey& request, Visit&& visit) {
    index_.ForEach(request.low(), [&](Ref noted) {
      if (KindOf(noted) != kind) return;
      Entry& entry = table[RefOf(noted)];
      if (entry.request == request) visit(entry, RefOf(noted));
    });
  }
  template <class Entry, class Visit, class PlaceOf>
  void ForEachInOrder(Kind kind, PendingTable<Entry>& table, const RequestKey& request,
                      Visit&& visit, PlaceOf&& place_of) {
    if (table.size() == 0) return;
    found_.clear();
    ForEachOf(kind, table, request, [&](Entry&, Ref ref) { found_.push_back(ref); });
    std::sort(found_.begin(), found_.end(),
              [&](Ref a, Ref b) { return place_of(table[a]) < place_of(table[b]); });
    for (const Ref ref : found_) {
      if (visit(table[ref])) table.Touch(ref);
    }
  }

  template <class Entry, class Expired, class Gone>
  void ExpireEntries(char tag, Kind kind, PendingTable<Entry>& table, std::size_t budget,
                     Expired&& expired, Gone&& gone) {
    table.Expire(
        budget, expired, [&](const Entry& entry) { index_.AskFor(entry.request.low()); },
        [&](const Entry& entry, Ref ref) {
          index_.Remove(entry.request.low(), Noted(kind, ref));
          gone(entry);
        },
        [&](const SegmentKey& key) { DropSegment(tag, key); });
  }
  template <class Entry, class Gone>
  void ExpireTable(char tag, Kind kind, PendingTable<Entry>& table, EventTime watermark,
                   Gone&& gone) {
    ExpireEntries(
        tag, kind, table, SIZE_MAX,
        [&](const SegmentKey& key) { return PaneEnd(key.number) <= watermark; }, gone);
  }

  void ExpireScores(const Watermarks& watermarks, std::optional<Duration> horizon_limit);
  void DropSegment(char tag, const SegmentKey& key);
  Outcome Unpack(const PendingScore& entry, Ref ref);
  // Everything but the request and `score`; see SetSide.
  static void Pack(const Outcome& score, EventTime segment_start, PendingScore& entry);
  // Gives the entry, which has none, the side record that the outcome needs, or its q.
  void SetSide(const Outcome& score, PendingScore& entry);
  void DropSide(const PendingScore& entry);
  void Repack(const Outcome& score, PendingScore& entry, Ref ref);
  static bool NeedsSide(const Outcome& score);
  static Side SideOf(const Outcome& score);
  bool LoadScores(const SegmentKey& segment, std::uint32_t first, std::string_view bytes);
  bool LoadChanges(const SegmentKey& segment, std::string_view bytes);

  EventShapes& shapes_;
  RequestIndex index_;
  PendingTable<PendingScore> scores_;
  PendingTable<DecisionEntry> decisions_;
  PendingTable<LabelEntry> labels_;
  SideRecords sides_;
  Stretch last_;  // Of the last score, and mostly of the next: to find one takes divisions.
  StateChanges dropped_;
  std::vector<Ref> found_;  // Reused.
};

}  // namespace guardwatch
