#!/usr/bin/env python3
"""Computes what guardwatch must say about a set of logs, slowly and plainly.

Shares no code with the daemon: logs are read one by one, then
joins are made over the whole set, so the result cannot depend on how the logs are interleaved. Every log
is at its end, so everything is sealed and matured. Not modelled: the caps on names, the wall clock
(but see --now), and excused logs.

    oracle.py --config oracle.json --output expected.json [--at TIME] [--panes] FILE...
"""

import argparse
from collections import Counter, defaultdict
from fractions import Fraction
import json
import math

from decode import ONE, TOP, Number, parse_rfc3339, quantize, rfc3339
from logs import Input, Log, flags, read_files
from settings import HOUR, PANE, Settings, duration

MASK = (1 << 64) - 1
MAX_COHORT_BYTES = 128
COUNTS = ["scored", "decided", "flagged", "with_threshold", "in_band", "errors", "undecided", "saturated",
          "invalid_scores"]
CONFUSION = ["true_positive", "false_positive", "true_negative", "false_negative"]
SUMS = ["score_q", "score_q_squared", "loss"]
BINS = 15


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def splitmix(z):
    """SplitMix64's finaliser."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def request_hash(request_id):
    return splitmix(fnv1a(request_id.encode()))


def in_sample(source, request_id):
    if source.label_sample >= 1:
        return True
    return request_id is not None and request_hash(request_id) < Fraction(source.label_sample) * 2**64


def log_loss(q, positive):
    p = min(max(q / ONE, 2.0**-31), 1.0 - 2.0**-31)
    return round(-math.log(p if positive else 1.0 - p) * 2**24)


def decide(data):
    """Gives waiting observations their decision events; returns what became of each decision event."""
    by_identity = defaultdict(list)
    wanted = {decision.identity for decision in data.decisions}
    for event in data.scored:
        for observation in event.observations:
            identity = (event.source.name, event.partition, event.guardrail, observation.category,
                        event.variant, event.request_id)
            if identity in wanted and observation.q is not None:
                by_identity[identity].append(observation)

    in_time = defaultdict(list)  # Index in data.decisions by waiting observation.
    for index, decision in enumerate(data.decisions):
        for observation in by_identity[decision.identity]:
            if observation.waits and _reaches(decision, observation) and _before_seal(decision, observation):
                in_time[observation].append(index)
    used = set()
    for observation, indices in in_time.items():
        least = min(indices, key=lambda index: data.decisions[index].order)
        used.add(least)
        decision = data.decisions[least]
        observation.decided = decision.flagged
        if decision.threshold is not None:
            observation.threshold = decision.threshold

    outcomes = Counter()
    for index, decision in enumerate(data.decisions):
        outcomes["joined" if index in used else
                 _other_decision(decision, by_identity[decision.identity])] += 1
    return outcomes


def _reaches(decision, observation):
    return observation.event.time - observation.event.source.early <= decision.time


def _before_seal(decision, observation):
    end = observation.event.time // PANE * PANE + PANE
    return decision.watermark is None or decision.watermark < end


def _other_decision(decision, observations):
    """What a decision event is that decided nothing."""
    reached = [observation for observation in observations if _reaches(decision, observation)]
    for observation in reached:
        within = decision.time <= observation.event.time + observation.unit().horizon
        if observation.decided is not None and within:
            return "agreement" if observation.decided == decision.flagged else "disagreement"
    if any(observation.waits and observation.decided is None for observation in reached):
        return "late"
    return "orphan"


def join_labels(data):
    """Finds for each observation the label in force; counts what became of each label event."""
    by_request = defaultdict(list)
    wanted = {(label.source.name, label.guardrail, label.request_id) for label in data.labels}
    for event in data.scored:
        key = (event.source.name, event.guardrail, event.request_id)
        if event.request_id is not None and key in wanted:
            by_request[key].append(event)

    # In order of time, which only the outcomes can tell from any other order.
    for label in sorted(data.labels, key=lambda label: (label.time, *label.key())):
        if not in_sample(label.source, label.request_id):
            data.label_outcomes["unsampled"] += 1
            continue
        if label.request_id is None:
            events = [label.own]
        else:
            events = by_request[label.source.name, label.guardrail, label.request_id]
        _join(data, label, events)


def _join(data, label, events):
    outcome = "orphan"
    for event in events:
        observations = [o for o in event.observations if _addresses(label, event, o)]
        if not observations:
            continue
        horizon = observations[0].unit().horizon
        if event.time - event.source.early <= label.time <= event.time + horizon:
            outcome = None
            results = [_offer(observation, label) for observation in observations]
            data.label_outcomes[results[0]] += 1
        elif label.time > event.time + horizon and outcome == "orphan":
            outcome = "after_horizon"
    if outcome:
        data.label_outcomes[outcome] += 1


def _addresses(label, event, observation):
    if label.own is not None:
        return True
    if label.partition != event.partition and not label.source.labels_go_everywhere(label.topic):
        return False
    return observation.category == label.category or (observation.names is not None and not label.category)


def _offer(observation, label):
    if not label.value.retracts and observation.truth(label.value) is None:
        return "unusable"
    before = observation.label
    if before is not None and before.key() > label.key():
        return "stale"
    observation.label = label
    if label.value.retracts:
        return "retracted"
    if before is None:
        return "joined"
    return "repeated" if before.value.same_as(label.value) else "corrected"


def contribution(observation):
    """The amounts, by field, that an observation adds to its pane in each of its series."""
    amounts = {}
    event, q = observation.event, observation.q
    if q is not None:
        amounts["scored"] = 1
        amounts["score_q"] = q
        amounts["score_q_squared"] = q * q
        if q in (0, ONE):
            amounts["saturated"] = 1
        if observation.threshold is not None and not observation.error:
            amounts["with_threshold"] = 1
            half = observation.unit().band
            t = observation.threshold
            if quantize(t - half) <= q <= quantize(t + half):
                amounts["in_band"] = 1
    if observation.error:
        amounts["errors"] = 1
    elif observation.decided is not None:
        amounts["decided"] = 1
        if observation.decided:
            amounts["flagged"] = 1
    else:
        amounts["undecided"] = 1
    if in_sample(event.source, event.request_id):
        amounts["sampled"] = 1
    if observation.label is not None and not observation.label.value.retracts:
        _add_label(amounts, observation)
    return amounts


def _add_label(amounts, observation):
    if observation.category == TOP and observation.names is not None:
        amounts["class", observation.label.value.text, observation.names] = 1
    truth, q = observation.truth(observation.label.value), observation.q
    amounts["labeled"] = 1
    if truth:
        amounts["positive"] = 1
    if observation.decided is not None:
        right = "true" if observation.decided == truth else "false"
        amounts[f"{right}_{'positive' if observation.decided else 'negative'}"] = 1
    if q is not None:
        amounts["loss"] = log_loss(q, truth)
        index = min(BINS - 1, q * BINS >> 30)
        amounts["labeled", index] = 1
        amounts["score_q", index] = q
        if truth:
            amounts["positive", index] = 1


def cohort_value(value):
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Number):
        text = value.text
    elif isinstance(value, str):
        text = value
    else:
        return "__none__"
    return text if len(text.encode("utf-8", "replace")) <= MAX_COHORT_BYTES else "__other__"


class Panes:
    """{series: {pane start: {field: amount}}}. A series is (source, guardrail, category, model_version,
    variant, dimension, value), the last two empty for the whole."""

    def __init__(self):
        self.series = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        self.last_end = None  # Of the panes with a scored event.

    def add(self, source, event, category, amounts):
        pane = event.time // PANE * PANE
        whole = (source.name, event.guardrail, category, event.model_version, event.variant)
        slices = [("", "")]
        for dimension in source.unit(event.guardrail, category).cohorts:
            slices.append((dimension, cohort_value(event.cohort.get(dimension))))
        for one in slices:
            cell = self.series[whole + one][pane]
            for field, amount in amounts.items():
                if one == ("", "") or field[0] != "class":
                    cell[field] += amount

    def note_scored(self, time):
        end = time // PANE * PANE + PANE
        self.last_end = end if self.last_end is None else max(self.last_end, end)


def aggregate(data):
    panes = Panes()
    for event in data.scored:
        panes.note_scored(event.time)
        for observation in event.observations:
            panes.add(event.source, event, observation.category, contribution(observation))
    for source, event in data.errors:
        panes.add(source, event, event.category, {"errors": 1})
    for source, event in data.invalid:
        category = TOP if event.class_q is not None else event.category
        panes.add(source, event, category, {"invalid_scores": 1})
    return panes


def confusion_matrix(cell):
    """Counts by true class (rows) and predicted class (columns), of a whole top label."""
    pairs = {field[1:]: amount for field, amount in cell.items() if field[0] == "class" and amount}
    names = sorted({name for pair in pairs for name in pair}, key=str.encode)
    return {"classes": names, "counts": [[pairs.get((true, predicted), 0) for predicted in names] for true in names],
            "folded": 0}


def as_json(series, window, view, end, cell):
    source, guardrail, category, model_version, variant, dimension, value = series
    matrix = {"confusion_matrix": confusion_matrix(cell)} if category == TOP and not dimension else {}
    return matrix | {
        "source": source, "guardrail": guardrail, "category": category, "model_version": model_version,
        "variant": variant, "slice": {dimension: value} if dimension else {},
        "window": window, "view": view, "end": rfc3339(end),
        "counts": {field: cell[field] for field in COUNTS},
        "labels": {"labeled": cell["labeled"], "positive": cell["positive"],
                   "unlabeled": cell["sampled"] - cell["labeled"]},
        "confusion": {field: cell[field] for field in CONFUSION},
        "sums": {field: str(cell[field]) for field in SUMS},
        "reliability": [{"bin": index, "lower": index / BINS, "upper": (index + 1) / BINS,
                         "labeled": cell["labeled", index], "positive": cell["positive", index],
                         "score_q": str(cell["score_q", index])} for index in range(BINS)],
    }


def window_views(settings):
    """(window, view, grid by which it slides)."""
    for window in settings.windows:
        width = duration(window)
        yield window, "current", PANE if width <= HOUR else settings.coarse
        if width >= settings.coarse:
            yield window, "matured", settings.coarse


def windows(settings, panes, at=None):
    """Windows that end with the last pane that has a scored event, rounded up to the grid, or `at`,
    rounded down to it."""
    last = at if at is not None else panes.last_end
    for series in sorted(panes.series) if last is not None else []:
        for window, view, grid in window_views(settings):
            end = last // grid * grid if at is not None else -(-last // grid) * grid
            begin = end - duration(window)
            total = Counter()
            for start, cell in panes.series[series].items():
                if begin <= start < end:
                    for field, amount in cell.items():
                        total[field] += amount
            if any(total.values()):
                yield as_json(series, window, view, end, total)


def single_panes(panes):
    for series in sorted(panes.series):
        for start, cell in sorted(panes.series[series].items()):
            yield as_json(series, "pane", "current", start + PANE, cell)


def summary(data, decisions):
    result = {"accepted": dict(data.accepted), "rejected": dict(data.rejected), "late": dict(data.late),
              "duplicates": data.duplicates}
    result.update({f"label_{name}": count for name, count in data.label_outcomes.items()})
    result.update({f"decision_{name}": count for name, count in decisions.items()})
    return {"summary": result}


def compute(settings, logs, at=None, with_panes=False, now=None):
    """All objects of the contract's section 4 for {(topic, partition): records}, and the summary."""
    data = Input()
    for (topic, partition), records in sorted(logs.items()):
        Log(settings.source_of(topic), topic, partition, data).read(records, now)
    decisions = decide(data)
    join_labels(data)
    panes = aggregate(data)
    objects = list(windows(settings, panes, at))
    if with_panes:
        objects += single_panes(panes)
    return objects + [summary(data, decisions)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, help="guardwatchd's configuration, written in JSON")
    parser.add_argument("--output", required=True, help="NDJSON to write")
    parser.add_argument("--at", type=parse_rfc3339, help="where the windows end")
    parser.add_argument("--now", type=parse_rfc3339, help="the wall clock that record timestamps are held against")
    parser.add_argument("--panes", action="store_true", help="also one object per series and pane")
    parser.add_argument("files", nargs="+", metavar="FILE", help=read_files.__doc__)
    arguments = parser.parse_args()
    objects = compute(Settings.load(arguments.config), read_files(arguments.files), arguments.at,
                      arguments.panes, arguments.now)
    with open(arguments.output, "w", encoding="utf-8") as output:
        for item in objects:
            output.write(json.dumps(item) + "\n")


if __name__ == "__main__":
    main()
