"""guardwatchctl baseline and explain: baselines that come back to the bit, and alerts that come out of their input."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SEED = 7
CONFIG = {
    "sources": [{"name": "gateway", "cohorts": ["lang"], "label_horizon": "1h", "label_lateness": "30m",
                 "kafka": {"brokers": ["localhost:1"], "topics": [
                     "guardrail.events", {"name": "guardrail.labels", "carries": ["labels"]}]}}],
    "defaults": {"windows": ["5m", "1h"]},
    "alerting": {"drift": {"learn": "4h"}},
}


class DriftCommandsTest(unittest.TestCase):
    guardwatchctl = None

    @classmethod
    def setUpClass(cls):
        print(f"seed {SEED}", flush=True)
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="guardwatch-drift-")))
        done = cls.ctl("generate", "--scenario", "band-widening", "--events", 7 * 3600 * 5, "--seed", SEED,
                       "--partitions", 2, "--label-partitions", 2, "--density", 5, "--change-at", "6h",
                       "--label-delay", "5m", "--label-lateness", "30m", "--to-dir", cls.folder / "logs")
        assert done.returncode == 0, done.stderr
        cls.logs = sorted((cls.folder / "logs").glob("*.ndjson"))
        cls.config = cls.folder / "guardwatch.yaml"
        cls.config.write_text(json.dumps(CONFIG))

    @classmethod
    def ctl(cls, *arguments, stdin=None):
        return subprocess.run([cls.guardwatchctl, *map(str, arguments)], input=stdin, text=True, capture_output=True,
                              timeout=300)

    def baselines(self, config, *flags):
        done = self.ctl("baseline", "--config", config, *flags, *self.logs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def with_baseline(self, file):
        path = self.folder / "with-baseline.yaml"
        path.write_text(json.dumps({**CONFIG, "alerting": {"drift": {"learn": "4h", "baseline_file": file}}}))
        return path

    def dry_run(self, config):
        done = self.ctl("replay", "--config", config, "--dry-run", "--output", "json", *self.logs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_baseline_from_a_file_arms_what_would_have_to_learn(self):
        written = self.baselines(self.config)
        (self.folder / "baselines.json").write_text(written)
        learned = json.loads(written)
        self.assertGreater(len(learned["model_versions"]), 1)
        self.assertIn("log_loss", max(learned["model_versions"], key=len))
        long = json.loads(self.config.read_text())
        long["alerting"]["drift"]["learn"] = "100h"  # Longer than the recording.
        (self.folder / "long.yaml").write_text(json.dumps(long))
        self.assertEqual(self.dry_run(self.folder / "long.yaml")["detectors"]["armed"], 0)
        long["alerting"]["drift"]["baseline_file"] = "baselines.json"
        (self.folder / "long.yaml").write_text(json.dumps(long))
        detectors = self.dry_run(self.folder / "long.yaml")["detectors"]
        others = ("score_distribution", "calibration", "log_loss", "brier", "roc_auc")
        given = sum(len(one["rates"]) + sum(name in one for name in others) for one in learned["model_versions"])
        self.assertEqual(detectors["armed"] + detectors["not_monitorable"], given)
        self.assertGreater(detectors["armed"], 0)

    def test_what_is_to_be_written_is_learned_whatever_the_file_holds_now(self):
        learned = json.loads(self.baselines(self.config))["model_versions"]
        absent = self.with_baseline("not-written-yet.json")
        self.assertEqual(json.loads(self.baselines(absent))["model_versions"], learned)
        period = ["--from", "2026-01-01T01:00:00Z", "--to", "2026-01-01T03:00:00Z"]
        (self.folder / "old.json").write_text(self.baselines(self.config, *period))
        self.assertEqual(json.loads(self.baselines(self.with_baseline("old.json")))["model_versions"], learned)

    def test_a_period_is_what_is_learned_from(self):
        period = ["--from", "2026-01-01T01:00:00Z", "--to", "2026-01-01T05:00:00Z"]
        sets = json.loads(self.baselines(self.config, *period))["model_versions"]
        rates = [s["rates"]["fail_rate"] for s in sets if "fail_rate" in s["rates"]]
        self.assertGreater(len(rates), 0)
        for rate in rates:
            self.assertGreaterEqual(rate["from"], "2026-01-01T01:00:00Z")
            self.assertLessEqual(rate["panes"], 4 * 360)

    def test_a_file_that_does_not_fit_is_refused_with_its_place(self):
        text = self.baselines(self.config).replace('"guardrail":"toxicity"', '"guardrial":"toxicity"')
        (self.folder / "wrong.json").write_text(text)
        done = self.ctl("check-config", self.with_baseline("wrong.json"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("wrong.json:1:", done.stdout + done.stderr)
        self.assertIn("did you mean 'guardrail'?", done.stdout + done.stderr)

    def test_an_alert_comes_out_of_its_input_with_the_same_evidence(self):
        done = self.ctl("replay", "--config", self.config, "--dry-run", "--output", "json", *self.logs)
        alerts = json.loads(done.stdout)["alerts"]
        self.assertGreater(len(alerts), 0)
        for alert in alerts:
            done = self.ctl("explain", alert["id"], "--config", self.config, "--alerts", "-", "--output", "json",
                            *self.logs, stdin=json.dumps({"alerts": alerts}))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            answer = json.loads(done.stdout)
            self.assertTrue(answer["reproduced"])
            self.assertEqual(len(answer["findings"]), len(alert["drift"]))
            for finding in answer["findings"]:
                self.assertEqual(finding["evidence"], finding["replayed_evidence"])
            for finding in alert["drift"]:
                self.assertGreater(len(finding["input"]["logs"]), 0)
        text = self.ctl("explain", alert["id"], "--config", self.config, "--alerts", "-", *self.logs,
                        stdin=json.dumps({"alerts": alerts})).stdout
        self.assertIn("the same to the bit", text)

    def test_alarms_do_not_depend_on_how_the_work_is_divided(self):
        runs = []
        for workers in (1, 2):
            done = self.ctl("replay", "--config", self.config, "--dry-run", "--output", "json", "--workers", workers,
                            *self.logs)
            self.assertEqual(done.returncode, 0, done.stderr)
            runs.append(json.loads(done.stdout))
        self.assertGreater(len(runs[0]["alerts"]), 0)
        self.assertEqual(runs[0], runs[1])

    def test_other_input_does_not_pass_for_the_same(self):
        done = self.ctl("replay", "--config", self.config, "--dry-run", "--output", "json", *self.logs)
        alerts = json.loads(done.stdout)["alerts"]
        alerts[0]["drift"][0]["evidence"] += 1
        done = self.ctl("explain", alerts[0]["id"], "--config", self.config, "--alerts", "-", *self.logs,
                        stdin=json.dumps({"alerts": alerts}))
        self.assertEqual(done.returncode, 3)
        self.assertIn("not the same", done.stdout)

    def test_an_alert_that_is_not_there_is_said_to_be_so(self):
        done = self.ctl("explain", "0" * 16, "--config", self.config, "--alerts", "-", *self.logs,
                        stdin='{"alerts":[{"id":"1234567890abcdef"}]}')
        self.assertEqual(done.returncode, 3)
        self.assertIn("there is no alert 0000000000000000; it has 1234567890abcdef", done.stderr)


if __name__ == "__main__":
    DriftCommandsTest.guardwatchctl = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
