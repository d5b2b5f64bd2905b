#include "expose/api_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "expose/near_match.h"

namespace guardwatch {
namespace {

std::string Quoted(std::string_view name, std::string_view value) {
  return "parameter `" + std::string(name) + "`: `" + std::string(value) + "` ";
}

std::optional<std::int64_t> ParseDigits(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<Slice> ParseSlice(std::string_view text) {
  if (text.empty() || text == "whole") return Slice{};
  const std::size_t at = text.find_first_of(":=");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  return Slice{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::optional<EventTime> ParseTime(std::string_view text) {
  if (const auto time = ParseRfc3339(text)) return time;
  constexpr std::int64_t kLatestSecond = 253'402'300'799;  // The end of the year 9999.
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string decimals(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (whole.empty() || decimals.size() > 6 ||
      (point != std::string_view::npos && decimals.empty())) {
    return std::nullopt;
  }
  decimals.resize(6, '0');
  const auto seconds = ParseDigits(whole);
  const auto micros = ParseDigits(decimals);
  if (!seconds || !micros || *seconds > kLatestSecond) return std::nullopt;
  return EventTimeFromMicros(*seconds * 1'000'000 + *micros);
}

Result<ApiQuery> ApiQuery::Parse(const QueryParameters& parameters,
                                 std::span<const std::string_view> known) {
  ApiQuery query;
  for (const auto& [name, value] : parameters) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Fail("unknown parameter `" + name + "`" + NearMatchHint(name, known));
    }
    if (query.Text(name)) return Fail("parameter `" + name + "` is given twice");
    query.parameters_.emplace_back(name, value);
  }
  return query;
}

std::optional<std::string> ApiQuery::Text(std::string_view name) const {
  for (const auto& [given, value] : parameters_) {
    if (given == name) return value;
  }
  return std::nullopt;
}

Result<std::optional<EventTime>> ApiQuery::Time(std::string_view name) const {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  const auto time = ParseTime(*text);
  if (!time) {
    return Fail(Quoted(name, *text) + "is no time; write 2026-11-22T10:05:00Z or 1795341900");
  }
  return time;
}

Result<std::optional<Duration>> ApiQuery::Length(std::string_view name) const {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  const auto length = ParseDuration(*text);
  if (!length || *length <= Duration::zero()) {
    return Fail(Quoted(name, *text) + "is no duration; write for example 5m, 1h30m or 24h");
  }
  return length;
}

Result<SeriesFilter> ApiQuery::Series() const {
  SeriesFilter filter;
  filter.source = Text("source").value_or("");
  filter.guardrail = Text("guardrail").value_or("");
  filter.category = Text("category");
  filter.model_version = Text("model_version");
  if (const auto text = Text("variant")) {
    if (*text != "live" && *text != "candidate") {
      return Fail(Quoted("variant", *text) + "is neither `live` nor `candidate`");
    }
    filter.variant = *text == "live" ? Variant::kLive : Variant::kCandidate;
  }
  if (const auto text = Text("slice")) {
    filter.slice = ParseSlice(*text);
    if (!filter.slice) {
      return Fail(Quoted("slice", *text) + "is no slice; write `dimension:value`, or `whole`");
    }
  }
  return filter;
}

Result<WindowQuery> ApiQuery::Window() const {
  auto series = Series();
  if (!series) return tl::unexpected(series.error());
  const auto window = Length("window");
  if (!window) return tl::unexpected(window.error());
  const auto at = Time("at");
  if (!at) return tl::unexpected(at.error());
  WindowQuery query{.series = std::move(*series), .window = *window, .view = {}, .at = *at};
  if (const auto text = Text("view")) {
    if (*text != "current" && *text != "matured") {
      return Fail(Quoted("view", *text) + "is neither `current` nor `matured`");
    }
    query.view = *text == "current" ? WindowViewKind::kCurrent : WindowViewKind::kMatured;
  }
  return query;
}

Result<const Statistic*> ApiQuery::OneStatistic() const {
  std::vector<std::string_view> names;
  for (const Statistic& statistic : Statistics()) names.push_back(statistic.name);
  const auto text = Text("statistic");
  if (!text) return Fail("parameter `statistic` is missing" + NearMatchHint("", names));
  const Statistic* statistic = FindStatistic(*text);
  if (statistic == nullptr) {
    return Fail(Quoted("statistic", *text) + "is no statistic" + NearMatchHint(*text, names));
  }
  return statistic;
}

}  // namespace guardwatch
