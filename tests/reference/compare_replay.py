"""A million labelled events through `guardwatchctl replay`, and the same statistics from scikit-learn.

    compare_replay.py PATH_OF_GUARDWATCHCTL [EVENTS]

Scores are drawn on the score grid: scikit-learn is fed q / 2^30 and must agree to 1e-9 with what is defined on
the scores themselves, log loss, Brier, ECE, F1, and with ROC AUC and average precision of scores that are binned
as guardwatch bins them. Those of the scores themselves must lie within guardwatch's certain brackets. Prints a
table and exits with 1 on a difference. Needs requirements.txt.

Losses are summed in steps of 2^-24 nats, so that a mean may be off by half a step, 3e-8. Rounding errors of
many scores cancel: their standard deviation is 2^-24 / sqrt(12 n), 1.7e-11 for a million, hence 1e-9 here.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.metrics import (average_precision_score, brier_score_loss, f1_score, log_loss, precision_score,
                             recall_score, roc_auc_score)

ONE = 1 << 30
START = 1_780_272_000  # 2026-06-01T00:00:00Z
CONFIG = """\
sources:
  - name: million
    files: {{paths: ["{folder}/events-0.ndjson"], topics: [events]}}
defaults: {{windows: [24h]}}
"""


def draw(events, seed):
    """Scores that are off: the truth follows their logit bent by 0.8, and 40 % of all pile up near 0."""
    random = np.random.default_rng(seed)
    logit = np.where(random.random(events) < 0.4, random.normal(-7, 1.5, events), random.normal(-2, 2.5, events))
    q = np.rint(ONE / (1 + np.exp(-logit))).astype(np.int64)
    q[random.random(events) < 1e-4] = 0
    label = random.random(events) < 1 / (1 + np.exp(-(0.3 + 0.8 * logit)))
    return q, label


def write_events(path, q, label, threshold):
    step = 20 * 3600 / len(q)
    with open(path, "w") as out:
        for i, (score, unsafe) in enumerate(zip((q / ONE).tolist(), label.tolist())):
            out.write(f'{{"kind":"combined","time":{START + i * step:.6f},"guardrail":"g","score":{score!r},'
                      f'"threshold":{threshold},"label":{"true" if unsafe else "false"}}}\n')


def replayed(program, folder):
    config = pathlib.Path(folder, "guardwatch.yaml")
    config.write_text(CONFIG.format(folder=folder))
    lines = subprocess.run([program, "replay", "--config", config, "--output", "json", f"{folder}/events-0.ndjson"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    windows = [json.loads(line) for line in lines]
    return next(w for w in windows if w.get("view") == "matured" and w["window"] == "24h")


def expected_calibration_error(q, p, label):
    bins = np.minimum(14, (q * 15) >> 30)
    return sum(abs(p[bins == b].sum() - label[bins == b].sum()) for b in range(15)) / len(q)


def main():
    program, events = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    threshold = 0.75
    q, label = draw(events, seed=20261122)
    p = q / ONE
    with tempfile.TemporaryDirectory() as folder:
        write_events(f"{folder}/events-0.ndjson", q, label, threshold)
        window = replayed(program, folder)
    if window["labels"]["labeled"] != events:
        sys.exit(f"only {window['labels']['labeled']} of {events} events are in the window")
    flagged = p >= threshold
    exact, bins = 1e-9, grid_bin(q)
    rows = [
        ("log_loss", "", log_loss(label, np.clip(p, 2.0**-31, 1 - 2.0**-31)), exact),
        ("brier", "", brier_score_loss(label, p), exact),
        ("ece", "", expected_calibration_error(q, p, label), exact),
        ("precision", "", precision_score(label, flagged), exact),
        ("recall", "", recall_score(label, flagged), exact),
        ("f1", "", f1_score(label, flagged), exact),
        ("roc_auc", "of binned scores", roc_auc_score(label, bins), exact),
        ("average_precision", "of binned scores", average_precision_score(label, bins), exact),
        ("roc_auc", "of the scores", roc_auc_score(label, p), bracket_half_width(bins, label)),
        ("average_precision", "of the scores", average_precision_score(label, p), None),
    ]
    print("| statistic | guardwatch | scikit-learn | difference | allowed |\n|---|---|---|---|---|")
    failed = False
    for name, of, reference, allowed in rows:
        got = window["statistics"][name]
        difference = abs(got["value"] - reference)
        if allowed is None:  # Its bounds stand beside it.
            failed |= not got["low"] <= reference <= got["high"]
            allowed = max(got["high"] - got["value"], got["value"] - got["low"])
        failed |= difference > allowed
        title = f"`{name}` {of}".strip()
        print(f"| {title} | {got['value']:.12f} | {reference:.12f} | {difference:.1e} | {allowed:.1e} |")
    return 1 if failed else 0


def grid_bin(q, m=5):
    """The symmetric log-linear grid, from its definition: 2^m bins per octave of min(p, 1 - p)."""
    v = np.minimum(q, ONE - q)
    octave = np.maximum(0, np.floor(np.log2(np.maximum(v, 1))).astype(np.int64) - m)
    cell = np.where(v < 1 << m, v, (octave + 1) * (1 << m) + (v >> octave) - (1 << m))
    return np.where(q >= ONE // 2, 2 * (30 - m) * (1 << m) - cell, cell)


def bracket_half_width(bins, label):
    """Half of the pairs that share a bin, over all pairs: no area from the histogram is further off."""
    positive = np.bincount(bins[label], minlength=1601)
    negative = np.bincount(bins[~label], minlength=1601)
    return float((positive * negative).sum()) / 2 / label.sum() / (~label).sum()


if __name__ == "__main__":
    sys.exit(main())
