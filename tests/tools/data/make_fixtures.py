#!/usr/bin/env python3
"""Makes the inputs of loss_test.py and what scikit-learn and SciPy say about them (expected.json).

Needs numpy, scipy and scikit-learn 1.7 or later; the test itself needs none of them. Run in this folder.
"""

import json
import pathlib

import numpy as np
from scipy.special import expit, softmax
from scipy.stats import entropy
from sklearn.metrics import brier_score_loss, log_loss

FOLDER = pathlib.Path(__file__).parent
ROWS = 40
CLASS_WEIGHTS = {2: [1.0, 7.5], 4: [0.5, 1.0, 2.0, 4.0]}


def figures(labels, probabilities, weights=None):
    """By the formulas' own libraries; `probabilities` has a column per class, two for the binary case."""
    classes = probabilities.shape[1]
    base = np.average(np.eye(classes)[labels], axis=0, weights=weights)
    mean = np.average(probabilities, axis=0, weights=weights)
    names = list(range(classes))
    return {
        "mean_loss": log_loss(labels, probabilities, sample_weight=weights, labels=names),
        "sum_loss": log_loss(labels, probabilities, sample_weight=weights, labels=names, normalize=False),
        "brier": brier_score_loss(labels, probabilities, sample_weight=weights, labels=names, scale_by_half=False),
        "prediction_entropy": np.average(entropy(probabilities, axis=1), weights=weights),
        "label_entropy": entropy(base),
        "kl_divergence": entropy(base, mean),
    }


def write(name, lines):
    (FOLDER / name).write_text("\n".join(lines) + "\n")


def main():
    random = np.random.default_rng(20240229)
    expected = {}

    z = random.normal(0, 3, ROWS)
    y = (random.random(ROWS) < expit(z - 1)).astype(int)
    p = expit(z)
    p[:2] = [1 - y[0], y[1]]  # Certain, and wrong and right: clipping shows.
    columns = np.column_stack([1 - p, p])
    write("binary.csv", ["y_true,score"] + [f"{a},{b!r}" for a, b in zip(y.tolist(), p.tolist())])
    expected["binary"] = figures(y, columns)
    expected["binary_weighted"] = figures(y, columns, np.array(CLASS_WEIGHTS[2])[y])
    for key in ("binary", "binary_weighted"):
        expected[key]["brier"] /= 2

    write("binary_logits.jsonl",
          [json.dumps({"id": f"r-{i}", "logit": float(b), "label": bool(a)}) for i, (a, b) in enumerate(zip(y, z))])
    expected["binary_logits"] = figures(y, np.column_stack([expit(-z), expit(z)]))
    expected["binary_logits"]["brier"] /= 2

    logits = random.normal(0, 2, (ROWS, 4))
    probabilities = softmax(logits, axis=1)
    y = np.array([random.choice(4, p=row) for row in softmax(logits / 2, axis=1)])
    names = ["safe", "hate", "violence", "self harm"]
    write("classes.csv", ["target;" + ";".join(f'"{name}"' for name in names)] +
          [f"{names[a]};" + ";".join(map(repr, row)) for a, row in zip(y, probabilities.tolist())])
    write("classes.jsonl", [json.dumps({"label": int(a), "probs": row}) for a, row in zip(y, probabilities.tolist())])
    expected["classes"] = figures(y, probabilities)
    expected["classes_weighted"] = figures(y, probabilities, np.array(CLASS_WEIGHTS[4])[y])
    write("classes_logits.tsv", ["\t".join([str(a)] + list(map(repr, row))) for a, row in zip(y, logits.tolist())])
    expected["classes_logits"] = figures(y, probabilities)

    text = json.dumps({key: {k: float(v) for k, v in value.items()} for key, value in expected.items()}, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
