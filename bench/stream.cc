#include "stream.h"

#include <cstdio>

#include "base/hash.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kTenThousand = 10'000;
constexpr double kThreshold = 0.8;

std::uint64_t Mixed(std::int64_t n, std::uint64_t purpose) {
  return Mix64(static_cast<std::uint64_t>(n) * 0x9e3779b97f4a7c15ULL + purpose);
}

void Append(std::string& out, const char* key, std::string_view value) {
  out.append(",\"").append(key).append("\":\"").append(value).append("\"");
}

}  // namespace

EventStream::EventStream(StreamOptions options) : options_(options) {
  for (int unit = 0; unit < options.units; ++unit) {
    guardrails_.push_back("prompt-injection-" + std::to_string(unit / 2));
    categories_.push_back(unit % 2 == 0 ? "jailbreak" : "exfiltration");
  }
  for (std::size_t d = 0; d < values_.size(); ++d) {
    for (int v = 0; v < options.values[d]; ++v) {
      values_[d].push_back(kDimensions[d].substr(0, 2) + std::to_string(v));
    }
  }
}

std::uint64_t EventStream::Draw(std::int64_t n, std::uint64_t purpose) const {
  return Mixed(options_.period > 0 ? n % options_.period : n, purpose);
}

EventTime EventStream::TimeOf(std::int64_t n) const {
  const double micros = static_cast<double>(n) * 1e6 / options_.per_second;
  // Whole milliseconds, as the payload has them.
  return options_.start + Duration(static_cast<std::int64_t>(micros) / 1000 * 1000);
}

std::int64_t EventStream::TenThousandthsOf(std::int64_t n) const {
  // Most requests are harmless: the product of two uniform draws.
  const std::uint64_t a = Draw(n, 1) % (kTenThousand + 1);
  const std::uint64_t b = Draw(n, 2) % (kTenThousand + 1);
  return static_cast<std::int64_t>(a * b / kTenThousand);
}

std::uint32_t EventStream::QuantizedScoreOf(std::int64_t n) const {
  const auto scaled = static_cast<std::uint64_t>(TenThousandthsOf(n)) << 30;
  const std::uint64_t whole = scaled / kTenThousand;
  const std::uint64_t rest = scaled % kTenThousand;
  const bool up = rest * 2 > kTenThousand || (rest * 2 == kTenThousand && whole % 2 == 1);
  return static_cast<std::uint32_t>(whole + (up ? 1 : 0));
}

bool EventStream::PositiveOf(std::int64_t n) const {
  return static_cast<std::int64_t>(Draw(n, 3) % kTenThousand) < TenThousandthsOf(n);
}

void EventStream::Fill(std::int64_t n, Record& out) const {
  const auto unit = static_cast<std::size_t>(n % options_.units);
  const std::int64_t request = options_.requests > 0 ? n % options_.requests : n;
  std::array<char, 24> id{};
  const int size = std::snprintf(id.data(), id.size(), "r-%016llx",
                                 static_cast<unsigned long long>(Mixed(request, 4)));
  out.request_id.assign(id.data(), static_cast<std::size_t>(size));
  out.event = Event{};
  out.event.request_id = out.request_id;
  out.event.guardrail = guardrails_[unit];
  out.event.category = categories_[unit];
  for (std::size_t d = 0; d < values_.size(); ++d) {
    out.cohort[d] = {true, values_[d][Draw(n, 5 + d) % values_[d].size()]};
  }
  out.event.model_version = "pi-2026-10";
  if (options_.distinct == Distinct::kNone) return;
  out.distinct = "only-" + std::to_string(n);
  if (options_.distinct == Distinct::kCohort) out.cohort[0].text = out.distinct;
  if (options_.distinct == Distinct::kGuardrail) out.event.guardrail = out.distinct;
  if (options_.distinct == Distinct::kModelVersion) out.event.model_version = out.distinct;
}

void EventStream::Scored(std::int64_t n, bool decided, Record& out) const {
  Fill(n, out);
  Event& event = out.event;
  event.kind = decided ? EventKind::kCombined : EventKind::kScore;
  event.time = TimeOf(n);
  event.score = guardwatch::Score{QuantizedScoreOf(n)};
  event.cohort = out.cohort;
  if (decided) {
    event.threshold = kThreshold;
    event.verdict = FlaggedOf(n) ? Verdict::kBlock : Verdict::kAllow;
  }
  std::array<char, 16> score{};
  std::snprintf(score.data(), score.size(), "%.4f",
                static_cast<double>(TenThousandthsOf(n)) / kTenThousand);
  std::string& text = out.payload;
  text.assign(decided ? "{\"kind\":\"combined\"" : "{\"kind\":\"score\"");
  Append(text, "request_id", out.request_id);
  Append(text, "time", FormatRfc3339(event.time));
  Append(text, "guardrail", event.guardrail);
  Append(text, "category", event.category);
  text.append(",\"score\":").append(score.data());
  if (decided) {
    text.append(",\"threshold\":0.8");
    Append(text, "verdict", FlaggedOf(n) ? "block" : "allow");
  }
  Append(text, "model_version", event.model_version);
  text.append(",\"cohort\":{\"lang\":\"").append(out.cohort[0].text);
  text.append("\",\"tier\":\"").append(out.cohort[2].text);
  text.append("\",\"region\":\"").append(out.cohort[1].text).append("\"}}");
}

void EventStream::Combined(std::int64_t n, Record& out) const { Scored(n, true, out); }

void EventStream::Score(std::int64_t n, Record& out) const { Scored(n, false, out); }

void EventStream::Label(std::int64_t n, Duration delay, Record& out) const {
  Fill(n, out);
  Event& event = out.event;
  event.kind = EventKind::kLabel;
  event.model_version = {};
  event.time = TimeOf(n) + delay;
  event.label = guardwatch::Label{};
  event.label->value.form =
      PositiveOf(n) ? LabelValue::Form::kPositive : LabelValue::Form::kNegative;
  std::string& text = out.payload;
  text.assign("{\"kind\":\"label\"");
  Append(text, "request_id", out.request_id);
  Append(text, "time", FormatRfc3339(event.time));
  Append(text, "guardrail", event.guardrail);
  Append(text, "category", event.category);
  text.append(PositiveOf(n) ? ",\"label\":true" : ",\"label\":false");
  Append(text, "label_source", "human");
  text.append("}");
}

SourceOptions SourceOf(Duration kept) {
  SourceOptions source;
  source.name = "bench";
  source.cohorts = kDimensions;
  source.duplicate_window = kept;
  source.label_early = kept;
  source.label_horizon = kept;
  source.label_lateness = std::chrono::minutes(1);
  return source;
}

}  // namespace guardwatch::bench
