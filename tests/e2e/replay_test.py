"""guardwatchctl generate and replay, against the independent oracle."""

import json
import pathlib
import random
import sys
import tempfile
import unittest

from daemon import run, source

import compare
import oracle

SEED = 20262


def write_class_vectors(folder, rng):
    """Requests with class scores over half an hour in three partitions; most are labelled before or after,
    some again and again, some labels are taken back, and some are of a class that no vector has."""
    classes, start = ["hate", "safe", "self-harm", "sp\u00e4m"], 1767225600
    logs = {f"{topic}-{p}": [] for topic in ("guardrail.events", "guardrail.labels") for p in range(3)}
    for i in range(6000):
        request, at, partition = f"r{i}", start + rng.random() * 1800, i % 3
        true = rng.choice(classes)
        scores = {name: rng.random() * (3 if name == true else 1) / 4 for name in rng.sample(classes, 4)}
        fields = {"guardrail": "router", "request_id": request}
        logs[f"guardrail.events-{partition}"].append(
            fields | {"time": at, "class_scores": scores, "model_version": rng.choice(["m1", "m2"]),
                      "cohort": {"lang": rng.choice(["de", "en"])}})
        for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
            label = rng.choice([true, true, rng.choice(classes), "violence", None])
            logs[f"guardrail.labels-{rng.randrange(3)}"].append(
                fields | {"kind": "label", "time": at + rng.uniform(-60, 500), "label": label,
                          "label_revision": rng.randrange(2)})
    paths = []
    for name, events in logs.items():
        paths.append(folder / f"{name}.ndjson")
        paths[-1].write_text("".join(json.dumps(e) + "\n" for e in sorted(events, key=lambda e: e["time"])))
    return paths


class ReplayTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        print(f"seed {SEED}", flush=True)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-replay-")))

    def configure(self, **more):
        self.config = self.folder / "config.json"
        self.config.write_text(json.dumps({"sources": [source(**more.pop("source", {}))], **more}))

    def generate(self, scenario, events, *more):
        logs = self.folder / scenario
        done = run(self.guardwatchctl, "generate", "--scenario", scenario, "--events", events, "--seed", SEED,
                   "--to-dir", logs, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(logs.glob("*.ndjson"))

    def replay(self, paths, *more, output="json"):
        done = run(self.guardwatchctl, "replay", "--config", self.config, "--output", output, *more, *paths)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def check_against_oracle(self, paths, *more):
        expected, actual = self.folder / "expected", self.folder / "actual"
        actual.write_text(self.replay(paths, *more))
        done = run(sys.executable, oracle.__file__, "--config", self.config, "--output", expected, *more, *paths)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(compare.differences(compare.load(expected), compare.load(actual)))[:5], [])
        return [item for item in compare.load(actual) if item.get("window") == "1h"]

    def test_every_number_is_the_oracles_and_workers_change_none(self):
        self.configure(defaults={"windows": ["5m", "1h"]})
        paths = self.generate("cohort-regression", 60_000, "--label-partitions", 3, "--density", 20,
                              "--label-delay", "2m", "--label-lateness", "2m")
        windows = self.check_against_oracle(paths, "--panes")
        self.assertGreater(sum(w["counts"]["scored"] for w in windows if not w["slice"]), 50_000)
        one = sorted(self.replay(paths, "--panes", "--workers", 1).splitlines())
        for workers in (2, 4):
            # The last line counts outcomes, which may depend on the order of reading.
            many = sorted(self.replay(paths, "--panes", "--workers", workers).splitlines())
            self.assertEqual([line for line in many if "summary" not in line],
                             [line for line in one if "summary" not in line])

    def test_the_default_windows_and_horizon(self):
        self.configure(source={"label_horizon": "24h", "label_lateness": "6h"})
        windows = self.check_against_oracle(self.generate("calm", 20_000, "--density", 0.2))
        self.assertEqual({w["view"] for w in windows}, {"current", "matured"})

    def test_labels_that_stop(self):
        self.configure(defaults={"windows": ["10m", "1h"]})
        self.check_against_oracle(self.generate("label-outage", 20_000, "--density", 5, "--label-delay", "2m",
                                                "--label-lateness", "2m"))

    def test_windows_that_end_earlier(self):
        self.configure(defaults={"windows": ["5m", "1h"]})
        paths = self.generate("calm", 10_000, "--density", 5, "--label-delay", "2m", "--label-lateness", "2m")
        windows = self.check_against_oracle(paths, "--at", "2026-01-01T00:25:07Z")
        self.assertEqual({w["end"] for w in windows}, {"2026-01-01T00:25:00Z"})

    def test_table_and_page_show_the_same_counts(self):
        self.configure(defaults={"windows": ["1h"]})
        paths = self.generate("calm", 5_000, "--density", 5, "--clean")
        window = next(w for w in map(json.loads, self.replay(paths).splitlines())
                      if w.get("guardrail") == "pii" and not w["slice"])
        for output in ("table", "html"):
            shown = self.replay(paths, output=output)
            row = next(line for line in shown.splitlines() if "pii" in line and "1h current" in line)
            self.assertIn(str(window["counts"]["scored"]), row)

    def test_every_statistic_is_in_all_three_outputs(self):
        self.configure(defaults={"windows": ["1h"]})
        paths = self.generate("calm", 5_000, "--density", 5, "--clean")
        window = next(w for w in map(json.loads, self.replay(paths).splitlines())
                      if w.get("guardrail") == "pii" and not w["slice"])
        names = [*window["statistics"], *window["reference"]["statistics"]]
        self.assertGreater(len(names), 80)
        lines = {line.split()[0] for line in self.replay(paths, "--statistics", output="table").splitlines() if line.split()}
        page = self.replay(paths, output="html")
        self.assertEqual([name for name in names if name not in lines or f"<th>{name}<" not in page], [])

    def test_labels_of_class_vectors_count_by_true_and_predicted_class(self):
        self.configure(defaults={"windows": ["5m", "1h"]}, source={"label_horizon": "10m"})
        paths = write_class_vectors(self.folder, random.Random(SEED))
        windows = self.check_against_oracle(paths, "--panes")
        tops = [w for w in windows if w["category"] == "__top__" and not w["slice"] and w["view"] == "matured"]
        self.assertEqual({w["model_version"] for w in tops}, {"m1", "m2"})
        for window in tops:
            matrix = window["confusion_matrix"]
            self.assertEqual(matrix["classes"], ["hate", "safe", "self-harm", "sp\u00e4m", "violence"])
            total = sum(map(sum, matrix["counts"]))
            right = sum(matrix["counts"][i][i] for i in range(5))
            self.assertGreater(total, 1000)
            self.assertEqual((total, right), (window["labels"]["labeled"], window["labels"]["positive"]))
            self.assertEqual(matrix["accuracy"]["value"], right / total)
        row = "".join(f"<td>{n}" for n in tops[0]["confusion_matrix"]["counts"][0])
        self.assertTrue(f"<tr><th>hate{row}</tr>" in self.replay(paths, output="html"), row)
        self.assertFalse(any("confusion_matrix" in w for w in windows if w["category"] != "__top__" or w["slice"]))

    def test_a_file_of_an_unknown_topic_is_refused_by_name(self):
        self.configure()
        path = self.folder / "other-0.ndjson"
        path.write_text("{}\n")
        done = run(self.guardwatchctl, "replay", "--config", self.config, path)
        self.assertEqual(done.returncode, 3)
        self.assertIn("other-0.ndjson", done.stderr)

    def test_bad_lines_are_counted_and_no_failure(self):
        self.configure()
        path = self.folder / "guardrail.events-0.ndjson"
        path.write_text('nonsense\n\n{"guardrail":"g","time":1767225600,"score":2}\n')
        summary = json.loads(self.replay([path]).splitlines()[-1])["summary"]
        self.assertEqual({reason: n for reason, n in summary["rejected"].items() if n},
                         {"malformed_json": 1, "tombstone": 1, "score_out_of_range": 1})


if __name__ == "__main__":
    ReplayTest.guardwatchd, ReplayTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
