"""Small cases for the oracle's tests: events by the second, logs, and what came out."""

import json

from decode import parse_rfc3339
from oracle import compute
from settings import SECOND, Settings

T = parse_rfc3339("2026-11-22T10:00:00Z")  # On every grid up to an hour.
EVENTS, LABELS = "guardrail.events", "guardrail.labels"
ALL = frozenset(["scores", "decisions", "labels"])


def event(at, **fields):
    """`at` seconds after T, of the guardrail g."""
    return json.dumps({"guardrail": "g", "time": T + round(at * SECOND)} | fields).encode()


def score(at, p=0.5, request=None, **fields):
    return event(at, score=p, **({"request_id": request} if request else {}), **fields)


def label(at, value, request="r", **fields):
    return event(at, kind="label", request_id=request, label=value, **fields)


def decision(at, verdict="block", request="r", **fields):
    return event(at, kind="decision", request_id=request, verdict=verdict, **fields)


def settings(source=None, guardrails=(), defaults=None):
    return Settings({
        "sources": [{"name": "s", "kafka": {"topics": [EVENTS, {"name": LABELS, "carries": ["labels"]}]}}
                    | (source or {})],
        "guardrails": list(guardrails), "defaults": defaults or {}})


class Result:
    def __init__(self, objects):
        self.objects = objects
        self.summary = objects[-1]["summary"]

    def windows(self, window="24h", view="current", **wanted):
        wanted = {"slice": {}} | wanted
        return [one for one in self.objects[:-1] if one["window"] == window and one["view"] == view
                and all(one[field] == value for field, value in wanted.items())]

    def one(self, **wanted):
        found = self.windows(**wanted)
        assert len(found) == 1, f"{len(found)} windows for {wanted}"
        return found[0]

    def counts(self, **wanted):
        return self.one(**wanted)["counts"]

    def labels(self, **wanted):
        return self.one(**wanted)["labels"]


def run(*events, logs=None, config=None, with_panes=False, at=None, now=None, record_times=None):
    """Events of log guardrail.events-0 with their record times, and further `logs` {(topic, partition):
    events} without any."""
    records = {log: [(offset, None, payload) for offset, payload in enumerate(payloads)]
               for log, payloads in (logs or {}).items()}
    if events:
        times = record_times or [None] * len(events)
        records[EVENTS, 0] = list(zip(range(len(events)), times, events))
    return Result(compute(config or settings(), records, at=at, with_panes=with_panes, now=now))
