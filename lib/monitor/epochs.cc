#include "monitor/epochs.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/bytes.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMaxEvents = 500;
constexpr std::size_t kMaxKnownValues = 200;  // A field with more is no field of epochs.

}  // namespace

void EpochTracker::Add(const UnitKey& unit, Variant variant, EpochTally::Field field,
                       PaneIndex pane, const std::string& value, std::int64_t count) {
  unsealed_[pane][{unit, variant, field}][value] += count;
}

void EpochTracker::Seal(PaneIndex pane) {
  while (!unsealed_.empty() && unsealed_.begin()->first <= pane) {
    for (const auto& [subject, counts] : unsealed_.begin()->second) {
      Judge(subject, counts, unsealed_.begin()->first);
    }
    unsealed_.erase(unsealed_.begin());
  }
}

void EpochTracker::Judge(const Subject& subject, const std::map<std::string, std::int64_t>& counts,
                         PaneIndex pane) {
  History& history = histories_[subject];
  std::int64_t total = 0;
  auto leading = counts.end();
  for (auto at = counts.begin(); at != counts.end(); ++at) {
    total += at->second;
    if (leading == counts.end() || at->second > leading->second) leading = at;
    if (history.known.size() >= kMaxKnownValues || history.known.contains(at->first)) continue;
    const bool something_before = !history.majority.empty();
    history.known.emplace(at->first, pane);
    if (something_before) Emit(subject, history.majority, at->first, true, pane);
  }
  if (leading == counts.end() || 2 * leading->second <= total) return;
  if (leading->first == history.majority) return;
  const std::string before = std::exchange(history.majority, leading->first);
  const auto known = history.known.find(leading->first);
  const bool just_seen = known != history.known.end() && known->second == pane;
  if (!before.empty() && !just_seen) Emit(subject, before, history.majority, false, pane);
}

void EpochTracker::Emit(const Subject& subject, std::string from, std::string to, bool first_seen,
                        PaneIndex pane) {
  const auto& [unit, variant, field] = subject;
  if (events_.size() >= kMaxEvents) events_.erase(events_.begin());
  events_.push_back(
      {unit, variant, field, std::move(from), std::move(to), first_seen, PaneStart(pane)});
}

// --- Durable state ---

namespace {

void WriteUnit(ByteWriter& out, const UnitKey& unit) {
  out.Text(unit.source);
  out.Text(unit.guardrail);
  out.Text(unit.category);
}

UnitKey ReadUnit(ByteReader& in) {
  UnitKey unit;
  unit.source = in.Text();
  unit.guardrail = in.Text();
  unit.category = in.Text();
  return unit;
}

template <class Subject>
void WriteSubject(ByteWriter& out, const Subject& subject) {
  const auto& [unit, variant, field] = subject;
  WriteUnit(out, unit);
  out.Byte(static_cast<std::uint8_t>(variant));
  out.Byte(static_cast<std::uint8_t>(field));
}

constexpr int kVariants = 2;
constexpr int kFields = 3;

template <class Subject>
Subject ReadSubject(ByteReader& in) {
  UnitKey unit = ReadUnit(in);
  const auto variant = in.Enumerator<Variant>(kVariants);
  const auto field = in.Enumerator<EpochTally::Field>(kFields);
  return {std::move(unit), variant, field};
}

}  // namespace

std::string EpochTracker::Record() const {
  ByteWriter out;
  out.Varint(unsealed_.size());
  for (const auto& [pane, subjects] : unsealed_) {
    out.Signed(pane);
    out.Varint(subjects.size());
    for (const auto& [subject, counts] : subjects) {
      WriteSubject(out, subject);
      out.Varint(counts.size());
      for (const auto& [value, count] : counts) {
        out.Text(value);
        out.Signed(count);
      }
    }
  }
  out.Varint(histories_.size());
  for (const auto& [subject, history] : histories_) {
    WriteSubject(out, subject);
    out.Text(history.majority);
    out.Varint(history.known.size());
    for (const auto& [value, pane] : history.known) {
      out.Text(value);
      out.Signed(pane);
    }
  }
  out.Varint(events_.size());
  for (const EpochEvent& event : events_) {
    WriteSubject(out, Subject{event.unit, event.variant, event.field});
    out.Text(event.from);
    out.Text(event.to);
    out.Bool(event.first_seen);
    out.Time(event.at);
  }
  return out.Take();
}

bool EpochTracker::Load(std::string_view record) {
  ByteReader in(record);
  for (std::size_t panes = in.Count(); panes > 0 && !in.bad(); --panes) {
    auto& subjects = unsealed_[in.Signed()];
    for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
      auto& counts = subjects[ReadSubject<Subject>(in)];
      for (std::size_t values = in.Count(); values > 0 && !in.bad(); --values) {
        const std::string value(in.Text());
        counts[value] = in.Signed();
      }
    }
  }
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    History& history = histories_[ReadSubject<Subject>(in)];
    history.majority = in.Text();
    for (std::size_t values = in.Count(); values > 0 && !in.bad(); --values) {
      const std::string value(in.Text());
      history.known[value] = in.Signed();
    }
  }
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    EpochEvent event;
    std::tie(event.unit, event.variant, event.field) = ReadSubject<Subject>(in);
    event.from = in.Text();
    event.to = in.Text();
    event.first_seen = in.Bool();
    event.at = in.Time();
    events_.push_back(std::move(event));
  }
  return in.done();
}

}  // namespace guardwatch
