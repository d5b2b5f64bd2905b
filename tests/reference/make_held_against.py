#!/usr/bin/env python3
"""Writes held_against.csv: windows held against a reference, and what scikit-learn, SciPy or plain NumPy make of them.

    /tmp/reference/bin/python tests/reference/make_held_against.py

make_reference.py says how to get there and what the format is. On both sides some scores have no label; they are flagged
from 1/2.
"""
import math

import numpy as np
from make_reference import ONE, binned_errors, bins_of, decisions, grid_bin, lowest, mass_ends, write
from scipy import optimize, stats
from scipy.spatial import distance
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression


def middle(q):
    b = grid_bin(int(q))
    return (lowest(b) + (lowest(b + 1) - 1 if q < ONE else ONE)) / 2 / ONE


def calibrated_blocks(q, y):
    """(rate, labels, first, last) of the blocks of an isotonic fit."""
    p, blocks = q / ONE, []
    fit = IsotonicRegression(increasing=True).fit(p, y).predict(p).round(12)
    for value in np.unique(fit):
        n, s, inside = (fit == value).sum(), y[fit == value].sum(), p[fit == value]
        blocks.append([s / n if 0 < s < n else (s + .5) / (n + 1), n, inside.min(), inside.max()])
    if len(blocks) > 1:
        blocks[0][0] = min(blocks[0][0], blocks[1][0])
        blocks[-1][0] = max(blocks[-1][0], blocks[-2][0])
    return np.array(blocks)


def expect(blocks, scores):
    """Performance of scores whose labels follow the blocks; each is a positive and a negative with weights."""
    edges = (blocks[:-1, 3] + blocks[1:, 2]) / 2
    at = np.searchsorted(edges, [middle(x) for x in scores])
    rates, flagged = blocks[at, 0], scores >= ONE // 2
    twice = lambda v: np.concatenate([v, v])
    y, w = np.repeat([1, 0], len(scores)), np.concatenate([rates, 1 - rates])
    four = decisions(y, twice(flagged), w)
    return rates, flagged, {**four, "roc_auc": metrics.roc_auc_score(y, twice(at), sample_weight=w)}


def most_likely_share(rates, prior):
    """Maximises the likelihood of a mixture of P(score | y), which are rate / prior and (1 - rate) / (1 - prior)."""
    a, b = rates / prior, (1 - rates) / (1 - prior)
    if np.abs(rates - prior).max() < 1e-12:
        return None, None
    slope = lambda p: ((a - b) / (p * a + (1 - p) * b)).sum()
    p = 0.0 if slope(0) <= 0 else 1.0 if slope(1) >= 0 else optimize.brentq(slope, 0, 1, xtol=1e-15, rtol=1e-15)
    return p, 1 / math.sqrt((((a - b) / (p * a + (1 - p) * b)) ** 2).sum())


def estimates(rq, ry, r_all, live):
    names = ["expected_prevalence", "expected_precision", "expected_recall", "expected_f1", "expected_roc_auc",
             "prevalence_from_decisions", "prevalence_from_scores", "label_shift_z"]
    if len(set(ry)) < 2 or len(live) == 0:
        return dict.fromkeys(names)
    blocks = calibrated_blocks(rq, ry)
    rates, flagged, now = expect(blocks, live)
    reference_rates, _, then = expect(blocks, r_all)
    tpr, fpr, share = then["recall"], then["false_positive_rate"], flagged.mean()
    by_decisions = by_decisions_se = z = None
    if tpr - fpr >= .1:
        by_decisions = v = min(1, max(0, (share - fpr) / (tpr - fpr)))
        var = lambda p, n: p * (1 - p) / n
        by_decisions_se = math.sqrt(var(share, len(live)) + v * v * var(tpr, ry.sum())
                                    + (1 - v) ** 2 * var(fpr, (1 - ry).sum())) / (tpr - fpr)
    by_scores, by_scores_se = most_likely_share(rates, reference_rates.mean())
    if by_decisions is not None and by_scores is not None:
        z = abs(by_decisions - by_scores) / math.hypot(by_decisions_se, by_scores_se)
    return dict(zip(names, [rates.mean(), now["precision"], now["recall"], now["f1"], now["roc_auc"], by_decisions,
                            by_scores, z]))


def distances(reference, live):
    names = [f"{name}{part}" for name in ["population_stability_index", "jensen_shannon", "hellinger_squared",
                                          "kullback_leibler", "score_cross_entropy", "kolmogorov_smirnov",
                                          "wasserstein", "wasserstein_standardised"] for part in ["", ".floor", ".p"]]
    made = dict.fromkeys(names)
    if min(len(reference), len(live)) < 50:
        return made
    ends, f = mass_ends(reference, 20 if len(live) >= 20000 else 10), 1 / len(reference) + 1 / len(live)
    groups = len(np.unique(bins_of(reference, ends)))
    if groups > 1:
        counts = [np.bincount(bins_of(q, ends[:groups - 1]), minlength=groups) for q in (reference, live)]
        r, c = ((v + .5) / (v.sum() + groups / 2) for v in counts)
        h = stats.entropy(c)
        for name, value, scale, more in [
                ("population_stability_index", stats.entropy(c, r) + stats.entropy(r, c), f, 0),
                ("jensen_shannon", distance.jensenshannon(r, c) ** 2, f / 8, 0),
                ("hellinger_squared", distance.sqeuclidean(np.sqrt(r), np.sqrt(c)) / 2, f / 8, 0),
                ("kullback_leibler", stats.entropy(c, r), f / 2, 0), ("score_cross_entropy", stats.entropy(c, r), f / 2, h)]:
            made |= {name: value + more, f"{name}.floor": scale * (groups - 1) + more,
                     f"{name}.p": stats.chi2.sf(value / scale, groups - 1)}
    r, c = (np.array([middle(x) for x in q]) for q in (reference, live))
    ks, w1, points = stats.ks_2samp(r, c).statistic, stats.wasserstein_distance(r, c), np.unique(np.concatenate([r, c]))
    below = np.searchsorted(np.sort(r), points[:-1], side="right") / len(r)
    floor = math.sqrt(2 / math.pi * f) * (np.diff(points) * np.sqrt(below * (1 - below))).sum()
    made |= {"kolmogorov_smirnov": ks, "kolmogorov_smirnov.floor": stats.kstwobign.mean() * math.sqrt(f),
             "kolmogorov_smirnov.p": stats.kstwobign.sf(ks / math.sqrt(f)), "wasserstein": w1, "wasserstein.floor": floor}
    if r.std() > 0:
        made |= {"wasserstein_standardised": w1 / r.std(), "wasserstein_standardised.floor": floor / r.std()}
    return made


def frozen_errors(rq, lq, ly):
    names = ["ece_frozen_bins", "mce_frozen_bins", "ace_frozen_bins"]
    if len(rq) < 50 or len(lq) == 0:
        return dict.fromkeys(names)
    return binned_errors(bins_of(lq, mass_ends(rq, min(15, len(rq) // 50))), lq / ONE, ly, names)


def write_held_against(random):
    rows = []
    sizes = [0, 1, 2, 30, 60, 150, 300]
    for i in range(224):
        representative = {}

        def some(n, shift):
            p = {0: lambda: random.beta(.8 + shift, .8, n), 1: lambda: random.choice([.1, .25, .5, .9], n),
                 2: lambda: random.choice([0, 1, .5, 2 ** -30, .3], n), 3: lambda: random.beta(.2, 6 - 4 * shift, n)}[i % 4]()
            q = np.rint(p * ONE).astype(np.int64)
            return np.sort(np.array([representative.setdefault(grid_bin(int(x)), int(x)) for x in q], dtype=np.int64))
        shift = [0, 0, .3, .9][i // 4 % 4]
        rq, rx = some(sizes[-1 - i % 11 % 7], 0), some(int(random.integers(0, 300)), 0)
        lq, lx = some(sizes[-1 - i // 5 % 7], shift), some(sizes[-1 - i % 3], shift)
        chance = lambda q: .5 * np.ones(len(q)) if i % 5 == 0 else q / ONE
        ry, ly = ((random.random(len(q)) < chance(q)).astype(int) for q in (rq, lq))
        ry = ry * 0 if i % 23 == 7 else ry
        r_all, live = np.concatenate([rq, rx]), np.concatenate([lq, lx])
        rows.append({"rq": rq, "ry": ry, "rx": rx, "lq": lq, "ly": ly, "lx": lx, **estimates(rq, ry, r_all, live),
                     **frozen_errors(rq, lq, ly), **distances(r_all, live)})
    write("held_against.csv", rows)


if __name__ == "__main__":
    write_held_against(np.random.default_rng(8))
