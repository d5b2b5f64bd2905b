"""Holds calibration.csv against relplot 1.0, the implementation of smooth ECE's authors.

    python3 -m venv v && v/bin/pip install numpy==1.26.4 scipy==1.11.4 deprecation==2.1.0
    v/bin/pip install --no-deps relplot==1.0
    v/bin/python tests/reference/compare_relplot.py

ECE over 15 bins is the same definition and must agree to 1e-9. relplot rounds scores to a grid, cuts its kernel off and
searches the width in steps, so where the width is small (a value below .25, of at least 20 scores) smooth ECE agrees
to 2e-2, half of the cases to 5e-4; wider kernels lose their tails there.
Only relplot's numbers are used; its drawing, and what that depends on, is not loaded.
"""

import importlib
import importlib.metadata
import pathlib
import sys
import types

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FEWEST, WIDEST, SMOOTH_TOLERANCE = 20, 0.25, 2e-2


def load_metrics():
    package = types.ModuleType("relplot")
    package.__path__ = [str(importlib.metadata.distribution("relplot").locate_file("relplot"))]
    sys.modules["relplot"] = package
    return importlib.import_module("relplot.metrics")


def rows(name):
    for line in (HERE / name).read_text().splitlines():
        yield dict(field.split("=", 1) for field in line.split(";"))


def main():
    metrics = load_metrics()
    compared = {"ece": [], "smooth": []}
    for scores, expected in zip(rows("labeled_scores.csv"), rows("calibration.csv"), strict=True):
        if not scores["q"]:
            continue
        counts = [int(n) for n in scores["count"].split()]
        p = np.repeat(np.array(scores["q"].split(), float) / 2**30, counts)
        y = np.repeat(np.array(scores["y"].split(), float), counts)
        # 1 belongs to the last bin; relplot would open one of its own.
        ece = metrics.binnedECE(np.minimum(p, 1 - 1e-12), y, nbins=15)
        compared["ece"].append(abs(ece - float(expected["ece"])))
        fixpoint = float(expected["smooth_fixpoint"])
        if len(p) >= FEWEST and fixpoint < WIDEST:
            compared["smooth"].append(abs(metrics.smECE_fast(p, y, eps=1e-4) - fixpoint))
    for name, differences in compared.items():
        print(f"{name}: {len(differences)} cases, median difference {np.median(differences):.1e}, "
              f"greatest {max(differences):.1e}")
    if max(compared["ece"]) > 1e-9 or max(compared["smooth"]) > SMOOTH_TOLERANCE:
        sys.exit("relplot and the fixtures differ")


if __name__ == "__main__":
    main()
