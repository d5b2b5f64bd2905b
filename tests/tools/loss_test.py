#!/usr/bin/env python3
"""`guardwatchctl loss` as a process: against what scikit-learn and SciPy say (data/make_fixtures.py), against
worked examples, and on input that is wrong. Usage: loss_test.py GUARDWATCHCTL"""

import csv
import io
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

DATA = pathlib.Path(__file__).parent / "data"
PROGRAM = ""
FLOAT64_EPS = "2.220446049250313e-16"  # What scikit-learn clips to.

# Twelve labelled scores whose statistics were worked out independently.
D12 = "".join(f"{y},{p}\n" for p, y in zip(
    [.02, .05, .10, .10, .30, .35, .45, .55, .60, .80, .90, .97], [0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1]))


def run(*arguments, text=""):
    return subprocess.run([PROGRAM, "loss", *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=30, check=False)


def loss(*arguments, text=""):
    """The figures, as JSON says them."""
    result = run("--output", "json", *arguments, text=text)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{arguments}: {result.returncode}, {result.stderr}")
    return json.loads(result.stdout)


class AgainstScikitLearn(unittest.TestCase):
    expected = json.loads((DATA / "expected.json").read_text())

    def check(self, name, *arguments):
        mean = loss(*arguments)
        total = loss("--reduction", "sum", *arguments)
        said = dict(mean, sum_loss=total["loss"])
        self.assertEqual(mean["loss"], mean["mean_loss"])
        self.assertEqual(mean["product_check"], "agree")
        for figure, value in self.expected[name].items():
            self.assertTrue(math.isclose(said[figure], value, rel_tol=1e-12),
                            f"{name}: {figure} {said[figure]}, expected {value}")

    def test_two_classes(self):
        self.check("binary", "--eps", FLOAT64_EPS, DATA / "binary.csv")

    def test_two_classes_with_weights(self):
        self.check("binary_weighted", "--eps", FLOAT64_EPS, "--class-weights", "1,7.5", DATA / "binary.csv")

    def test_two_classes_from_logits(self):
        self.check("binary_logits", DATA / "binary_logits.jsonl")
        self.check("binary_logits", "--from-logits", DATA / "binary_logits.jsonl")

    def test_four_classes(self):
        self.check("classes", DATA / "classes.csv")
        self.check("classes", DATA / "classes.jsonl")

    def test_four_classes_with_weights(self):
        self.check("classes_weighted", "--class-weights", "0.5,1,2,4", DATA / "classes.jsonl")

    def test_four_classes_from_logits(self):
        self.check("classes_logits", "--from-logits", DATA / "classes_logits.tsv")


class WorkedExamples(unittest.TestCase):
    def test_twelve_scores(self):
        said = loss(text=D12)
        self.assertAlmostEqual(said["loss"], .477809, 6)
        self.assertAlmostEqual(said["perplexity"], 1.612537, 6)
        self.assertAlmostEqual(said["likelihood"], .00323507, 8)
        self.assertTrue(math.isclose(said["likelihood"], said["likelihood_from_product"], rel_tol=1e-12))
        self.assertAlmostEqual(said["brier"], .154275, 6)
        self.assertAlmostEqual(said["brier_skill"], .3829, 4)
        self.assertAlmostEqual(said["normalized_entropy"], .689332, 6)
        self.assertEqual((said["rows"], said["classes"], said["unit"]), (12, 2, "nats"))

    def test_bits(self):
        nats, bits = loss(text=D12), loss("--base", "2", text=D12)
        self.assertAlmostEqual(bits["loss"], .689332, 6)
        self.assertEqual(bits["label_entropy"], 1)
        self.assertEqual(bits["perplexity"], nats["perplexity"])
        self.assertEqual(bits["likelihood"], nats["likelihood"])

    def test_label_smoothing(self):
        self.assertAlmostEqual(loss("--label-smoothing", ".1", text=D12)["loss"], .541835, 6)

    def test_logits(self):
        rows = '{"label":1,"logit":2}\n{"label":0,"logit":2}\n{"label":1,"logit":-800}\n{"label":0,"logit":800}\n'
        said = loss("--reduction", "none", text=rows)
        losses = [sample["loss"] for sample in said["samples"]]
        self.assertAlmostEqual(losses[0], .126928, 6)
        self.assertAlmostEqual(losses[1], 2.126928, 6)
        self.assertEqual(losses[2:], [800, 800])
        self.assertIsNone(said["loss"])
        self.assertEqual(said["product_check"], "not_comparable")

    def test_softmax(self):
        said = loss("--show-working", text='{"label":0,"logits":[2,-1,0.5]}\n')
        self.assertAlmostEqual(said["loss"], .241311, 6)
        self.assertAlmostEqual(said["brier"], .0782251, 7)
        for p, value in zip(said["samples"][0]["converted"], [.785597, .039113, .175290]):
            self.assertAlmostEqual(p, value, 6)

    def test_certainty_that_fails(self):
        self.assertAlmostEqual(loss(text="1,0\n")["loss"], 34.54, 2)
        self.assertAlmostEqual(loss("--eps", FLOAT64_EPS, text="1,0\n")["loss"], 36.04, 2)
        self.assertAlmostEqual(loss("--eps", 2.0 ** -31, text="0,1\n")["loss"], 21.49, 2)
        self.assertIsNone(loss("--eps", "0", text="1,0\n")["loss"])
        self.assertEqual(loss("--eps", "0", text="1,1\n")["loss"], 0)

    def test_one_class_has_no_skill(self):
        said = loss(text="1,0.9\n1,0.8\n")
        self.assertIsNone(said["brier_skill"])
        self.assertIsNone(said["normalized_entropy"])
        self.assertEqual(said["label_entropy"], 0)

    def test_beyond_fifty_rows_the_product_is_compared_by_its_logarithm(self):
        said = loss(text=D12 * 100)
        self.assertNotIn("likelihood", said)
        self.assertTrue(math.isclose(said["log_likelihood"], said["log_likelihood_from_product"], rel_tol=1e-12))
        self.assertEqual(said["product_check"], "agree")


class Output(unittest.TestCase):
    def test_table_and_csv_say_the_same_as_json(self):
        said = loss(text=D12)
        table = {line.split()[0]: line.split()[1] for line in run(text=D12).stdout.splitlines()}
        rows = dict(csv.reader(io.StringIO(run("--output", "csv", text=D12).stdout)))
        for name in ("loss", "perplexity", "brier", "kl_divergence", "likelihood"):
            self.assertEqual(float(rows[name]), said[name])
            self.assertTrue(math.isclose(float(table[name]), said[name], rel_tol=1e-8))

    def test_working_shows_every_step(self):
        result = run("--show-working", "--output", "csv", "--class-weights", "1,3", text="1,0\n0,0.25\n")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([row["line"] for row in rows], ["1", "2"])
        self.assertEqual((rows[0]["input"], rows[0]["converted"], rows[0]["clipped"]), ("0", "0", "1e-15"))
        self.assertEqual([float(row["weight"]) for row in rows], [3, 1])
        self.assertAlmostEqual(float(rows[1]["loss"]), math.log(4 / 3), 15)

    def test_rows_know_their_line(self):
        said = loss("--reduction", "none", text="label,p\n\n1,0.5\n\n0,0.5\n")
        self.assertEqual([sample["line"] for sample in said["samples"]], [3, 5])

    def test_help_teaches(self):
        text = run("--help").stdout
        for word in ("Examples:", "--from-logits", "KL(base rate || mean prediction)", "Exit code"):
            self.assertIn(word, text)


class Input(unittest.TestCase):
    def test_a_file_is_read_as_standard_input_is(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("\ufeff" + D12.replace("\n", "\r\n"))
            file.flush()
            self.assertEqual(loss(file.name), loss(text=D12))
        self.assertEqual(loss("-", text=D12), loss(text=D12))

    def test_the_label_column_is_found_by_name(self):
        self.assertEqual(loss(text="p,label\n0.9,1\n0.2,0\n"), loss(text="1,0.9\n0,0.2\n"))

    def test_weights_come_before_the_file(self):
        self.assertEqual(loss("--class-weights", "1,2", DATA / "binary.csv")["rows"], 40)

    def refused(self, text, *errors, arguments=()):
        result = run(*arguments, text=text)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), len(errors), result.stderr)
        for line, error in zip(lines, errors):
            self.assertIn(error, line)

    def test_nothing_has_no_loss(self):
        self.refused("", "stdin: no rows")
        self.refused("label,p\n", "stdin: no rows")

    def test_every_bad_line_is_named_with_its_place(self):
        self.refused("1,0.9\n0,2.5\nx,0.4\n1,abc\n1,.2,.3\n7,.1\n1\n0,nan\n",
                     "stdin:2:3: 2.5: expected a probability in [0, 1] (raw scores of a model? use --from-logits)",
                     'stdin:3:1: label "x": expected the number of a class',
                     'stdin:4:3: "abc": expected a finite number',
                     "stdin:5:3: 2 numbers, expected 1 as in line 1",
                     "stdin:6:1: label 7: expected 0..1",
                     "stdin:7:1: expected a label and at least one number",
                     'stdin:8:3: "nan": expected a finite number')

    def test_ten_errors_are_enough(self):
        self.refused("1,0.5\n" + "1,9\n" * 13, *[f"stdin:{line}:3: 9" for line in range(2, 12)], "3 more bad lines")

    def test_json_errors(self):
        for text, error in (
                ('{"label":0,"probs":[0.2,0.9]}', "1:21: the probabilities sum to 1.1, expected 1 within 1e-6"),
                ('{"label":9,"probs":[0.2,0.8]}', "1:10: label 9: expected 0..1"),
                ('{"label":0,"probs":[0.2,0.8]}x', "1:30: expected nothing after the object"),
                ('{"p":1}', '1:1: no "label": expected an object such as'),
                ('{"label":1}', "1:1: no prediction: expected an object such as"),
                ("[1,2]", "1:1: expected an object such as"),
                ('{"label":"a","p":1}', '1:10: label "a": expected the number of a class'),
                ('{"label":1,"probs":[1]}', "1:20: expected at least two numbers"),
                ('{"label":1,"p":[1]}', '1:16: expected a number; lists are for "probs"'),
                ('{"label":1,"label":1}', '1:12: "label": the line already has a label'),
                ('{"label":1,"p":1,"logit":1}', '1:18: "logit": the line already has a prediction'),
                ('{"label:1', "1:2: this string has no end"),
                ('{"label":1,"p":', '1:16: "": expected a finite number'),
                ('{"a":' + "[" * 100, "nested too deep")):
            self.refused(text + "\n", error)

    def test_kinds_of_rows_do_not_mix(self):
        self.refused('{"label":1,"p":0.5}\n{"label":1,"logit":3}\n',
                     "stdin:2:20: logits, expected probabilities as in line 1")
        self.refused('{"label":1,"p":0.5}\n', "stdin:1:16: a probability, but --from-logits was given",
                     arguments=["--from-logits"])

    def test_other_members_are_passed_over(self):
        row = '{"a":{"b":[1,{"c":"x\\"}"}],"d":null},"label":true,"p":0.5,"label_source":"human"}'
        self.assertEqual(loss(text=row)["rows"], 1)

    def test_wrong_flags(self):
        for arguments, error in (
                (["--eps", "0.5"], "--eps: expected a number in [0, 0.5)"),
                (["--label-smoothing", "1.1"], "--label-smoothing: expected a number in [0, 1]"),
                (["--class-weights", "1,2,3"], "--class-weights: 3 weights, expected 2"),
                (["--class-weights", "1,-2"], "--class-weights: expected finite numbers that are not negative"),
                (["--class-weights", "0,0"], "--class-weights: no row has a weight above 0"),
                (["/does/not/exist.csv"], "cannot read /does/not/exist.csv")):
            self.refused("1,0.5\n", error, arguments=arguments)
        self.assertEqual(run("--base", "10").returncode, 1)

    def test_numbers_too_small_for_a_double_are_zero(self):
        self.assertEqual(loss(text="1,1e-400\n")["loss"], loss(text="1,0\n")["loss"])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
