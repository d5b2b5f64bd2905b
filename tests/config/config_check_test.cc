#include <gmock/gmock.h>

#include "config_testing.h"

// What the reader refuses, section by section. Each case is one error with its exact text.

namespace guardwatch {
namespace {

using ::testing::ElementsAre;
using testing::ErrorLines;
using ::testing::IsEmpty;
using testing::WithSource;

struct Case {
  std::string_view text;
  std::string_view error;  // Without the file name.
};

void ExpectErrors(std::string_view before, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const std::string text = std::string(before) + std::string(c.text) + "\n";
    EXPECT_THAT(ErrorLines(text), ElementsAre("guardwatch.yaml:" + std::string(c.error))) << text;
  }
}

TEST(ConfigCheckTest, Sources) {
  ExpectErrors(
      "sources: ",
      {
          {"[]", "1:10: error: sources: expected at least one source, got an empty list"},
          {"gateway", "1:10: error: sources: expected a list, got 'gateway'"},
          {"[{demo: {}}]", "1:11: error: missing key 'name' in sources[0]"},
          {"[{name: a}]",
           "1:11: error: sources[0]: expected exactly one of 'kafka', 'files' and 'demo'"},
          {"[{name: a, demo: {}, files: {directory: d, topics: [t]}}]",
           "1:11: error: sources[0]: expected exactly one of 'kafka', 'files' and 'demo'"},
          {"[{name: a, demo: {}}, {name: a, demo: {}}]",
           "1:32: error: sources[1]: a source named 'a' comes before (names must differ)"},
          {"[{name: a, demo: {speed: 0}}]",
           "1:35: error: sources[0].demo.speed: expected a number from 1 to 3600, got '0'"},
          {"[{name: a, demo: {rate: 0}}]",
           "1:34: error: sources[0].demo.rate: expected a number above 0 and up to 1e+06, got '0'"},
          {"[{name: a, demo: {}, label_partitioning: same_as_score}]",
           "1:51: error: sources[0].label_partitioning: expected any or same_as_scores, got "
           "'same_as_score' (did you mean 'same_as_scores'?)"},
          {"[{name: a, demo: {}, windows: [5m]}]",
           "1:31: error: unknown key 'windows' in sources[0]"},
          {"[{name: a, files: {topics: [t]}}]",
           "1:28: error: sources[0].files: expected either 'directory' or 'paths'"},
      });
}

TEST(ConfigCheckTest, Kafka) {
  ExpectErrors(
      "sources:\n- name: a\n  kafka:\n    brokers: [h:1]\n    topics: [t]\n    ",
      {
          {"start: earlest",
           "6:12: error: sources[0].kafka.start: expected earliest, latest or how far "
           "back to start, as in 48h, got 'earlest' (did you mean 'earliest'?)"},
          {"properties: {enable.auto.commit: false}",
           "6:38: error: sources[0].kafka.properties.enable.auto.commit: this property cannot be "
           "set "
           "(positions are kept in guardwatch's own checkpoints)"},
          {"properties: {bootstrap.servers: h}",
           "6:37: error: sources[0].kafka.properties.bootstrap.servers: this property cannot be "
           "set (use "
           "'brokers')"},
          {"properties: {partition.assignment.strategy: range}",
           "6:49: error: sources[0].kafka.properties.partition.assignment.strategy: this property "
           "cannot "
           "be set (guardwatch assigns partitions itself)"},
          {"properties_from_files: {group.id: f}",
           "6:39: error: sources[0].kafka.properties_from_files.group.id: this property cannot be "
           "set "
           "(use 'group_id')"},
          {"properties: {client.rack: [a]}",
           "6:31: error: sources[0].kafka.properties.client.rack: expected text, got a list"},
          {"properties: {client.rack: a, client.rack: b}",
           "6:34: error: duplicate key 'client.rack' in sources[0].kafka.properties (first in line "
           "6)"},
          {"properties: {client.rack: a}\n    properties_from_files: {client.rack: f}",
           "7:42: error: sources[0].kafka.properties_from_files.client.rack: the property is also "
           "set in "
           "properties (keep one of them)"},
      });
}

TEST(ConfigCheckTest, BrokersAndTopics) {
  ExpectErrors(
      "sources:\n- name: a\n  kafka:\n    topics: [t]\n    brokers: ",
      {
          {"[]",
           "5:14: error: sources[0].kafka.brokers: expected at least one broker, got an empty "
           "list"},
          {"h:1", "5:14: error: sources[0].kafka.brokers: expected a list, got 'h:1'"},
          {"[h]",
           "5:15: error: sources[0].kafka.brokers[0]: expected HOST:PORT, got 'h' (as in "
           "localhost:9092 or [::1]:9092)"},
          {"['h:70000']",
           "5:15: error: sources[0].kafka.brokers[0]: expected HOST:PORT, got 'h:70000' (as "
           "in localhost:9092 or [::1]:9092)"},
      });
  ExpectErrors(
      "sources:\n- name: a\n  kafka:\n    brokers: [h:1]\n    topics: ",
      {
          {"[]",
           "5:13: error: sources[0].kafka.topics: expected at least one topic, got an empty list"},
          {"[a b]",
           "5:14: error: sources[0].kafka.topics[0]: expected a topic name, got 'a b' (up to 249 "
           "letters, digits, dots, underscores and hyphens)"},
          {"[t, t]", "5:17: error: sources[0].kafka.topics[1]: the topic 't' is listed twice"},
          {"[{carries: [scores]}]",
           "5:14: error: missing key 'name' in sources[0].kafka.topics[0]"},
          {"[{name: t, carries: []}]",
           "5:33: error: sources[0].kafka.topics[0].carries: expected at least "
           "one of scores, decisions and labels, got an empty list"},
          {"[{name: t, carries: [score]}]",
           "5:34: error: sources[0].kafka.topics[0].carries[0]: expected scores, decisions or "
           "labels, got "
           "'score' (did you mean 'scores'?)"},
          {"[{name: t, carries: [labels]}]",
           "5:13: error: sources[0].kafka.topics: no topic carries scores or decisions"},
      });
}

TEST(ConfigCheckTest, DefaultsAndWindows) {
  ExpectErrors(
      WithSource("defaults: "),
      {
          {"{band: 1.5}", "5:18: error: defaults.band: expected a number from 0 to 1, got '1.5'"},
          {"{label_sample: 0}",
           "5:26: error: defaults.label_sample: expected a number above 0 and up to 1, got '0'"},
          {"{allowed_lateness: 25h}",
           "5:30: error: defaults.allowed_lateness: expected a duration from 0s to 24h, got '25h'"},
          {"{cohorts: [lang, lang]}", "5:28: error: defaults.cohorts[1]: 'lang' is listed twice"},
          {"{cohorts: lang}", "5:21: error: defaults.cohorts: expected a list, got 'lang'"},
          {"{windows: []}",
           "5:21: error: defaults.windows: expected at least one window, got an empty "
           "list"},
          {"{windows: [5s]}",
           "5:22: error: defaults.windows[0]: expected a duration from 10s to 8760h, "
           "got '5s'"},
          {"{windows: [15s]}",
           "5:22: error: defaults.windows[0]: expected a multiple of 10s, got '15s'"},
          {"{windows: [5m, 300s]}",
           "5:26: error: defaults.windows[1]: the window 5m is listed twice"},
          {"{windows: [65m, 24h]}",
           "5:22: error: defaults.windows[0]: expected a multiple of 10m, got '65m' (windows over "
           "1h "
           "slide by the coarse pane, which follows from the longest window and label horizon)"},
      });
}

TEST(ConfigCheckTest, TheGridOfLongWindowsFollowsFromTheLongestHorizon) {
  // 65 min and 24 h together have 1505 min: the coarse pane is 10 min. With a horizon of 1 h, 1
  // min.
  EXPECT_THAT(ErrorLines(WithSource("defaults: {windows: [5m, 65m], label_horizon: 1h}\n")),
              IsEmpty());
  EXPECT_THAT(ErrorLines(WithSource("defaults: {windows: [5m, 65m], label_horizon: 1h}\n"
                                    "guardrails: [{name: slow, label_horizon: 24h}]\n")),
              ElementsAre(::testing::HasSubstr("expected a multiple of 10m, got '65m'")));
}

TEST(ConfigCheckTest, Guardrails) {
  ExpectErrors(
      WithSource("guardrails:\n"),
      {
          {"- {threshold: 0.5}", "6:3: error: missing key 'name' in guardrails[0]"},
          {"- {name: a, threshold: 50}",
           "6:24: error: guardrails[0].threshold: expected a number from 0 to 1, got '50'"},
          {"- {name: a, source: gatway}",
           "6:21: error: guardrails[0].source: there is no source 'gatway' "
           "(did you mean 'gateway'?)"},
          {"- {name: a}\n- {name: a}",
           "7:3: error: guardrails[1]: the guardrail 'a' comes before (name, "
           "source or category must differ)"},
          {"- {name: a, score_kind: class}",
           "6:25: error: guardrails[0].score_kind: expected probability "
           "or none, got 'class'"},
          {"- {name: a, decided_by: score}",
           "6:25: error: guardrails[0].decided_by: expected scores or "
           "decision_events, got 'score' (did you mean 'scores'?)"},
          {"- {name: a, for: 1m}", "6:13: error: unknown key 'for' in guardrails[0]"},
      });
}

TEST(ConfigCheckTest, Rules) {
  ExpectErrors(
      WithSource("alerting:\n  rules:\n"),
      {
          {"  - {metric: ece, above: 1, window: 1h}",
           "7:5: error: missing key 'alert' in alerting.rules[0]"},
          {"  - {alert: A, above: 1}", "7:5: error: missing key 'metric' in alerting.rules[0]"},
          {"  - {alert: A, metric: psi, above: 1}",
           "7:24: error: alerting.rules[0].metric: unknown metric 'psi' (docs/statistics.md lists "
           "them, such as band_share, fail_rate or ece)"},
          {"  - {alert: A, metric: smooth_ece, above: 1, window: 1h}",
           "7:24: error: alerting.rules[0].metric: metric 'smooth_ece' takes too long to be judged "
           "at "
           "every pane (ece and calibration_gap are cheap)"},
          {"  - {alert: A, metric: band_share}",
           "7:5: error: alerting.rules[0]: expected either 'above' or 'below'"},
          {"  - {alert: A, metric: band_share, above: high}",
           "7:43: error: alerting.rules[0].above: expected a number, got 'high'"},
          {"  - {alert: A, metric: band_share, above: 1, window: 10m}",
           "7:54: error: alerting.rules[0].window: the window 10m is not configured "
           "(defaults.windows has "
           "5m, 1h, 24h)"},
          {"  - {alert: A, metric: ece, above: 1, window: 5m}",
           "7:47: error: alerting.rules[0].window: 'ece' rests on labels, and the window 5m has no "
           "matured view (windows that have one: 1h, 24h)"},
          {"  - {alert: A, metric: ece, above: 1}",
           "7:5: error: alerting.rules[0]: 'ece' rests on labels, and the window 5m has no matured "
           "view "
           "(windows that have one: 1h, 24h)"},
          {"  - {alert: A, metric: band_share, above: 1, source: gatewy}",
           "7:54: error: alerting.rules[0].source: there is no source 'gatewy' (did you mean "
           "'gateway'?)"},
          {"  - {alert: A, metric: band_share, above: 1, variant: canary}",
           "7:55: error: alerting.rules[0].variant: expected live or candidate, got 'canary'"},
          {"  - {alert: A, metric: band_share, above: 1, per_cohort: lng}",
           "7:58: error: alerting.rules[0].per_cohort: no guardrail keeps the cohort dimension "
           "'lng' (did "
           "you mean 'lang'?)"},
          {"  - {alert: A, metric: band_share, above: 1, cohort: {dimension: tier, value: a}}",
           "7:66: error: alerting.rules[0].cohort.dimension: no guardrail keeps the cohort "
           "dimension 'tier' "
           "(add it to 'cohorts')"},
          {"  - {alert: A, metric: band_share, above: 1, cohort: {dimension: lang}}",
           "7:54: error: missing key 'value' in alerting.rules[0].cohort"},
          {"  - {alert: A, metric: band_share, above: 1, per_cohort: lang, cohort: {dimension: "
           "lang, value: "
           "a}}",
           "7:5: error: alerting.rules[0]: expected at most one of 'cohort' and 'per_cohort'"},
          {"  - {alert: A, metric: band_share, above: 1, min_events: 0}",
           "7:58: error: alerting.rules[0].min_events: expected a whole number of at least 1, got "
           "'0'"},
          {"  - {alert: A, metric: band_share, above: 1, runbook_url: wiki}",
           "7:59: error: alerting.rules[0].runbook_url: expected an http:// or https:// URL, got "
           "'wiki'"},
      });
}

TEST(ConfigCheckTest, RulesThatCouldRaiseTheSameAlert) {
  const std::string rules = WithSource(
      "alerting:\n"
      "  rules:\n"
      "  - {alert: A, metric: band_share, above: 1, guardrail: pii}\n");
  ExpectErrors(rules, {
                          {"  - {alert: A, metric: band_share, above: 2}",
                           "8:5: error: alerting.rules[1]: a rule before can raise the same alert "
                           "'A' (alert, severity, "
                           "metric, window or what they apply to must differ)"},
                      });
  EXPECT_THAT(
      ErrorLines(rules + "  - {alert: A, metric: band_share, above: 2, severity: ticket}\n"
                         "  - {alert: A, metric: band_share, above: 2, guardrail: toxicity}\n"
                         "  - {alert: A, metric: band_share, above: 2, per_cohort: lang}\n"
                         "  - {alert: A, metric: band_share, above: 2, window: 1h}\n"),
      IsEmpty());
}

TEST(ConfigCheckTest, Receivers) {
  ExpectErrors(
      WithSource("alerting:\n  receivers:\n"),
      {
          {"  - {}",
           "7:5: error: alerting.receivers[0]: expected exactly one of 'alertmanager' and 'log'"},
          {"  - {log: {}, alertmanager: {urls: ['http://a']}}",
           "7:5: error: alerting.receivers[0]: expected exactly one of 'alertmanager' and 'log'"},
          {"  - log: {level: info}",
           "7:11: error: unknown key 'level' in alerting.receivers[0].log"},
          {"  - alertmanager: {}",
           "7:19: error: missing key 'urls' in alerting.receivers[0].alertmanager"},
          {"  - alertmanager: {urls: []}",
           "7:26: error: alerting.receivers[0].alertmanager.urls: expected "
           "at least one URL, got an empty list"},
          {"  - alertmanager: {urls: ['localhost:9093']}",
           "7:27: error: alerting.receivers[0].alertmanager.urls[0]: expected an http:// or "
           "https:// URL, "
           "got 'localhost:9093'"},
          {"  - alertmanager: {urls: ['http://:9093']}",
           "7:27: error: alerting.receivers[0].alertmanager.urls[0]: expected a URL of the form "
           "http://HOST:PORT/PATH, got 'http://:9093'"},
          {"  - alertmanager: {urls: ['http://me:secret@a']}",
           "7:27: error: alerting.receivers[0].alertmanager.urls[0]: a URL must not hold "
           "credentials (use "
           "basic_auth with a password_file)"},
          {"  - alertmanager: {urls: ['http://a', 'http://a/']}",
           "7:39: error: alerting.receivers[0].alertmanager.urls[1]: 'http://a' is listed twice"},
          {"  - alertmanager: {urls: ['http://a'], ends_after: 30s}",
           "7:19: error: alerting.receivers[0].alertmanager: 'ends_after' must be longer than "
           "'resend_interval' (a firing alert would end between two notifications)"},
          {"  - alertmanager: {urls: ['http://a'], basic_auth: {username: u}}",
           "7:52: error: missing key 'password_file' in "
           "alerting.receivers[0].alertmanager.basic_auth"},
          {"  - alertmanager: {urls: ['http://a'], bearer_token_file: t, basic_auth: {username: u, "
           "password_file: p}}",
           "7:19: error: alerting.receivers[0].alertmanager: expected at most one of 'basic_auth' "
           "and "
           "'bearer_token_file'"},
          {"  - alertmanager: {urls: ['http://a'], tls: {cert_file: c}}",
           "7:45: error: alerting.receivers[0].alertmanager.tls: 'cert_file' and 'key_file' go "
           "together"},
          {"  - {name: x, log: {}}\n  - {name: x, log: {}}",
           "8:5: error: alerting.receivers[1]: a receiver named 'x' comes before"},
      });
}

TEST(ConfigCheckTest, TheRest) {
  ExpectErrors(
      WithSource(""),
      {
          {"alerting: {false_alarms_per_30d: 0}",
           "5:34: error: alerting.false_alarms_per_30d: expected a number above 0 and up to 1e+06, "
           "got '0'"},
          {"web: {listen_address: 9464}",
           "5:23: error: web.listen_address: expected HOST:PORT, got '9464' "
           "(as in localhost:9092 or [::1]:9092)"},
          {"limits: {max_series: 0}",
           "5:22: error: limits.max_series: expected a whole number from 1 to 1000000000, got '0'"},
          {"log: {level: warn}",
           "5:14: error: log.level: expected trace, debug, info, warning or error, "
           "got 'warn'"},
          {"log: loud", "5:6: error: log: expected a map, got 'loud'"},
          {"workers: 65", "5:10: error: workers: expected a whole number from 0 to 64, got '65'"},
          {"colour: red", "5:1: error: unknown key 'colour' at the top level"},
      });
}

}  // namespace
}  // namespace guardwatch
