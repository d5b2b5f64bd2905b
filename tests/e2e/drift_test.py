"""Each made-up incident raises the one alert that it should, and a calm fleet none: in recordings, and from Kafka
through the daemon to a real Prometheus and a real Alertmanager. What a page says of each is kept as a golden file."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

from daemon import ROOT, Daemon, run, source
import fleet
import servers

SEED = 7
DENSITY = 5       # Scored events per second of event time, over all guardrails.
LEARN = "8h"
CHANGE = 12       # Hours after the start.
LENGTH = 20
GOLDEN = ROOT / "tests" / "golden" / "pages"

# What each scenario is about, and what its page must say somewhere.
EXPECTED = {
    "cohort-regression": ("prompt-injection", "jailbreak", ["for lang=de", "Likely cause: traffic with lang=de"]),
    "band-widening": ("prompt-injection", "jailbreak", ["scores near the threshold", "scores moved"]),
    "score-shift": ("pii", "", ["the distribution of scores has changed"]),
    "calibration-drift": ("toxicity", "hate", ["the distribution of scores has changed"]),
    "threshold-moved": ("prompt-injection", "jailbreak",
                        ["flagged requests", "the threshold was moved, from 0.8 to 0.65", "restore the threshold 0.8"]),
}
# What the servers are told of all at once: hours, when the change comes, and events per second of event time. A cohort
# needs more traffic to be named; a threshold that moves changes a sixth of few decisions, which takes hours more; labels
# are missed once they should have come.
LIVE = {scenario: (6, 5, 2) for scenario in EXPECTED} | {
    "cohort-regression": (6, 5, DENSITY), "threshold-moved": (20, 12, DENSITY), "label-outage": (12, 7, DENSITY)}
PROMETHEUS = """global: {{scrape_interval: 5s}}
scrape_configs:
  - job_name: guardwatch
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def config(sources, learn=LEARN, budget=1, **alerting):
    return {"sources": sources, "defaults": {"windows": ["5m", "1h"]},
            "alerting": {"false_alarms_per_30d": budget, "drift": {"learn": learn}, **alerting}}


def recorded(**more):
    return source(label_horizon="1h", label_lateness="30m") | more


def without_places(alerts):
    """Alerts but for the offsets of their input, which are those of the partitions."""
    for alert in alerts:
        said = alert["annotations"]
        said["evidence"] = said["evidence"].partition("; the input stands in")[0]
        for finding in alert["drift"]:
            finding["input"].pop("logs", None)
    return alerts


def without_numbers(summary):
    return re.sub(r"[\d.]+ %|[\d:]+ UTC", "#", summary)


def golden(name, actual):
    """Holds a page against tests/golden/pages; UPDATE_GOLDEN=1 writes it anew instead."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(actual, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return json.loads(path.read_text())


class DriftTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None
    maxDiff = None

    def setUp(self):
        print(f"seed {SEED}", flush=True)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-drift-")))

    def generate(self, scenario, hours, change, *to, partitions=2, density=DENSITY):
        done = run(self.guardwatchctl, "generate", "--scenario", scenario, "--events", hours * 3600 * density,
                   "--seed", SEED, "--partitions", partitions, "--label-partitions", partitions, "--density", density,
                   "--change-at", f"{change}h", "--label-delay", "5m", "--label-lateness", "30m", *to)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout.split()[0])

    def dry_run(self, settings, logs, *flags):
        path = self.folder / "guardwatch.yaml"
        path.write_text(json.dumps(settings))
        done = run(self.guardwatchctl, "replay", "--config", path, "--dry-run", "--output", "json", *flags,
                   *sorted(logs.glob("*.ndjson")), timeout=400)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["would_have_paged"], sum(a["times"] for a in answer["alerts"]))
        self.detectors = answer["detectors"]
        return answer["alerts"]

    def alerts(self, scenario):
        """What the configuration would have raised on a recording of the scenario."""
        logs = self.folder / scenario
        self.generate(scenario, LENGTH, CHANGE, "--to-dir", logs)
        return self.dry_run(config([recorded()]), logs)

    def one(self, scenario):
        guardrail, category, says = EXPECTED[scenario]
        alerts = self.alerts(scenario)
        self.assertEqual([(a["labels"]["guardrail"], a["labels"]["category"], a["times"]) for a in alerts],
                         [(guardrail, category, 1)], [a["annotations"]["summary"] for a in alerts])
        alert = alerts[0]
        self.assertEqual(alert["labels"]["alertname"], "GuardrailDrift")
        # The generator's streams begin with the year; an alarm before the change would be false.
        self.assertGreaterEqual(alert["firing_since"], f"2026-01-01T{CHANGE}:00:00Z")
        for words in says:
            self.assertIn(words, " ".join(alert["annotations"].values()))
        page = {"labels": alert["labels"], "annotations": alert["annotations"], "startsAt": alert["firing_since"]}
        self.assertEqual(page, golden(scenario, page))

    def test_a_regression_of_one_cohort_names_the_cohort(self):
        self.one("cohort-regression")

    def test_a_widening_band_is_about_the_whole_traffic(self):
        self.one("band-widening")

    def test_a_shift_of_scores_is_found(self):
        self.one("score-shift")

    def test_over_confidence_is_found_although_the_fail_rate_stands_still(self):
        self.one("calibration-drift")

    def test_a_threshold_that_was_moved_is_named(self):
        self.one("threshold-moved")

    def test_labels_that_stop_are_one_page_of_the_source(self):
        alerts = self.alerts("label-outage")
        self.assertEqual([(a["labels"]["alertname"], a["times"]) for a in alerts], [("LabelsMissing", 1)])
        alert = alerts[0]
        self.assertIn("Likely cause: labels stopped or are late", alert["annotations"]["description"])
        page = {"labels": alert["labels"], "annotations": alert["annotations"], "startsAt": alert["firing_since"]}
        self.assertEqual(page, golden("label-outage", page))

    def test_the_same_events_in_other_partitions_raise_the_same_alerts(self):
        logs = self.folder / "one"
        self.generate("band-widening", 8, 6, "--clean", "--to-dir", logs, partitions=1)
        settings = config([recorded()], learn="4h")
        alerts = self.dry_run(settings, logs)
        self.assertEqual(len(alerts), 1)
        dealt = self.folder / "five"
        dealt.mkdir()
        for topic, partitions in (("guardrail.events", 5), ("guardrail.labels", 3)):
            records = (logs / f"{topic}-0.ndjson").read_text().splitlines(True)
            for partition in range(partitions):
                (dealt / f"{topic}-{partition}.ndjson").write_text("".join(records[partition::partitions]))
        for workers in (1, 2, 4):
            self.assertEqual(without_places(self.dry_run(settings, dealt, "--workers", workers)),
                             without_places(alerts), workers)

    def test_a_calm_fleet_raises_nothing_in_a_day_with_its_detectors_armed(self):
        logs = self.folder / "fleet"
        # Everything that rests on labels has learned within a day, of panes of 10 min, which the longest window makes.
        fleet.write(logs, SEED, hours=48, labelled=1)
        settings = config([recorded(cohorts=["lang"])], learn="4h")
        settings["defaults"]["windows"].append("24h")
        self.assertEqual(self.dry_run(settings, logs), [])
        # Silence counts for those that could have spoken. The others are too rare here for a change that shows in a day.
        self.assertEqual(self.detectors["learning"], 0)
        self.assertGreaterEqual(self.detectors["armed"], 10 * fleet.GUARDRAILS)
        self.assertLess(self.detectors["not_monitorable"], 4 * fleet.GUARDRAILS)

    def test_every_incident_reaches_prometheus_and_the_alertmanager_as_one_page(self):
        kafka = self.enterContext(servers.KafkaBroker())
        alertmanager = self.enterContext(servers.Alertmanager())
        sources, records = [], 0
        for scenario, (hours, change, density) in LIVE.items():
            start = time.gmtime(int(time.time()) // 600 * 600 - (hours + 1) * 3600)
            self.generate(scenario, hours, change, "--to-dir", self.folder / scenario,
                          "--start", time.strftime("%Y-%m-%dT%H:%M:%SZ", start), density=density)
            sources.append(self.topics_of(kafka, scenario))
            records += self.produce(kafka, scenario)
        fleet.write(self.folder / "calm", SEED, hours=38)
        sources.append(self.topics_of(kafka, "calm") | {"cohorts": ["lang"]})
        records += self.produce(kafka, "calm")
        receiver = {"alertmanager": {"urls": [alertmanager.url], "resend_interval": "2s"}}
        settings = config(sources, learn="4h", budget=len(LIVE), receivers=[receiver])
        daemon = self.enterContext(Daemon(self.guardwatchd, settings))
        prometheus = self.enterContext(servers.Prometheus(PROMETHEUS.format(port=daemon.port)))
        servers.wait_until(lambda: self.records_read(daemon) >= records, 300, "every record read", interval=0.5)
        self.check(daemon, alertmanager, prometheus)

    @staticmethod
    def topics_of(kafka, scenario):
        topics = [f"{scenario}.events", {"name": f"{scenario}.labels", "carries": ["labels"]}]
        # Labels are missed by a watermark that waits no longer for a silent log.
        return recorded(name=scenario, idle_timeout="15s",
                        kafka={"brokers": [kafka.address], "topics": topics, "start": "earliest"})

    def produce(self, kafka, scenario):
        """Appends a recording to topics of the scenario's own; returns the number of records."""
        for kind in ("events", "labels"):
            kafka.create_topic(f"{scenario}.{kind}", 2)
        records = 0
        for path in sorted((self.folder / scenario).glob("*.ndjson")):
            topic, _, partition = path.stem.rpartition("-")
            with open(path, "rb") as lines:
                subprocess.run(["kcat", "-P", "-b", kafka.address, "-p", partition, "-t",
                                topic.replace("guardrail", scenario)], stdin=lines, check=True, timeout=120)
            records += sum(1 for line in path.read_bytes().split(b"\n") if line)  # kcat passes over empty ones.
        return records

    @staticmethod
    def records_read(daemon):
        try:
            sources = daemon.status()["sources"]
        except OSError:
            return 0  # No answer in time while the daemon catches up on a busy machine.
        return sum(max(0, log["next_offset"]) for one in sources for log in one["logs"])

    def check(self, daemon, alertmanager, prometheus):
        wanted = sorted([(scenario, "GuardrailDrift", *EXPECTED[scenario][:2]) for scenario in EXPECTED] +
                        [("label-outage", "LabelsMissing", "", "")])

        def told(labels):
            return sorted((one["source"], one["alertname"], one.get("guardrail", ""), one.get("category", ""))
                          for one in labels)

        def in_alertmanager():
            return told(a["labels"] for a in alertmanager.alerts())

        servers.wait_until(lambda: len(in_alertmanager()) >= len(wanted), 120, "alerts in Alertmanager", interval=0.5)
        self.assertEqual(in_alertmanager(), wanted)
        for alert in alertmanager.alerts():
            said = json.loads((GOLDEN / f"{alert['labels']['source']}.json").read_text())
            self.assertEqual(alert["labels"] | {"source": "gateway"},
                             {name: value for name, value in said["labels"].items() if value})
            self.assertEqual(without_numbers(alert["annotations"]["summary"]).replace("label-outage:", "gateway:"),
                             without_numbers(said["annotations"]["summary"]))
        firing = "guardwatch_alert_active == 1"
        servers.wait_until(lambda: len(prometheus.query(firing)) >= len(wanted), 60, "alerts in Prometheus")
        self.assertEqual(told(row["metric"] for row in prometheus.query(firing)), wanted)
        drift = daemon.status()["drift"]
        self.assertGreaterEqual(drift["armed"], 7 * fleet.GUARDRAILS)  # The calm fleet could have spoken.
        self.assertIn("30 days", drift["budget"])


if __name__ == "__main__":
    DriftTest.guardwatchd, DriftTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
