"""Each made-up incident raises the one alert that it should, and a calm stream none: in recordings, and from
Kafka through the daemon to a real Alertmanager."""

import json
import pathlib
import sys
import tempfile
import time
import unittest

from daemon import Daemon, run, source
import servers

SEED = 7
DENSITY = 5       # Scored events per second of event time, over all guardrails.
LEARN = "8h"
CHANGE = 12       # Hours after the start.
LENGTH = 20


def config(kafka=None, learn=LEARN, **alerting):
    return {"sources": [source(kafka, label_horizon="1h", label_lateness="30m")], "defaults": {"windows": ["5m", "1h"]},
            "alerting": {"false_alarms_per_30d": 1, "drift": {"learn": learn}, **alerting}}


class DriftTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        print(f"seed {SEED}", flush=True)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-drift-")))

    def generate(self, scenario, hours, change, *to):
        done = run(self.guardwatchctl, "generate", "--scenario", scenario, "--events", hours * 3600 * DENSITY,
                   "--seed", SEED, "--partitions", 2, "--label-partitions", 2, "--density", DENSITY,
                   "--change-at", f"{change}h", "--label-delay", "5m", "--label-lateness", "30m", *to)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout.split()[0])

    def alerts(self, scenario, hours=LENGTH, change=CHANGE, learn=LEARN):
        """What the configuration would have raised on a recording of the scenario."""
        logs = self.folder / scenario
        self.generate(scenario, hours, change, "--to-dir", logs)
        path = self.folder / "guardwatch.yaml"
        path.write_text(json.dumps(config(learn=learn)))
        done = run(self.guardwatchctl, "replay", "--config", path, "--dry-run", "--output", "json",
                   *sorted(logs.glob("*.ndjson")), timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["would_have_paged"], sum(a["times"] for a in answer["alerts"]))
        return answer["alerts"]

    def one(self, scenario, guardrail, category):
        alerts = self.alerts(scenario)
        self.assertEqual([(a["labels"]["guardrail"], a["labels"]["category"], a["times"]) for a in alerts],
                         [(guardrail, category, 1)], [a["annotations"]["summary"] for a in alerts])
        self.assertEqual(alerts[0]["labels"]["alertname"], "GuardrailDrift")
        # The generator's streams begin with the year; an alarm before the change would be false.
        self.assertGreaterEqual(alerts[0]["firing_since"], f"2026-01-01T{CHANGE}:00:00Z")
        return alerts[0]["annotations"]

    def test_a_calm_day_and_a_half_raises_nothing_once_everything_is_armed(self):
        self.assertEqual(self.alerts("calm", hours=36), [])

    def test_a_regression_of_one_cohort_names_the_cohort(self):
        says = self.one("cohort-regression", "prompt-injection", "jailbreak")
        self.assertIn("lang=de", says["summary"])
        self.assertIn("Likely cause: traffic with lang=de", says["description"])

    def test_a_widening_band_is_about_the_whole_traffic(self):
        says = self.one("band-widening", "prompt-injection", "jailbreak")
        self.assertIn("scores moved", says["description"])

    def test_a_shift_of_scores_is_found(self):
        says = self.one("score-shift", "pii", "")
        self.assertIn("score_distribution", says["description"] + says["evidence"] + says["summary"])

    def test_over_confidence_is_found_although_the_fail_rate_stands_still(self):
        says = self.one("calibration-drift", "toxicity", "hate")
        self.assertIn("how scores are distributed has changed", says["summary"])

    def test_labels_that_stop_are_told_from_a_guardrail_that_drifts(self):
        alerts = self.alerts("label-outage")
        self.assertGreater(len(alerts), 0)
        for alert in alerts:
            self.assertIn("Likely cause: labels stopped or are late", alert["annotations"]["description"])

    def test_drift_reaches_the_alertmanager_as_one_page(self):
        kafka = self.enterContext(servers.KafkaBroker())
        alertmanager = self.enterContext(servers.Alertmanager())
        receiver = {"alertmanager": {"urls": [alertmanager.url], "resend_interval": "2s"}}
        settings = config(kafka.address, learn="4h", receivers=[receiver])
        settings["storage"] = {"path": str(self.folder / "state"), "checkpoint_interval": "1s"}
        start = int(time.time()) // 600 * 600 - 10 * 3600
        records = self.generate("band-widening", 9, 6, "--to-kafka", kafka.address, "--start",
                                time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start)))
        daemon = self.enterContext(Daemon(self.guardwatchd, settings))
        servers.wait_until(lambda: daemon.records_read() >= records, 120, "every record read", interval=0.2)
        servers.wait_until(alertmanager.alerts, 60, "the alert in Alertmanager", interval=0.2)
        self.assertEqual([a["labels"] for a in alertmanager.alerts()], [{
            "alertname": "GuardrailDrift", "severity": "page", "source": "gateway", "guardrail": "prompt-injection",
            "category": "jailbreak", "variant": "live"}])
        states = {b["state"] for b in daemon.api("baselines", guardrail="prompt-injection")["baselines"]}
        self.assertIn("armed", states)
        self.assertIn("30 days", daemon.status()["drift"]["budget"])


if __name__ == "__main__":
    DriftTest.guardwatchd, DriftTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
