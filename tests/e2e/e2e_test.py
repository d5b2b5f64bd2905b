"""Events through a real Kafka broker into the daemon, scraped by a real Prometheus, alerting a real
Alertmanager; every integer is compared with the independent oracle."""

import datetime
import json
import pathlib
import sys
import tempfile
import time
import unittest

from daemon import Daemon, run, source
import servers

import compare
import oracle

SEED = 20261
PARTITIONS, LABEL_PARTITIONS = 4, 3
REGRESSION_EVENTS, CALM_EVENTS, DENSITY = 150_000, 60_000, 40
RULE = {"alert": "CohortFailRateHigh", "metric": "fail_rate", "guardrail": "prompt-injection", "per_cohort": "lang",
        "window": "5m", "above": 0.25, "for": "2m", "min_events": 100, "severity": "page"}
PROMETHEUS = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - {{job_name: guardwatch, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}
"""
METRICS = {"scored_events": ("counts", "scored"), "decided_events": ("counts", "decided"),
           "flagged_events": ("counts", "flagged"), "in_band_events": ("counts", "in_band"),
           "with_threshold_events": ("counts", "with_threshold"), "error_events": ("counts", "errors")}
LABEL_METRICS = {"labeled_events": "labeled", "positive_events": "positive"}
RATIOS = {"guardwatch_band_share_ratio": ("in_band", "with_threshold"),
          "guardwatch_fail_rate_ratio": ("flagged", "decided")}


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class EndToEndTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        print(f"seed {SEED}", flush=True)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-e2e-")))
        self.kafka = self.enterContext(servers.KafkaBroker())
        self.alertmanager = self.enterContext(servers.Alertmanager())
        self.start = int(time.time()) // 600 * 600 - 6 * 3600
        self.records = 0

    def generate(self, scenario, events, start, seed, *more):
        done = run(self.guardwatchctl, "generate", "--scenario", scenario, "--events", events, "--seed", seed,
                   "--partitions", PARTITIONS, "--label-partitions", LABEL_PARTITIONS, "--density", DENSITY,
                   "--label-delay", "2m", "--label-lateness", "2m", "--start", rfc3339(start),
                   "--to-kafka", self.kafka.address, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.records += int(done.stdout.split()[0])
        return start + events // DENSITY

    def close_streams(self, end):
        """Lets every log say that time has passed, so that everything before is sealed and matured."""
        for partition in range(PARTITIONS):
            event = {"request_id": f"close-{partition}", "guardrail": "closing", "time": end, "score": 0.5}
            self.kafka.produce("guardrail.events", partition,
                               [(end * 1000, None, json.dumps(event).encode())])
        for partition in range(LABEL_PARTITIONS):
            label = {"kind": "label", "request_id": f"none-{partition}", "guardrail": "closing", "time": end,
                     "label": True}
            self.kafka.produce("guardrail.labels", partition, [(end * 1000, None, json.dumps(label).encode())])
        self.records += PARTITIONS + LABEL_PARTITIONS

    def wait_for(self, condition, what, timeout=90):
        servers.wait_until(condition, timeout, what, interval=0.2)

    def active(self):
        return [a for a in self.alertmanager.alerts() if a["labels"]["alertname"] == RULE["alert"]]

    def dump_logs(self):
        paths = []
        for topic in ("guardrail.events", "guardrail.labels"):
            files = {}
            for record in self.kafka.dump(topic):
                name = f"{topic}-{record['partition']}.records.ndjson"
                if name not in files:
                    paths.append(self.folder / name)
                    files[name] = open(paths[-1], "w", encoding="utf-8")
                files[name].write(json.dumps(record) + "\n")
            for file in files.values():
                file.close()
        return paths

    def expect(self, paths, at):
        """The oracle's windows that end at `at`, from its own command line."""
        output = self.folder / "expected.json"
        done = run(sys.executable, oracle.__file__, "--config", self.folder / "oracle.json", "--output", output,
                   "--at", at, *paths, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [item for item in compare.load(output) if "window" in item]

    def test_events_become_numbers_and_alerts(self):
        config = {"sources": [source(self.kafka.address, idle_timeout="1h")], "defaults": {"windows": ["5m", "1h"]},
                  "alerting": {"rules": [RULE], "receivers": [{"alertmanager": {"urls": [self.alertmanager.url],
                                                                                "resend_interval": "2s"}}]}}
        (self.folder / "oracle.json").write_text(json.dumps(config))

        # The regression, and its alert.
        calm_from = self.generate("cohort-regression", REGRESSION_EVENTS, self.start, SEED)
        daemon = self.enterContext(Daemon(self.guardwatchd, config))
        prometheus = self.enterContext(servers.Prometheus(PROMETHEUS.format(port=daemon.port)))
        self.wait_for(self.active, "the alert in Alertmanager")
        self.assertEqual([a["labels"] for a in self.active()], [{
            "alertname": "CohortFailRateHigh", "severity": "page", "source": "gateway",
            "guardrail": "prompt-injection", "category": "jailbreak", "variant": "live",
            "statistic": "fail_rate", "window": "5m", "dimension": "lang", "value": "de"}])
        self.assertIn("lang=de", self.active()[0]["annotations"]["description"])

        # Calm again, and the end of the alert.
        calm_to = self.generate("calm", CALM_EVENTS, calm_from, SEED + 1)
        end = calm_to // 600 * 600
        self.close_streams(calm_to + 40 * 60)
        self.wait_for(lambda: daemon.records_read() == self.records, "every record read")
        self.wait_for(lambda: not self.active(), "the alert to be resolved in Alertmanager")
        self.assertEqual([a["labels"]["value"] for a in daemon.alerts("resolved")], ["de"])
        self.wait_for(lambda: daemon.source()["matured_through"] >= rfc3339(end), "everything matured")
        self.assertGreaterEqual(daemon.accepted(), 200_000)

        # Every integer of every series, window and view.
        paths = self.dump_logs()
        actual = daemon.api("windows", at=rfc3339(end))["windows"]
        self.assertEqual({w["view"] for w in actual}, {"current", "matured"})
        self.assertEqual({w["end"] for w in actual}, {rfc3339(end)})
        found = list(compare.differences(self.expect(paths, rfc3339(end)), actual))
        self.assertEqual(found, [])
        self.assertGreater(sum(w["counts"]["scored"] for w in actual if w["window"] == "1h" and not w["slice"]), 50_000)

        self.check_prometheus(daemon, prometheus, paths)

    def check_prometheus(self, daemon, prometheus, paths):
        """What Prometheus has scraped of the newest windows is what the oracle counts."""
        ends = {w["view"]: w["end"] for w in daemon.api("windows", window="1h")["windows"]}
        checked = 0
        for view in ("current", "matured"):
            expected = [w for w in self.expect(paths, ends[view])
                        if w["window"] == "1h" and w["view"] == view and not w["slice"]]
            for window in expected:
                labels = {name: window[name] for name in ("source", "guardrail", "category", "model_version",
                                                          "variant", "window")}
                wanted = {f"guardwatch_window_{metric}": window["labels"][field]
                          for metric, field in LABEL_METRICS.items()}
                selector = {**labels, "view": view}
                if view == "current":
                    for metric, (group, field) in METRICS.items():
                        self.check_value(prometheus, f"guardwatch_window_{metric}", labels, window[group][field])
                    for metric, (part, whole) in RATIOS.items():
                        if window["counts"][whole]:
                            self.check_value(prometheus, metric, labels,
                                             window["counts"][part] / window["counts"][whole])
                for metric, value in wanted.items():
                    self.check_value(prometheus, metric, selector, value)
                checked += 1
        self.assertGreater(checked, 10)

    def check_value(self, prometheus, metric, labels, wanted):
        selector = ",".join(f'{name}="{value}"' for name, value in labels.items())
        expression = f"sum({metric}{{{selector}}})"

        def matches():
            result = prometheus.query(expression)
            value = float(result[0]["value"][1]) if result else 0.0
            return abs(value - wanted) <= 1e-12 * max(1.0, abs(wanted))

        self.wait_for(matches, f"{expression} = {wanted}", timeout=15)


if __name__ == "__main__":
    EndToEndTest.guardwatchd, EndToEndTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
