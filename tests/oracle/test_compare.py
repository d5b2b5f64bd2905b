"""The comparison finds differences, and only those."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

from cases import run, score
import compare


class Comparing(unittest.TestCase):
    def compare(self, expected, actual):
        with tempfile.TemporaryDirectory() as directory:
            paths = []
            for name, objects in (("expected", expected), ("actual", actual)):
                paths.append(os.path.join(directory, name))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.write("\n".join(map(json.dumps, objects)) if name == "actual" else json.dumps(objects))
            tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.py")
            done = subprocess.run([sys.executable, tool, *paths], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_equal_and_different(self):
        objects = run(score(0, label=True)).objects
        self.assertEqual(self.compare(objects, objects), (0, "equal\n"))
        changed = json.loads(json.dumps(objects))
        changed[0]["sums"]["loss"] = "17"
        code, text = self.compare(objects, changed)
        self.assertEqual(code, 1)
        self.assertIn("sums.loss: expected 11629080, actual 17", text)

    def test_a_missing_series_is_one_of_zeros(self):
        objects = run(score(0), score(0, model_version="m")).objects
        found = list(compare.differences(objects, [one for one in objects if one.get("model_version") != "m"]))
        self.assertIn("counts.scored", {field for _, field, _, _ in found})
        empty = json.loads(json.dumps(objects[0])) | {"model_version": "new", "counts": {"scored": 0}, "sums": {},
                                                      "labels": {}, "reliability": []}
        self.assertEqual(list(compare.differences(objects, objects + [empty])), [])

    def test_a_confusion_matrix_is_compared_by_the_names_of_its_classes(self):
        def window(classes, counts):
            return run(score(0)).objects[0] | {"confusion_matrix": {"classes": classes, "counts": counts, "folded": 0}}

        one = window(["a", "b"], [[5, 1], [0, 2]])
        self.assertEqual(list(compare.differences([one], [window(["b", "a", "c"], [[2, 0, 0], [1, 5, 0], [0] * 3])])), [])
        found = list(compare.differences([one], [window(["a", "b"], [[5, 0], [1, 2]])]))
        self.assertEqual([difference[1:] for difference in found],
                         [("confusion_matrix['a']['b']", 1, 0), ("confusion_matrix['b']['a']", 0, 1)])

    def test_summaries_are_compared_in_what_both_have(self):
        one = {"summary": {"accepted": {"score": 3}, "duplicates": 1}}
        self.assertEqual(list(compare.differences([one], [{"summary": {"accepted": {"score": 3}}}])), [])
        self.assertEqual(len(list(compare.differences([one], [{"summary": {"duplicates": 2}}]))), 1)


if __name__ == "__main__":
    unittest.main()
