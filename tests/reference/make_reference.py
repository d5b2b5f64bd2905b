#!/usr/bin/env python3
"""Writes the fixtures of this folder: inputs, and what scikit-learn, SciPy or plain NumPy make of them.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install -r tests/reference/requirements.txt
    /tmp/reference/bin/python tests/reference/make_reference.py

Nothing here knows the C++ code. Fixtures are one case per line, fields separated by ';', lists by ' ',
'-' for a statistic that does not exist. README.md says where definitions differ.
"""
import math
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression

HERE = Path(__file__).resolve().parent
ONE = 1 << 30
RIDGE = 1e-3


def grid_bin(q, m=5):
    """The symmetric log-linear grid: 2^m steps per octave away from 0 and from 1."""
    up = q >= ONE // 2
    v = ONE - q if up else q
    steps = 1 << m
    i = v if v < steps else (v.bit_length() - 1 - m + 1) * steps + (v >> (v.bit_length() - 1 - m)) - steps
    return 2 * (30 - m) * steps - i if up else i


def write(name, rows):
    def text(value):
        if isinstance(value, (list, tuple, np.ndarray)):
            return " ".join(text(v) for v in value)
        if value is None:
            return "-"
        return str(int(value)) if isinstance(value, (int, np.integer)) else f"{value:.17g}"
    lines = [";".join(f"{key}={text(value)}" for key, value in row.items()) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n")
    print(f"{name}: {len(lines)} cases, {(HERE / name).stat().st_size} bytes")


# Labelled scores. Each grid bin holds one distinct score, so that binning the scores loses nothing.

def labeled_cases(random):
    sizes = [0, 1, 1, 2, 2, 2, 3] * 4 + [5, 8, 12, 20, 30, 50, 80] * 28
    kinds = ["calibrated", "uniform", "separated", "inverted", "ties", "saturated", "rare", "tails", "one_class"]
    for i, n in enumerate(sizes):
        kind = kinds[i % len(kinds)]
        p = {"uniform": lambda: random.random(n), "ties": lambda: random.choice([.1, .25, .5, .5, .9], n),
             "saturated": lambda: random.choice([0, 1, .5, 2 ** -30, 1 - 2 ** -30, .3], n),
             "rare": lambda: random.beta(.2, 6, n), "tails": lambda: special.expit(random.normal(0, 9, n)),
             }.get(kind, lambda: random.beta(.8, .8, n))()
        flip = {"uniform": np.full(n, .5), "separated": (p > .5) * 1.0, "inverted": 1 - p,
                "rare": np.full(n, .03), "one_class": np.full(n, float(i % 2))}.get(kind, p)
        y = (random.random(n) < flip).astype(int)
        representative = {}
        q = [int(x) for x in np.rint(p * ONE)]
        q = np.array([representative.setdefault(grid_bin(x), x) for x in q], dtype=np.int64)
        order = np.argsort(q, kind="stable")
        yield q[order], y[order]


def bin_sums(index, p, y):
    """(n, sum p, sum y, sum (p - f)^2, sum (p - f)(y - o)) of each occupied bin."""
    out = []
    for b in np.unique(index):
        pb, yb = p[index == b], y[index == b]
        away = pb - pb.mean()
        out.append((len(pb), pb.sum(), yb.sum(), (away ** 2).sum(), (away * (yb - yb.mean())).sum()))
    return np.array(out).T


def calibration(q, p, y):
    if len(p) == 0:
        return dict.fromkeys(["ece", "mce", "ace", "square", "debiased", "skipped", "gap", "oe", "floor", "floor_sd",
                              "hl", "hl_p"])
    n, s, k, _, _ = bin_sums(np.minimum(14, (q * 15) >> 30), p, y)
    f, o, total = s / n, k / n, len(p)
    assert np.allclose(calibration_curve(y, p, pos_label=1, n_bins=15), [o, f], rtol=0, atol=1e-12)
    gap, v = np.abs(f - o), n * f * (1 - f)
    many, open_ = n >= 2, (f > 0) & (f < 1)
    bias = np.zeros_like(o)
    bias[many] = (o * (1 - o))[many] / (n[many] - 1)
    hl = ((k - s)[open_] ** 2 / v[open_]).sum()
    return {"ece": (n * gap).sum() / total, "mce": gap[n >= 3].max() if (n >= 3).any() else None, "ace": gap.mean(),
            "square": (n * gap ** 2).sum() / total, "debiased": (n * (gap ** 2 - bias))[many].sum() / total,
            "skipped": n[~many].sum() / total, "gap": p.mean() - y.mean(), "oe": y.sum() / p.sum() if p.sum() else None,
            "floor": math.sqrt(2 / math.pi) * np.sqrt(v).sum() / total,
            "floor_sd": math.sqrt((1 - 2 / math.pi) * v.sum()) / total,
            "hl": hl if open_.any() else None, "hl_p": stats.chi2.sf(hl, open_.sum()) if open_.any() else None}


def spiegelhalter(p, y):
    variance = ((1 - 2 * p) ** 2 * p * (1 - p)).sum()
    return ((y - p) * (1 - 2 * p)).sum() / math.sqrt(variance) if variance > 0 else None


def recalibration(p, y):
    names = ["a", "b", "se_a", "se_b", "large", "se_large"]
    if len(set(y)) < 2:
        return dict.fromkeys(names)
    with np.errstate(divide="ignore"):
        x = np.clip(special.logit(p), -20, 20)

    def slope(t):  # Gradient of the penalised log likelihood.
        r = y - special.expit(t[0] + t[1] * x)
        return np.array([r.sum(), (r * x).sum() - 2 * RIDGE * (t[1] - 1)])

    def hessian(a, b):
        w = special.expit(a + b * x) * special.expit(-a - b * x)
        return np.array([[w.sum(), (w * x).sum()], [(w * x).sum(), (w * x * x).sum() + 2 * RIDGE]])
    loss = lambda t: (np.logaddexp(0, t[0] + t[1] * x) - y * (t[0] + t[1] * x)).sum() + RIDGE * (t[1] - 1) ** 2
    t = optimize.minimize(loss, [0, 1], jac=lambda t: -slope(t), hess=lambda t: hessian(*t), method="trust-exact",
                          options={"gtol": 1e-10, "maxiter": 1000}).x
    t = optimize.root(slope, t, jac=lambda t: -hessian(*t), tol=1e-14).x
    se = np.sqrt(np.diag(np.linalg.inv(hessian(*t))))
    large = optimize.brentq(lambda a: slope([a, 1])[0], -60, 60, xtol=1e-14, rtol=1e-15)
    return dict(zip(names, [*t, *se, large, 1 / math.sqrt(hessian(large, 1)[0, 0])]))


def smooth_ece(p, y, sigma):
    """Gaussians and their mirror images, summed on the mesh."""
    mesh = (np.arange(1024) + .5) / 1024
    images = np.concatenate([s * p + 2 * k for k in range(-5, 6) for s in (1, -1)])
    kernel = np.exp(-.5 * ((mesh[:, None] - images) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    return np.abs(kernel @ np.tile(y - p, 22)).mean() / len(p)


def smooth_fixpoint(p, y):
    low, high = .001, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if smooth_ece(p, y, middle) <= middle else (middle, high)
    return smooth_ece(p, y, high)


def mass_ends(q, parts):
    """Bin k ends with the tie in which score number ceil(k n / parts) lies."""
    return sorted({grid_bin(int(np.sort(q)[-(-k * len(q) // parts) - 1])) for k in range(1, parts)})


def bins_of(q, ends):
    return np.searchsorted(ends, [grid_bin(int(x)) for x in q])


def equal_mass(q, parts):
    return bins_of(q, mass_ends(q, parts))


def decompositions(q, p, y):
    names = ["rel", "res", "unc", "wbv", "wbc", "corp_brier", "corp_mcb", "corp_dsc", "corp_log", "corp_log_mcb",
             "corp_log_dsc", "corp_blocks"]
    if len(p) == 0:
        return dict.fromkeys(names)
    n, s, k, dev, co = bin_sums(equal_mass(q, 5), p, y)
    f, o, total, rate = s / n, k / n, len(p), y.mean()
    murphy = [(n * (f - o) ** 2).sum() / total, (n * (o - rate) ** 2).sum() / total, rate * (1 - rate),
              dev.sum() / total, co.sum() / total]
    if len(set(y)) < 2:
        return dict(zip(names, murphy + [None] * 7))
    fit = IsotonicRegression(increasing=True).fit(p, y).predict(p)
    base = np.full(total, rate)
    brier = [metrics.brier_score_loss(y, x) for x in (p, fit, base)]
    log = [log_loss(x, y) for x in (np.clip(p, 2 ** -31, 1 - 2 ** -31), fit, base)]
    corp = [v for s in (brier, log) for v in (s[0], s[0] - s[1], s[2] - s[1])]
    return dict(zip(names, murphy + corp + [len(np.unique(fit.round(12)))]))


def log_loss(p, y):
    return -(special.xlogy(y, p) + special.xlog1py(1 - y, -p)).mean()


def losses(p, y):
    if len(p) == 0:
        return dict.fromkeys(["log_loss", "log_loss_open", "normalized", "brier", "skill"])
    clipped, rate, open_ = np.clip(p, 2 ** -31, 1 - 2 ** -31), y.mean(), (p > 0) & (p < 1)
    brier, both = metrics.brier_score_loss(y, p, pos_label=1), len(set(y)) == 2
    loss = metrics.log_loss(y, clipped, labels=[0, 1])
    return {"log_loss": loss, "log_loss_open": log_loss(p[open_], y[open_]) if open_.any() else None,
            "normalized": loss / stats.entropy([rate, 1 - rate]) if both else None, "brier": brier,
            "skill": 1 - brier / (rate * (1 - rate)) if both else None}


def ranking(p, y):
    names = ["auc", "delong", "hanley", "ap", "ap_low", "ap_high", "fpr", "tpr", "best_f1", "best_precision",
             "best_recall"]
    if len(set(y)) < 2:
        return dict.fromkeys(names)
    pos, neg = p[y == 1], p[y == 0]
    wins = (pos[:, None] > neg) + .5 * (pos[:, None] == neg)
    auc = metrics.roc_auc_score(y, p)
    delong = None
    if len(pos) > 1 and len(neg) > 1:
        delong = math.sqrt(wins.mean(1).var(ddof=1) / len(pos) + wins.mean(0).var(ddof=1) / len(neg))
    q1, q2 = auc / (2 - auc), 2 * auc ** 2 / (1 + auc)
    hanley = (auc * (1 - auc) + (len(pos) - 1) * (q1 - auc ** 2) + (len(neg) - 1) * (q2 - auc ** 2))
    order = np.lexsort((y, -p))  # Negatives first within a tie; then positives first.
    worst = metrics_at_positives(y[order])
    best = sum((np.sum(pos >= x) / (np.sum(pos >= x) + np.sum(neg > x))) for x in pos) / len(pos)
    fpr, tpr, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    precision, recall, threshold = metrics.precision_recall_curve(y, p)
    f1 = [metrics.f1_score(y, p >= t) for t in threshold]
    top = max(i for i, f in enumerate(f1) if f >= max(f1) - 1e-12)
    return dict(zip(names, [auc, delong, math.sqrt(max(0, hanley) / len(pos) / len(neg)),
                            metrics.average_precision_score(y, p), worst, best, fpr, tpr, f1[top], precision[top],
                            recall[top]]))


def metrics_at_positives(y):
    return (np.cumsum(y) / np.arange(1, len(y) + 1))[y == 1].mean()


def write_labeled(random):
    tables = {"labeled_scores.csv": [], "calibration.csv": [], "decomposition.csv": [], "ranking.csv": []}
    for q, y in labeled_cases(random):
        p = q / ONE
        values, counts = np.unique(np.stack([q, y]), axis=1, return_counts=True) if len(q) else ([[], []], [])
        smooth = {"smooth": None, "smooth_narrow": None, "smooth_fixpoint": None} if len(q) == 0 else {
            "smooth": smooth_ece(p, y, .1), "smooth_narrow": smooth_ece(p, y, .02), "smooth_fixpoint": smooth_fixpoint(p, y)}
        tables["labeled_scores.csv"].append({"q": values[0], "y": values[1], "count": counts})
        tables["calibration.csv"].append({**calibration(q, p, y), "z": spiegelhalter(p, y), **recalibration(p, y), **smooth})
        tables["decomposition.csv"].append({**decompositions(q, p, y), **losses(p, y)})
        tables["ranking.csv"].append(ranking(p, y))
    for name, rows in tables.items():
        write(name, rows)


# Every row of the table of statistics, of windows: the labelled scores, some without a label, flagged from 1/2,
# with weights 1, 2 and 4.

def lowest(b, m=5):
    """The least q of a grid bin."""
    low, high = 0, ONE
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if grid_bin(middle, m) >= b else (middle + 1, high)
    return low


def rate(part, whole):
    return part / whole if whole else None


def decisions(y, flagged, w):
    n, flags, pos = w.sum(), w[flagged].sum(), w[y == 1].sum()
    given = lambda ok, f, **k: f(y, flagged, sample_weight=w, **k) if ok else None
    both = 0 < pos < n
    return {"precision": given(flags, metrics.precision_score), "recall": given(pos, metrics.recall_score),
            "f1": given(flags + pos, metrics.f1_score), "accuracy": given(n, metrics.accuracy_score),
            "false_positive_rate": given(n - pos, lambda *a, **k: 1 - metrics.recall_score(*a, pos_label=0, **k)),
            "specificity": given(n - pos, metrics.recall_score, pos_label=0),
            "balanced_accuracy": given(both, metrics.balanced_accuracy_score),
            "mcc": given(both and 0 < flags < n, metrics.matthews_corrcoef),
            "cohen_kappa": given(n and not (set(y) == set(flagged * 1) and len(set(y)) == 1), metrics.cohen_kappa_score)}


def binned_errors(bins, p, y, names):
    """ECE, MCE of bins with 10 labels and ACE."""
    n, s, k, _, _ = bin_sums(bins, p, y)
    gaps = np.abs(s - k) / n
    return dict(zip(names, [(n * gaps).sum() / len(p), max(gaps[n >= 10], default=None), gaps.mean()]))


def mass_errors(q, p, y):
    names = ["ece_equal_mass", "mce_equal_mass", "ace_equal_mass"]
    return dict.fromkeys(names) if len(q) < 50 else binned_errors(equal_mass(q, min(15, len(q) // 50)), p, y, names)


def strata(q, y, extra):
    """(scored, labelled, positive) of each grid bin in order, neighbours joined up to five labels."""
    bins = {}
    for x, label in [*zip(q, y), *((x, None) for x in extra)]:
        row = bins.setdefault(grid_bin(int(x)), [0, 0, 0])
        row[0] += 1
        row[1] += label is not None
        row[2] += label == 1
    out, open_ = [], [0, 0, 0]
    for _, row in sorted(bins.items()):
        open_ = [a + b for a, b in zip(open_, row)]
        if open_[1] >= 5:
            out, open_ = out + [open_], [0, 0, 0]
    if open_[0]:
        if out:
            out[-1] = [a + b for a, b in zip(out[-1], open_)]
        else:
            out.append(open_)
    return np.array(out, dtype=float).T


def stratified(q, y, extra):
    names = ["stratified_prevalence", "stratified_calibration_gap", "stratified_precision", "stratified_recall",
             "stratified_f1", "stratified_roc_auc"]
    if len(q) == 0:
        return dict.fromkeys(names)
    n, m, s = strata(q, y, extra)
    scored = np.concatenate([q, extra]) / ONE
    prevalence = (n * s / m).sum() / n.sum()
    positive, flags = n * s / m, (scored >= .5).sum()
    flagged = np.minimum(n, np.maximum(0, flags - (n.sum() - np.cumsum(n))))  # From the top.
    tp, total = (flagged * positive / n).sum(), positive.sum()
    negative = n - positive
    below = np.cumsum(negative) - negative
    area = (positive * (below + negative / 2)).sum()
    auc = rate(area, positive.sum() * negative.sum()) if len(n) > 1 else None
    return dict(zip(names, [prevalence, scored.mean() - prevalence, rate(tp, flags), rate(tp, total),
                            2 * tp / (flags + total) if total else None, auc if len(set(y)) == 2 else None]))


def weighted(q, p, y, flagged, w):
    names = ["prevalence", "fail_rate", "log_loss", "brier", "calibration_gap", "ece"]
    made = dict.fromkeys(names)
    if len(q):
        mean = lambda x: np.average(x, weights=w)
        loss = -(y * np.log(np.clip(p, 2 ** -31, 1)) + (1 - y) * np.log1p(-np.clip(p, 0, 1 - 2 ** -31)))
        bins = np.minimum(14, (q * 15) >> 30)
        gaps = [abs((w * (p - y))[bins == b].sum()) for b in range(15)]
        made = dict(zip(names, [mean(y), mean(flagged), mean(loss), mean((p - y) ** 2), mean(p - y),
                                sum(gaps) / w.sum()]))
    four = decisions(y, flagged, w)
    made.update({k: four[k] for k in ("precision", "recall", "false_positive_rate", "f1")})
    return {"clipped_weight_share": 0.0 if len(q) else None, **{f"weighted_{k}": v for k, v in made.items()}}


def registry(q, y, extra):
    p, scored = q / ONE, np.concatenate([q, extra]) / ONE
    flagged, n = p >= .5, len(q)
    c, d, l = calibration(q, p, y), decompositions(q, p, y), losses(p, y)
    r, fit = ranking(p, y), recalibration(p, y)
    row = {"band_share": rate((np.abs(scored - .5) <= .05).sum(), len(scored)),
           "fail_rate": rate((scored >= .5).sum(), len(scored)), "error_rate": rate(0, len(scored)),
           "mean_score": scored.mean() if len(scored) else None, "coverage": rate(n, len(scored)),
           "prevalence": rate(y.sum(), n), **decisions(y, flagged, np.ones(n)), "roc_auc": r["auc"],
           "average_precision": r["ap"], "ece": c["ece"], "ace": c["ace"],
           "squared_calibration_error": c["square"], "squared_calibration_error_debiased": c["debiased"],
           "calibration_gap": c["gap"], "observed_expected_ratio": c["oe"], "hosmer_lemeshow": c["hl"],
           "hosmer_lemeshow_p": c["hl_p"], **mass_errors(q, p, y), "spiegelhalter_z": spiegelhalter(p, y),
           "calibration_slope": fit["b"], "calibration_intercept": fit["a"], "calibration_in_the_large": fit["large"],
           "smooth_ece": smooth_fixpoint(p, y) if n else None, "log_loss": l["log_loss"],
           "log_loss_bits": l["log_loss"] / math.log(2) if n else None,
           "perplexity": math.exp(l["log_loss"]) if n else None, "normalised_entropy": l["normalized"],
           "log_loss_unsaturated": l["log_loss_open"], "brier": l["brier"], "brier_skill": l["skill"],
           "corp_miscalibration": d["corp_mcb"], "corp_discrimination": d["corp_dsc"]}
    names = ["reliability", "resolution", "uncertainty", "within_bins"]
    parts = dict.fromkeys(names)
    row["mce"] = row["best_f1"] = row["best_f1_threshold"] = None
    if n:
        m, s, k, _, _ = bin_sums(np.minimum(14, (q * 15) >> 30), p, y)
        murphy = [(m * (s / m - k / m) ** 2).sum() / n, (m * (k / m - y.mean()) ** 2).sum() / n, y.mean() * (1 - y.mean())]
        parts = dict(zip(names, [*murphy, l["brier"] - murphy[0] + murphy[1] - murphy[2]]))
        row["mce"] = max(np.abs(s / m - k / m)[m >= 10], default=None)
    if y.sum():
        f1 = {t: metrics.f1_score(y, q >= t) for t in np.unique(q)}
        row["best_f1"] = max(f1.values())
        top = max(t for t, f in f1.items() if f >= row["best_f1"] - 1e-12)
        row["best_f1_threshold"] = lowest(grid_bin(int(top))) / ONE
    return {**row, **{f"brier_{k}": v for k, v in parts.items()}, **stratified(q, y, extra),
            **weighted(q, p, y, flagged, np.array([1, 2, 4])[q % 3])}


def write_registry(random):
    rows = []
    for q, y in labeled_cases(np.random.default_rng(1)):
        extra = np.repeat(q, random.integers(0, 4, len(q)))
        rows.append({"extra": extra, **registry(q, y, extra)})
    write("statistics.csv", rows)


# Counts.

def anytime(s, n, alpha=.05):
    def excess(p):
        ratio = special.betaln(s + .5, n - s + .5) - special.betaln(.5, .5)
        return ratio - special.xlogy(s, p) - special.xlog1py(n - s, -p) + math.log(alpha)
    low = optimize.brentq(excess, 1e-300, s / n, xtol=1e-15) if s else 0.0
    return low, optimize.brentq(excess, s / n, 1 - 1e-16, xtol=1e-15) if s < n else 1.0


def write_intervals(random):
    counts = [(0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (3, 10), (0, 10), (10, 10), (30, 1000), (0, 500), (1, 10 ** 7)]
    while len(counts) < 220:
        n = int(10 ** random.uniform(0, 6))
        counts.append((int(random.binomial(n, random.choice([0, 1e-4, .01, .3, .5, .97, 1]))), n))
    rows = []
    for s, n in counts:
        exact, wilson = (stats.binomtest(s, n).proportion_ci(method=m) for m in ("exact", "wilson"))
        rows.append({"s": s, "n": n, "wilson": wilson, "clopper_pearson": exact,
                     "jeffreys": [stats.beta.ppf(.025, s + .5, n - s + .5) if s else 0.0,
                                  stats.beta.ppf(.975, s + .5, n - s + .5) if s < n else 1.0], "anytime": anytime(s, n)})
    write("interval.csv", rows)


def write_means(random):
    rows = []
    for i in range(210):
        n = [1, 2, 3, 100, 500][i % 5]
        x = np.rint(random.beta(*random.choice([[.3, 5], [2, 2], [900, 1]]), n) * ONE).astype(np.int64) * (i % 7 > 0)
        exact = [int(v) for v in x]
        p, half = x / ONE, None
        if n >= 100:
            rho2 = (-2 * math.log(.05) + math.log(-2 * math.log(.05)) + 1) / 250
            half = p.std(ddof=1) * math.sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * math.log(math.sqrt(n * rho2 + 1) / .05))
        row = {"n": n, "mean": p.mean(), "sd": p.std(ddof=1) if n > 1 else 0.0, "anytime": half,
               "normal": stats.norm.ppf(.975) * stats.sem(p) if n > 1 else None}
        limbs = lambda v: [v >> 32, v & 0xFFFFFFFF]
        rows.append({"sum": limbs(sum(exact)), "squares": limbs(sum(v * v for v in exact)), **row})
    write("mean.csv", rows)


def write_confusion(random):
    rows = []
    for i in range(220):
        scale = [1, 2, 5, 100, 10 ** 6][i % 5]
        tp, fp, tn, fn = (int(v) for v in random.integers(0, scale + 1, 4) * (random.random(4) < [.6, .95][i % 2]))
        y, decided, w = [1, 0, 0, 1], [1, 1, 0, 0], [tp, fp, tn, fn]
        n, flagged, pos = sum(w), tp + fp, tp + fn
        given = lambda ok, f: f(y, decided, sample_weight=w) if ok else None
        both = 0 < pos < n
        rows.append({"counts": w, "precision": given(flagged, metrics.precision_score),
                     "recall": given(pos, metrics.recall_score), "accuracy": given(n, metrics.accuracy_score),
                     "specificity": given(n - pos, lambda *a, **k: metrics.recall_score(*a, pos_label=0, **k)),
                     "balanced": given(both, metrics.balanced_accuracy_score), "f1": given(flagged + pos, metrics.f1_score),
                     "matthews": given(both and 0 < flagged < n, metrics.matthews_corrcoef),
                     "kappa": given(n not in (0, tp, tn), metrics.cohen_kappa_score)})
    write("confusion.csv", rows)


def write_divergence(random):
    rows = []
    for i in range(210):
        bins = int(random.integers(1, 30))
        current, reference = (random.poisson(random.choice([.5, 5, 1000]) * random.random(bins)) for _ in range(2))
        used = (current + reference) > 0
        c, r = ((v[used] + .5) / (v.sum() + used.sum() / 2) for v in (current, reference))
        both = current.sum() and reference.sum()
        rows.append({"current": current, "reference": reference, "entropy": stats.entropy(c) if both else None,
                     "reference_entropy": stats.entropy(r) if both else None,
                     "divergence": stats.entropy(c, r) if both else None,
                     "cross_entropy": -(c * np.log(r)).sum() if both else None})
    write("divergence.csv", rows)


def write_cross_entropy(random):
    rows = []
    for i in range(210):
        classes = 2 + i % 5
        z = random.normal(0, [.1, 3, 400][i % 3], classes)
        label, smoothing = int(random.integers(classes)), [0, .1, .5][i // 3 % 3]
        p, target = special.softmax(z), np.full(classes, smoothing / classes)
        target[label] += 1 - smoothing
        t = target[1] if classes == 2 else 1.0
        rows.append({"logits": z, "label": label, "smoothing": float(smoothing), "target": t,
                     "softmax": special.logsumexp(z) - target @ z, "brier": ((p - np.eye(classes)[label]) ** 2).sum(),
                     "logistic": t * np.logaddexp(0, -z[0]) + (1 - t) * np.logaddexp(0, z[0]),
                     "log_loss": metrics.log_loss([label], [p], labels=range(classes)) if p[label] > 1e-12 else None})
    write("cross_entropy.csv", rows)


if __name__ == "__main__":
    for seed, section in enumerate([write_labeled, write_intervals, write_means, write_confusion, write_divergence,
                                    write_cross_entropy, write_registry], 1):
        section(np.random.default_rng(seed))
