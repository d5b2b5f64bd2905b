"""The alerts that a rule must give, from the oracle's counts per pane.

A rule looks at each subject (a slice of a unit, over all its model versions) once per pane, in the
order of event time, at the window that ends with the pane. Too few events neither fire nor resolve.
"""

from collections import defaultdict, namedtuple

from decode import parse_rfc3339, rfc3339
from settings import PANE, duration

RATES = {"fail_rate": ("flagged", "decided"), "band_share": ("in_band", "with_threshold")}

# One time that a rule fired: its labels as sorted pairs, times in RFC 3339, `resolved` None for what still
# fires.
Episode = namedtuple("Episode", "labels pending firing resolved")


def episodes(rule, objects):
    """Every Episode of a rule per cohort, from objects that hold single panes (oracle.py --panes)."""
    result = []
    for subject, panes in sorted(_panes(rule, objects).items()):
        labels = tuple(sorted(_labels(rule, *subject).items()))
        for times in _episodes_of(rule, panes):
            shown = {name: rfc3339(time) for name, time in times.items()}
            result.append(Episode(labels, shown["pending"], shown["firing"], shown.get("resolved")))
    return result


def _labels(rule, source, category, value):
    return {"alertname": rule["alert"], "severity": rule["severity"], "source": source,
            "guardrail": rule["guardrail"], "category": category, "variant": "live", "statistic": rule["metric"],
            "window": rule["window"], "dimension": rule["per_cohort"], "value": value}


def _panes(rule, objects):
    """{(source, category, cohort): {pane end: [part, whole]}} of the panes that the rule looks at."""
    part, whole = RATES[rule["metric"]]
    dimension = rule["per_cohort"]
    found = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for item in objects:
        if item.get("window") != "pane" or item["guardrail"] != rule["guardrail"] or item["variant"] != "live":
            continue
        if set(item["slice"]) == {dimension}:
            subject = (item["source"], item["category"], item["slice"][dimension])
            sums = found[subject][parse_rfc3339(item["end"])]
            sums[0] += item["counts"][part]
            sums[1] += item["counts"][whole]
    return found


def _conditions(rule, panes):
    """(pane end, whether the condition holds; None: too few events) of every pane in a row."""
    reach = duration(rule["window"])
    part = whole = 0
    for now in range(min(panes), max(panes) + reach + PANE, PANE):
        entering, leaving = panes.get(now, (0, 0)), panes.get(now - reach, (0, 0))
        part += entering[0] - leaving[0]
        whole += entering[1] - leaving[1]
        enough = whole > 0 and whole >= rule["min_events"]
        yield now, part / whole > rule["above"] if enough else None


def _episodes_of(rule, panes):
    times = {}  # Of the alert as it is; empty while it is inactive.
    for now, condition in _conditions(rule, panes):
        if condition:
            times.setdefault("pending", now)
            if now - times["pending"] >= duration(rule["for"]):
                times.setdefault("firing", now)
        elif condition is not None:
            if "firing" in times:
                yield {**times, "resolved": now}
            times = {}
    if "firing" in times:
        yield times
