#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "monitor/history.h"
#include "net/url.h"
#include "window/statistics.h"

namespace guardwatch {

// The parameters of one API request, checked against those the endpoint knows. Every error is a
// sentence for the caller that names the parameter, what was expected, and a near match.
class ApiQuery {
 public:
  // Fails on a parameter that is not in `known`, and on one given twice.
  static Result<ApiQuery> Parse(const QueryParameters& parameters,
                                std::span<const std::string_view> known);

  // Nullopt if the parameter was not given; an empty value is a value.
  std::optional<std::string> Text(std::string_view name) const;

  // RFC 3339 or seconds since the epoch.
  Result<std::optional<EventTime>> Time(std::string_view name) const;

  // `5m`, `1h30m`; must be positive.
  Result<std::optional<Duration>> Length(std::string_view name) const;

  // source, guardrail, category, model_version, variant and slice; those not given match anything.
  Result<SeriesFilter> Series() const;

  // Series() and window, view, at.
  Result<WindowQuery> Window() const;

  // `statistic`, which must be given.
  Result<const Statistic*> OneStatistic() const;

 private:
  QueryParameters parameters_;
};

// `dimension:value` or `dimension=value`; empty or `whole` for the whole. Nullopt for anything
// else.
std::optional<Slice> ParseSlice(std::string_view text);

// RFC 3339, or seconds since the epoch with up to six decimals.
std::optional<EventTime> ParseTime(std::string_view text);

}  // namespace guardwatch
