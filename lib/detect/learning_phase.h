#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "detect/learning_period.h"
#include "detect/record.h"
#include "window/pane.h"

namespace guardwatch {

// "12 of 200 events": what of something there is.
inline std::string PartOf(std::int64_t have, std::int64_t need, const char* what) {
  return std::to_string(have) + " of " + std::to_string(need) + ' ' + what;
}

// What a watch does before it has a baseline: feeds a learner until that has enough. With a
// learning period, panes in it are learned from and taken as they are if there is any use in them,
// those before it are passed over; where nothing was there, learning begins after it. Learning that
// has begun goes on with its period, whatever is configured later.
//
// A Learner has Add(pane, values), Any(), EnoughToTake(), Missing(), Learn(), Save and Load.
template <class Learner>
class LearningPhase {
 public:
  enum class Turn : std::uint8_t {
    kGoesOn,
    kEndsWithThis,    // Enough has been learned, from this pane as well.
    kEndedBeforeThis  // The period is over, and this pane is the first to be judged.
  };

  LearningPhase(Learner learner, LearningPeriod period, Duration pane_width)
      : learner_(std::move(learner)),
        period_(period),
        pane_width_(pane_width),
        missing_(learner_.Missing()) {}

  // `any`: the pane has something to learn from.
  template <class Values>
  Turn Step(PaneIndex pane, bool any, const Values& values) {
    if (period_ && period_.After(pane, pane_width_)) {
      if (learner_.Any()) {
        if (learner_.EnoughToTake()) return Turn::kEndedBeforeThis;
        short_ = true;
        missing_ = period_.Text() + " had only " + learner_.Missing().value_or("one step");
        return Turn::kGoesOn;
      }
      period_ = {};
    }
    if (period_ && (!any || period_.Before(pane, pane_width_))) return Turn::kGoesOn;
    learner_.Add(pane, values);
    NoteMissing();
    return missing_ ? Turn::kGoesOn : Turn::kEndsWithThis;
  }

  // What has been learned; the phase is over, and gives its memory back.
  auto Learn() const { return learner_.Learn(); }
  void End(Learner empty) {
    learner_ = std::move(empty);
    missing_.reset();
  }

  const std::optional<std::string>& missing() const { return missing_; }
  // The period is over, and had too little: nothing is learned any more. Known from the first pane
  // after it on.
  bool period_short() const { return short_; }
  // The same, as of `pane`.
  bool CameToNothing(PaneIndex pane) const {
    return period_ && period_.After(pane, pane_width_) && learner_.Any() &&
           !learner_.EnoughToTake();
  }

  void Save(ByteWriter& out) const {
    WritePeriod(out, period_);
    learner_.Save(out);
  }
  // False: what was learned is damaged, or of other options.
  bool Load(ByteReader& in) {
    period_ = ReadPeriod(in);
    if (!learner_.Load(in)) return false;
    NoteMissing();
    return true;
  }

 private:
  void NoteMissing() {
    missing_ = learner_.Missing();
    if (period_) missing_ = "the end of " + period_.Text();
  }

  Learner learner_;
  LearningPeriod period_;
  Duration pane_width_;
  std::optional<std::string> missing_;
  bool short_ = false;
};

}  // namespace guardwatch
