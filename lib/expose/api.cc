#include "expose/api.h"

#include <algorithm>
#include <array>
#include <span>

#include "expose/api_query.h"
#include "expose/json_api.h"
#include "expose/names.h"
#include "expose/near_match.h"
#include "window/pane.h"

namespace guardwatch {
namespace {

// More would keep the I/O thread from its other work for long.
constexpr std::size_t kMaxWindows = 10'000;
constexpr std::int64_t kMaxPoints = 11'000;
constexpr std::int64_t kMaxExpensivePoints = 250;  // A millisecond or more each.
constexpr std::int64_t kDefaultPoints = 120;
constexpr Duration kDefaultRange = std::chrono::hours(1);

// Who answers, and what the request is called among those whose answers are kept.
struct Serving {
  const ApiBackend& backend;
  AnswerCache& answers;
  std::string question;  // Empty: the answer is not kept, since it is of more than windows.
};

void BadRequest(const AnswerApi& answer, const Error& error) {
  answer({400, ErrorJson("bad_request", error.message)});
}

// What an endpoint makes of the windows a request selects.
using WindowsToJson = std::function<std::string(const std::vector<WindowRef>&)>;

bool AreTooMany(std::size_t windows, const AnswerApi& answer) {
  if (windows <= kMaxWindows) return false;
  answer({400, ErrorJson("too_many_results",
                         std::to_string(windows) + " windows match, at most " +
                             std::to_string(kMaxWindows) +
                             " are given; narrow the request by guardrail, window or slice")});
  return true;
}

// Present windows stand in the snapshot; past ones are asked of the monitor. `to_json` makes an
// answer of them alone.
void SelectAndAnswer(const Serving& serving, WindowQuery query, WindowsToJson to_json,
                     AnswerApi answer) {
  if (!query.at) {
    const auto snapshot = serving.backend.snapshot();
    const std::vector<WindowRef> windows = SelectWindows(*snapshot, query);
    if (AreTooMany(windows.size(), answer)) return;
    if (serving.question.empty()) return answer({200, to_json(windows)});
    return answer({200, serving.answers.Answer(serving.question, *snapshot, windows,
                                               [&] { return to_json(windows); })});
  }
  serving.backend.ask_windows(
      std::move(query), [to_json = std::move(to_json),
                         answer = std::move(answer)](const std::vector<SeriesWindow>& windows) {
        if (!AreTooMany(windows.size(), answer)) answer({200, to_json(AllWindows(windows))});
      });
}

// Windows of one guardrail are answered with what they are looked at beside: its other windows.
void DetailedWindows(const Serving& serving, const WindowQuery& query, AnswerApi answer) {
  WindowQuery around = query;
  around.window.reset();
  around.view.reset();
  around.series.slice.reset();
  around.series.model_version.reset();
  const auto are_too_many = [query](const std::vector<WindowRef>& windows,
                                    const AnswerApi& answer_with) {
    const auto asked = std::count_if(windows.begin(), windows.end(),
                                     [&](const WindowRef& ref) { return Asks(query, ref); });
    return AreTooMany(static_cast<std::size_t>(asked), answer_with);
  };
  if (!query.at) {
    const auto snapshot = serving.backend.snapshot();
    const std::vector<WindowRef> windows = SelectWindows(*snapshot, around);
    if (are_too_many(windows, answer)) return;
    return answer({200, serving.answers.Answer(serving.question, *snapshot, windows, [&] {
                     return DetailedWindowsJson(windows, query);
                   })});
  }
  serving.backend.ask_windows(std::move(around), [are_too_many, query, answer = std::move(answer)](
                                                     const std::vector<SeriesWindow>& past) {
    const std::vector<WindowRef> windows = AllWindows(past);
    if (!are_too_many(windows, answer)) answer({200, DetailedWindowsJson(windows, query)});
  });
}

void Windows(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  auto windows = query.Window();
  if (!windows) return BadRequest(answer, windows.error());
  if (!windows->series.guardrail.empty()) {
    return DetailedWindows(serving, *windows, std::move(answer));
  }
  SelectAndAnswer(serving, std::move(*windows), WindowsJson, std::move(answer));
}

// Plots are of the whole unless a slice is named.
Result<WindowQuery> WholeByDefault(const ApiQuery& query) {
  auto windows = query.Window();
  if (windows && !windows->series.slice) windows->series.slice = Slice{};
  return windows;
}

void Histogram(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  auto windows = WholeByDefault(query);
  if (!windows) return BadRequest(answer, windows.error());
  SelectAndAnswer(serving, std::move(*windows), HistogramJson, std::move(answer));
}

void Reliability(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  auto windows = WholeByDefault(query);
  if (!windows) return BadRequest(answer, windows.error());
  SelectAndAnswer(serving, std::move(*windows), ReliabilityJson, std::move(answer));
}

void Curves(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  auto windows = WholeByDefault(query);
  if (!windows) return BadRequest(answer, windows.error());
  SelectAndAnswer(serving, std::move(*windows), CurvesJson, std::move(answer));
}

void Cohorts(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  auto windows = query.Window();
  if (!windows) return BadRequest(answer, windows.error());
  const auto to_json = [dimension = query.Text("dimension").value_or(""),
                        snapshot = serving.backend.snapshot()](const std::vector<WindowRef>& refs) {
    return CohortsJson(refs, dimension, snapshot->drift);
  };
  SelectAndAnswer({serving.backend, serving.answers, ""}, std::move(*windows), to_json,
                  std::move(answer));
}

void Status(const Serving& serving, const ApiQuery&, const AnswerApi& answer) {
  answer({200, StatusJson(*serving.backend.snapshot(), serving.backend.self())});
}

void Config(const Serving& serving, const ApiQuery&, const AnswerApi& answer) {
  answer({200, serving.backend.config_json()});
}

void Guardrails(const Serving& serving, const ApiQuery& query, const AnswerApi& answer) {
  const auto filter = query.Series();
  if (!filter) return BadRequest(answer, filter.error());
  answer({200, GuardrailsJson(*serving.backend.snapshot(), *filter)});
}

void Findings(const Serving& serving, const ApiQuery& query, const AnswerApi& answer) {
  const auto filter = query.Series();
  if (!filter) return BadRequest(answer, filter.error());
  answer({200, FindingsJson(*serving.backend.snapshot(), *filter)});
}

void Baselines(const Serving& serving, const ApiQuery& query, const AnswerApi& answer) {
  const auto filter = query.Series();
  if (!filter) return BadRequest(answer, filter.error());
  static constexpr std::array<std::string_view, 1> kParts{"model_versions"};
  const auto with = query.Text("with");
  if (with && *with != kParts[0]) {
    return BadRequest(answer, {"parameter `with`: `" + *with + "` is no part of the answer" +
                                   NearMatchHint(*with, kParts),
                               false});
  }
  answer({200, BaselinesJson(*serving.backend.snapshot(), *filter, with.has_value())});
}

void Alerts(const Serving& serving, const ApiQuery& query, const AnswerApi& answer) {
  static constexpr std::array<std::string_view, 3> kStates{"pending", "firing", "resolved"};
  const auto series = query.Series();
  if (!series) return BadRequest(answer, series.error());
  const std::string state = query.Text("state").value_or("");
  if (!state.empty() && std::find(kStates.begin(), kStates.end(), state) == kStates.end()) {
    return BadRequest(answer, Error{"parameter `state`: `" + state + "` is no state of an alert" +
                                    NearMatchHint(state, kStates)});
  }
  answer({200, AlertsJson(*serving.backend.snapshot(), {*series, state})});
}

// Where plots end by default: at the latest sealed pane of the sources asked about.
EventTime LatestSealed(const Snapshot& snapshot, const std::string& source) {
  EventTime latest = EventTimeFromMicros(0);
  for (const auto& view : snapshot.sources) {
    const bool asked = source.empty() || source == view->name;
    if (asked && IsKnown(view->sealed_through)) latest = std::max(latest, view->sealed_through);
  }
  return latest;
}

Result<HistoryQuery> ParseHistory(const Snapshot& snapshot, const ApiQuery& query,
                                  std::int64_t max_points) {
  auto series = query.Series();
  if (!series) return tl::unexpected(series.error());
  if (!series->slice) series->slice = Slice{};
  const auto from = query.Time("from");
  if (!from) return tl::unexpected(from.error());
  const auto to = query.Time("to");
  if (!to) return tl::unexpected(to.error());
  const auto step = query.Length("step");
  if (!step) return tl::unexpected(step.error());

  HistoryQuery history{.series = std::move(*series)};
  history.to = *to ? **to : LatestSealed(snapshot, history.series.source);
  history.from = *from ? **from : history.to - kDefaultRange;
  const Duration range = history.to - history.from;
  if (range <= Duration::zero()) return Fail("`from` must be before `to`");
  history.step = *step ? **step : range / kDefaultPoints;
  if (range / std::max(history.step, kPaneWidth) > max_points) {
    return Fail("`step` is too short: at most " + std::to_string(max_points) +
                " points per series are given");
  }
  return history;
}

void Series(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  const auto statistic = query.OneStatistic();
  if (!statistic) return BadRequest(answer, statistic.error());
  const std::int64_t most = (*statistic)->expensive ? kMaxExpensivePoints : kMaxPoints;
  auto history = ParseHistory(*serving.backend.snapshot(), query, most);
  if (!history) return BadRequest(answer, history.error());
  serving.backend.ask_history(std::move(*history),
                              [statistic = *statistic, answer = std::move(answer)](
                                  const std::vector<SeriesHistory>& histories) {
                                answer({200, SeriesJson(histories, *statistic)});
                              });
}

constexpr std::array<std::string_view, 4> kUnitParameters{"source", "guardrail", "category",
                                                          "variant"};
constexpr std::array<std::string_view, 5> kBaselineParameters{"source", "guardrail", "category",
                                                              "variant", "with"};
constexpr std::array<std::string_view, 3> kFindingParameters{"source", "guardrail", "category"};
constexpr std::array<std::string_view, 5> kAlertParameters{"source", "guardrail", "category",
                                                           "variant", "state"};
constexpr std::array<std::string_view, 9> kWindowParameters{
    "source", "guardrail", "category", "model_version", "variant", "slice", "window", "view", "at"};
constexpr std::array<std::string_view, 9> kCohortParameters{
    "source", "guardrail", "category", "model_version", "variant", "dimension",
    "window", "view",      "at"};
constexpr std::array<std::string_view, 10> kSeriesParameters{
    "source",    "guardrail", "category", "model_version", "variant", "slice",
    "statistic", "from",      "to",       "step"};

struct Endpoint {
  std::string_view name;
  std::span<const std::string_view> parameters;
  void (*handle)(const Serving&, const ApiQuery&, AnswerApi);
};

template <void (*kHandle)(const Serving&, const ApiQuery&, const AnswerApi&)>
void AtOnce(const Serving& serving, const ApiQuery& query, AnswerApi answer) {
  kHandle(serving, query, answer);
}

constexpr std::array kEndpoints{
    Endpoint{"status", {}, AtOnce<Status>},
    Endpoint{"guardrails", kUnitParameters, AtOnce<Guardrails>},
    Endpoint{"windows", kWindowParameters, Windows},
    Endpoint{"series", kSeriesParameters, Series},
    Endpoint{"histogram", kWindowParameters, Histogram},
    Endpoint{"reliability", kWindowParameters, Reliability},
    Endpoint{"curves", kWindowParameters, Curves},
    Endpoint{"cohorts", kCohortParameters, Cohorts},
    Endpoint{"alerts", kAlertParameters, AtOnce<Alerts>},
    Endpoint{"findings", kFindingParameters, AtOnce<Findings>},
    Endpoint{"baselines", kBaselineParameters, AtOnce<Baselines>},
    Endpoint{"config", {}, AtOnce<Config>},
};

// The same for requests that differ in the order of their parameters only.
std::string QuestionOf(std::string_view endpoint, QueryParameters parameters) {
  std::sort(parameters.begin(), parameters.end());
  std::string question(endpoint);
  for (const auto& [name, value] : parameters) {
    question.append("&").append(name).append("=").append(std::to_string(value.size()));
    question.append(":").append(value);
  }
  return question;
}

}  // namespace

void Api::Handle(std::string_view endpoint, const QueryParameters& parameters, AnswerApi answer) {
  std::vector<std::string_view> names;
  for (const Endpoint& candidate : kEndpoints) {
    names.push_back(candidate.name);
    if (candidate.name != endpoint) continue;
    const auto query = ApiQuery::Parse(parameters, candidate.parameters);
    if (!query) return BadRequest(answer, query.error());
    return candidate.handle({backend_, answers_, QuestionOf(endpoint, parameters)}, *query,
                            std::move(answer));
  }
  answer({404, ErrorJson("not_found", "no endpoint `" + std::string(endpoint) + "`" +
                                          NearMatchHint(endpoint, names))});
}

}  // namespace guardwatch
