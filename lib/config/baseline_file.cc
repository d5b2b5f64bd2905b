#include "config/baseline_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "config/suggest.h"
#include "config/yaml_reader.h"
#include "detect/time_slots.h"
#include "window/coarse.h"

namespace guardwatch {
namespace {

constexpr YamlLimits kLimits{std::size_t{64} << 20, 5'000'000};
constexpr Range<double> kAmount{0, kUnbounded};
constexpr Range<double> kShare{0, 1};
constexpr Range<std::int64_t> kCounter{0, std::numeric_limits<std::int64_t>::max()};
constexpr std::string_view kFormat = "guardwatch.baselines/v1";
constexpr const char* kWriteAnew = "write it anew with guardwatchctl baseline";

// What the file has to fit.
struct Expected {
  const Config& config;
  Duration coarse{};
};

Duration CoarseOf(const Config& config) {
  Duration longest_horizon{};
  for (const MonitoredSource& source : config.monitor.sources) {
    longest_horizon = std::max(longest_horizon, source.label_horizon);
  }
  const auto& windows = config.monitor.windows;
  const Duration window =
      windows.empty() ? Duration{} : *std::max_element(windows.begin(), windows.end());
  return CoarsePaneWidth(window, longest_horizon);
}

void ReadPanes(YamlMap& map, Duration width, PaneIndex& first, std::int64_t& panes) {
  if (const auto from = map.Require("from")) {
    const auto text = from->Text();
    const auto time = text ? ParseRfc3339(*text) : std::nullopt;
    if (!time) {
      from->FailExpected("an RFC 3339 time");
    } else if (AlignDown(*time, width) != *time) {
      from->Fail("it is not the beginning of a pane of " + FormatDuration(width), kWriteAnew);
    } else {
      first = PaneOf(*time, width);
    }
  }
  if (const auto value = map.Require("panes")) panes = value->Integer({1, 1 << 30}).value_or(1);
}

void ReadNumber(YamlMap& map, std::string_view key, double& out, Range<double> range) {
  if (const auto value = map.Require(key)) out = value->Number(range).value_or(range.low);
}

void ReadCount(YamlMap& map, Count& out) {
  if (const auto n = map.Require("n")) out.n = n->Integer({1, kCounter.high}).value_or(1);
  if (const auto s = map.Require("s")) out.s = s->Integer({0, out.n}).value_or(0);
}

// Pairs of numbers, as [[1, 2], [3, 4]].
template <class Add>
void ReadPairs(const YamlValue& list, std::size_t expected, const Add& add) {
  const std::vector<YamlValue> rows = list.Items();
  if (rows.size() != expected) {
    list.Fail("expected " + std::to_string(expected) + " pairs, got " + std::to_string(rows.size()),
              kWriteAnew);
    return;
  }
  for (const YamlValue& row : rows) {
    const std::vector<YamlValue> pair = row.Items();
    if (pair.size() == 2) {
      add(row, pair[0], pair[1]);
    } else {
      row.FailExpected("two numbers");
    }
  }
}

Baseline ReadRate(const YamlValue& value, Duration width, SlotScheme slots) {
  Baseline baseline;
  baseline.pane_width = width;
  baseline.slots = slots;
  YamlMap map(value);
  ReadPanes(map, width, baseline.first, baseline.panes);
  ReadCount(map, baseline.total);
  baseline.rate = double(baseline.total.s) / double(std::max<std::int64_t>(baseline.total.n, 1));
  map.Read("steps", baseline.steps, kCounter);
  constexpr std::array kPhis{"dispersion", "dispersion_6", "dispersion_60"};
  for (std::size_t i = 0; i < kPhis.size(); ++i) {
    if (const auto phi = map.Find(kPhis[i])) baseline.dispersion[i] = phi->Number(kAmount);
  }
  ReadNumber(map, "slow_sd", baseline.slow_sd, kAmount);
  ReadNumber(map, "tempering", baseline.tempering, {1, kUnbounded});
  ReadNumber(map, "tolerance", baseline.tolerance, kAmount);
  if (const auto unchanged = map.Require("unchanged")) {
    const auto add = [&](const YamlValue& row, const YamlValue& low, const YamlValue& high) {
      const NullInterval null{low.Number(kShare).value_or(0), high.Number(kShare).value_or(1)};
      if (null.low > null.high || null.low >= 1 || null.high <= 0) {
        row.Fail("expected the lower limit first");
      }
      baseline.null.push_back(null);
    };
    ReadPairs(*unchanged, static_cast<std::size_t>(SlotCount(slots)), add);
  }
  return baseline;
}

MeanBaseline ReadMean(const YamlValue& value, Duration width) {
  MeanBaseline baseline;
  baseline.pane_width = width;
  YamlMap map(value);
  ReadPanes(map, width, baseline.first, baseline.panes);
  if (const auto n = map.Require("n")) baseline.n = n->Integer({1, kCounter.high}).value_or(1);
  ReadNumber(map, "mean", baseline.mean, kAmount);
  ReadNumber(map, "sd", baseline.sd, kAmount);
  ReadNumber(map, "dispersion", baseline.dispersion, kAmount);
  ReadNumber(map, "slow_sd", baseline.slow_sd, kAmount);
  ReadNumber(map, "tempering", baseline.tempering, {1, kUnbounded});
  ReadNumber(map, "tolerance", baseline.tolerance, kAmount);
  ReadNumber(map, "limit", baseline.limit, {0, kUnbounded, true});
  return baseline;
}

CalibrationBaseline ReadCalibration(const YamlValue& value, Duration width) {
  CalibrationBaseline baseline;
  baseline.pane_width = width;
  YamlMap map(value);
  ReadPanes(map, width, baseline.first, baseline.panes);
  ReadNumber(map, "dispersion", baseline.dispersion, kAmount);
  ReadNumber(map, "tempering", baseline.tempering, {1, kUnbounded});
  if (const auto bins = map.Require("bins")) {
    std::size_t next = 0;
    ReadPairs(*bins, kReliabilityBins,
              [&](const YamlValue&, const YamlValue& n, const YamlValue& s) {
                Count& bin = baseline.bins[next++];
                bin.n = n.Integer(kCounter).value_or(0);
                bin.s = s.Integer({0, bin.n}).value_or(0);
              });
  }
  return baseline;
}

void ReadGroups(const YamlValue& value, SlotScheme slots, BaselineSet& set) {
  constexpr std::int64_t kLast = score_grid::BinCount(score_grid::kFine) - 1;
  YamlMap map(value);
  ScoreGroups groups;
  if (const auto last = map.Require("last")) {
    std::int64_t least = 0;
    for (const YamlValue& item : last->Items()) {
      const std::int64_t bin = item.Integer({least, kLast}).value_or(least);
      groups.last.push_back(static_cast<std::uint16_t>(bin));
      least = bin + 1;
    }
    if (groups.last.empty() || groups.last.back() != kLast) {
      last->Fail(
          "the groups do not end with the score grid, whose last bin is " + std::to_string(kLast),
          kWriteAnew);
    }
  }
  if (const auto shares = map.Require("shares")) {
    for (const YamlValue& item : shares->Items()) {
      set.group_shares.push_back(ReadRate(item, kPaneWidth, slots));
    }
    if (set.group_shares.size() != groups.last.size()) {
      shares->Fail("expected one for each of the " + std::to_string(groups.last.size()) +
                   " groups");
    }
  }
  set.groups = std::move(groups);
}

// Cells as "bin:negative:positive" with blanks between, in ascending order.
void ReadCells(const YamlValue& value, ScoreHistogram& out) {
  const std::string text = value.Text().value_or("");
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  std::int64_t before = -1;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::array<std::int64_t, 3> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto [stop, error] = std::from_chars(at, end, numbers[i]);
      const bool separated = i == 2 ? stop == end || *stop == ' ' : stop != end && *stop == ':';
      if (error != std::errc() || numbers[i] < 0 || !separated) {
        return value.FailExpected("cells as bin:negative:positive with blanks between", kWriteAnew);
      }
      at = stop == end ? end : stop + 1;
    }
    if (numbers[0] <= before || numbers[0] >= score_grid::BinCount(score_grid::kFine)) {
      return value.Fail("bin " + std::to_string(numbers[0]) + " is not on the score grid or twice",
                        kWriteAnew);
    }
    before = numbers[0];
    HistogramCell cell;
    cell.bin = static_cast<std::uint16_t>(numbers[0]);
    negative += cell.negative = numbers[1];
    positive += cell.positive = numbers[2];
    out.Set(cell);
  }
  if (positive == 0 || negative == 0) value.Fail("expected labels of both outcomes", kWriteAnew);
}

void ReadRanks(const YamlValue& value, Duration width, BaselineSet& set) {
  YamlMap map(value);
  if (const auto labels = map.Require("labels")) ReadCells(*labels, set.rank_reference);
  std::array<MeanBaseline, 3> ranks;
  constexpr std::array kNames{"positives", "negatives", "pairs"};
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (const auto mean = map.Require(kNames[i])) ranks[i] = ReadMean(*mean, width);
  }
  set.ranks = ranks;
}

void ReadUnit(YamlMap& map, const Expected& expected, BaselineSet& set) {
  const SourceConfig* source = nullptr;
  if (const auto value = map.Require("source")) {
    set.unit.source = value->Text().value_or("");
    std::vector<std::string> names;
    for (const SourceConfig& each : expected.config.sources) {
      names.push_back(each.ingest.name);
      if (each.ingest.name == set.unit.source) source = &each;
    }
    if (source == nullptr) {
      value->Fail("there is no source " + Quote(set.unit.source) + " in the configuration",
                  DidYouMean(set.unit.source, names));
    }
  }
  if (const auto value = map.Require("guardrail")) {
    set.unit.guardrail = value->Text().value_or("");
    std::vector<std::string> names;
    if (source != nullptr) {
      for (const GuardrailOptions& each : source->ingest.guardrails)
        names.push_back(each.guardrail);
    }
    const bool known = std::find(names.begin(), names.end(), set.unit.guardrail) != names.end();
    // Guardrails that are not listed are watched too; but one that looks like one is a mistake.
    const std::string near = known ? "" : DidYouMean(set.unit.guardrail, names);
    if (!near.empty()) {
      value->Fail("no guardrail " + Quote(set.unit.guardrail) + " is configured", near);
    }
  }
  if (const auto value = map.Require("category")) set.unit.category = value->AnyText().value_or("");
  map.Read<Variant>("variant", set.variant,
                    {{"live", Variant::kLive}, {"candidate", Variant::kCandidate}});
  if (const auto value = map.Require("model_version")) {
    set.model_version = value->AnyText().value_or("");
  }
}

template <std::size_t kSize>
bool IsOneOf(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void ReadRates(const YamlValue& value, const Expected& expected, BaselineSet& set) {
  const SlotScheme slots = expected.config.monitor.drift.slots;
  for (const auto& [stream, rate] : Entries(value)) {
    const bool fine = IsOneOf(kFineRates, stream);
    if (!fine && !IsOneOf(kCoarseRates, stream)) {
      std::vector<std::string> names(kFineRates.begin(), kFineRates.end());
      names.insert(names.end(), kCoarseRates.begin(), kCoarseRates.end());
      rate.Fail("there is no rate " + Quote(stream), DidYouMean(stream, names));
      continue;
    }
    set.rates[stream] = ReadRate(rate, fine ? kPaneWidth : expected.coarse, slots);
  }
}

BaselineSet ReadSet(const YamlValue& value, const Expected& expected) {
  BaselineSet set;
  set.coarse = expected.coarse;
  YamlMap map(value);
  ReadUnit(map, expected, set);
  if (const auto rates = map.Find("rates")) ReadRates(*rates, expected, set);
  if (const auto groups = map.Find("score_distribution")) {
    ReadGroups(*groups, expected.config.monitor.drift.slots, set);
  }
  if (const auto bins = map.Find("calibration")) {
    set.calibration = ReadCalibration(*bins, expected.coarse);
  }
  if (const auto mean = map.Find("log_loss")) set.log_loss = ReadMean(*mean, expected.coarse);
  if (const auto mean = map.Find("brier")) set.brier = ReadMean(*mean, expected.coarse);
  if (const auto ranks = map.Find("roc_auc")) ReadRanks(*ranks, expected.coarse, set);
  return set;
}

void CheckGrid(YamlMap& map, const Expected& expected) {
  if (const auto value = map.Require("coarse_pane")) {
    const auto width = value->Length({Duration(1), Duration::max()});
    if (width && *width != expected.coarse) {
      value->Fail("it was learned on panes of " + FormatDuration(*width) +
                      ", and windows and label_horizon as configured need " +
                      FormatDuration(expected.coarse),
                  kWriteAnew);
    }
  }
  SlotScheme slots = expected.config.monitor.drift.slots;
  map.Read<SlotScheme>("slots", slots,
                       {{"none", SlotScheme::kConstant},
                        {"hour_of_day", SlotScheme::kHourOfDay},
                        {"hour_of_week", SlotScheme::kHourOfWeek}});
  if (slots != expected.config.monitor.drift.slots) {
    map.Fail("it was learned with other slots than alerting.drift.slots says", kWriteAnew);
  }
}

std::vector<BaselineSet> ReadFile(const YamlValue& root, const Expected& expected) {
  std::vector<BaselineSet> sets;
  YamlMap map(root);
  if (const auto format = map.Require("format")) {
    if (format->Text() != kFormat) {
      format->Fail("it is no file of baselines of this version, " + std::string(kFormat),
                   kWriteAnew);
      return sets;
    }
  }
  CheckGrid(map, expected);
  for (const char* const state : {"budget", "baselines"}) map.Find(state);  // How it was then.
  const auto versions = map.Require("model_versions");
  if (!versions) return sets;
  std::set<std::tuple<UnitKey, Variant, std::string>> names;
  for (const YamlValue& item : versions->Items()) {
    BaselineSet set = ReadSet(item, expected);
    if (!names.emplace(set.unit, set.variant, set.model_version).second) {
      item.Fail("a model version is there twice");
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace

BaselineFileResult ParseBaselines(std::string_view text, const std::string& file_name,
                                  const Config& config) {
  BaselineFileResult result;
  ReadContext context(file_name, text);
  const YamlResult yaml = ParseYaml(text, kLimits);
  for (const ConfigError& error : yaml.errors) {
    context.Fail({error.line, error.column, error.width}, "", error.message, error.hint);
  }
  if (!context.failed()) {
    auto sets = ReadFile(YamlValue(yaml.root, {}, context), {config, CoarseOf(config)});
    if (!context.failed()) {
      result.baselines = std::make_shared<const std::vector<BaselineSet>>(std::move(sets));
    }
  }
  result.errors = context.TakeErrors();
  return result;
}

BaselineFileResult LoadBaselines(const std::string& path, const Config& config) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "rb"),
                                                                &std::fclose);
  std::string text;
  std::array<char, 65536> part{};
  while (file && text.size() <= kLimits.bytes) {
    const std::size_t read = std::fread(part.data(), 1, part.size(), file.get());
    if (read == 0) break;
    text.append(part.data(), read);
  }
  if (file && std::ferror(file.get()) == 0) return ParseBaselines(text, path, config);
  BaselineFileResult result;
  ConfigError& unreadable = result.errors.emplace_back();
  unreadable.file = path;
  unreadable.message = std::string("cannot be read: ") + std::strerror(errno);
  unreadable.hint = "alerting.drift.baseline_file names it";
  return result;
}

}  // namespace guardwatch
