#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"
#include "ingest/entries.h"
#include "window/batch.h"
#include "window/pane.h"

// Scores, decisions and labels that may still meet their counterpart, found by request and
// forgotten in the order of time. Entries live in pools that are reused, so the steady state
// allocates nothing.

namespace guardwatch {

// A pool of entries, each in the list of its request and in the queue of its deadline.
template <class Entry>
class EntryPool {
 public:
  static constexpr std::int32_t kEnd = -1;

  Entry& Add(std::int32_t& head, const Entry& entry, EventTime deadline) {
    std::int32_t at = free_;
    if (at == kEnd) {
      at = static_cast<std::int32_t>(nodes_.size());
      nodes_.emplace_back();
    } else {
      free_ = nodes_[static_cast<std::size_t>(at)].next;
    }
    Node& node = nodes_[static_cast<std::size_t>(at)];
    node.entry = entry;
    node.next = head;
    head = at;
    deadlines_[PaneOf(deadline)].push_back(at);
    ++size_;
    return node.entry;
  }

  template <class Visit>
  void ForEach(std::int32_t head, Visit&& visit) {
    for (std::int32_t at = head; at != kEnd; at = nodes_[static_cast<std::size_t>(at)].next) {
      visit(nodes_[static_cast<std::size_t>(at)].entry);
    }
  }

  // Forgets every entry whose deadline lies in a pane that ends at or before `watermark`. `head_of`
  // gives the list of an entry's request; `forgotten` sees the entry last.
  template <class HeadOf, class Forgotten>
  void Expire(EventTime watermark, HeadOf&& head_of, Forgotten&& forgotten) {
    while (!deadlines_.empty() && PaneEnd(deadlines_.begin()->first) <= watermark) {
      for (const std::int32_t at : deadlines_.begin()->second) {
        Node& node = nodes_[static_cast<std::size_t>(at)];
        Unlink(head_of(node.entry), at);
        forgotten(node.entry);
        node.next = free_;
        free_ = at;
        --size_;
      }
      deadlines_.erase(deadlines_.begin());
    }
  }

  std::int64_t size() const { return size_; }

 private:
  struct Node {
    Entry entry;
    std::int32_t next = kEnd;
  };

  void Unlink(std::int32_t& head, std::int32_t target) {
    std::int32_t* link = &head;
    while (*link != target) link = &nodes_[static_cast<std::size_t>(*link)].next;
    *link = nodes_[static_cast<std::size_t>(target)].next;
  }

  std::vector<Node> nodes_;
  std::int32_t free_ = kEnd;
  std::map<PaneIndex, std::vector<std::int32_t>> deadlines_;
  std::int64_t size_ = 0;
};

class Pending {
 public:
  // References are valid until the next call that adds.
  ScoreEntry& Add(const ScoreEntry& entry, EventTime deadline) {
    return scores_.Add(requests_[entry.request].scores, entry, deadline);
  }
  DecisionEntry& Add(const DecisionEntry& entry, EventTime deadline) {
    return decisions_.Add(requests_[entry.request].decisions, entry, deadline);
  }
  LabelEntry& Add(const LabelEntry& entry, EventTime deadline) {
    return labels_.Add(requests_[entry.request].labels, entry, deadline);
  }

  template <class Visit>
  void ForEachScore(const Hash128& request, Visit&& visit) {
    if (const auto at = requests_.find(request); at != requests_.end()) {
      scores_.ForEach(at->second.scores, visit);
    }
  }
  template <class Visit>
  void ForEachDecision(const Hash128& request, Visit&& visit) {
    if (const auto at = requests_.find(request); at != requests_.end()) {
      decisions_.ForEach(at->second.decisions, visit);
    }
  }
  template <class Visit>
  void ForEachLabel(const Hash128& request, Visit&& visit) {
    if (const auto at = requests_.find(request); at != requests_.end()) {
      labels_.ForEach(at->second.labels, visit);
    }
  }

  // Forgets what no event in time can meet any more. Scores wait for both watermarks, decisions and
  // labels for scores only.
  template <class DecisionGone, class LabelGone>
  void Expire(const Watermarks& watermarks, DecisionGone&& decision_gone, LabelGone&& label_gone) {
    const EventTime both = std::min(watermarks.scores, watermarks.labels);
    scores_.Expire(
        both, [&](const ScoreEntry& e) -> std::int32_t& { return requests_[e.request].scores; },
        [&](const ScoreEntry& e) { DropIfEmpty(e.request); });
    decisions_.Expire(
        watermarks.scores,
        [&](const DecisionEntry& e) -> std::int32_t& { return requests_[e.request].decisions; },
        [&](const DecisionEntry& e) {
          decision_gone(e);
          DropIfEmpty(e.request);
        });
    labels_.Expire(
        watermarks.scores,
        [&](const LabelEntry& e) -> std::int32_t& { return requests_[e.request].labels; },
        [&](const LabelEntry& e) {
          label_gone(e);
          DropIfEmpty(e.request);
        });
  }

  std::int64_t size() const { return scores_.size() + decisions_.size() + labels_.size(); }

 private:
  struct Request {
    std::int32_t scores = EntryPool<ScoreEntry>::kEnd;
    std::int32_t decisions = EntryPool<DecisionEntry>::kEnd;
    std::int32_t labels = EntryPool<LabelEntry>::kEnd;
  };
  struct HashOfHash {
    std::size_t operator()(const Hash128& h) const { return h.low; }
  };

  void DropIfEmpty(const Hash128& request) {
    const auto at = requests_.find(request);
    const Request& r = at->second;
    if (r.scores < 0 && r.decisions < 0 && r.labels < 0) requests_.erase(at);
  }

  boost::unordered_flat_map<Hash128, Request, HashOfHash> requests_;
  EntryPool<ScoreEntry> scores_;
  EntryPool<DecisionEntry> decisions_;
  EntryPool<LabelEntry> labels_;
};

}  // namespace guardwatch
