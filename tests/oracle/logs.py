"""The first pass: each log for itself, in order. Decides what is rejected, late or a duplicate, and
turns the rest into scored events, label events and decision events, still unconnected."""

import bisect
from collections import Counter, defaultdict
import json
import os
import re

from decode import TOP, decode, quantize
from settings import DAY, HOUR, MINUTE, PANE

AGES = [("1m", MINUTE), ("10m", 10 * MINUTE), ("1h", HOUR), ("6h", 6 * HOUR), ("1d", DAY)]


class Observation:
    """What one scored event says of one unit: the event itself, or one class of a class vector.
    `q` is None where decisions are counted themselves; `names` is the class that a label must name."""

    __slots__ = ("event", "category", "names", "q", "threshold", "decided", "error", "waits", "label")

    def __init__(self, event, category, q, names=None):
        self.event = event
        self.category = category
        self.names = names
        self.q = q
        self.threshold = None  # In force, as a number in [0, 1].
        self.decided = None  # True: flagged, False: not, None: undecided or an error.
        self.error = False
        self.waits = False
        self.label = None  # In force, a LabelEvent.

    def unit(self):
        return self.event.source.unit(self.event.guardrail, self.category)

    def truth(self, value):
        """True or False if the label's value says that of this unit; None if it says nothing of it."""
        if self.names is None:
            return value.truth
        return None if value.text is None else value.text == self.names


class ScoredEvent:
    __slots__ = ("source", "partition", "guardrail", "variant", "request_id", "time", "model_version", "cohort",
                 "observations")

    def __init__(self, source, partition, event):
        self.source = source
        self.partition = partition
        self.guardrail = event.guardrail
        self.variant = event.variant
        self.request_id = event.request_id
        self.time = event.time
        self.model_version = event.model_version
        self.cohort = event.cohort
        self.observations = []


class LabelEvent:
    """`own`: the counted scored event that carried the label and alone may take it, having no request_id."""

    __slots__ = ("source", "guardrail", "category", "request_id", "time", "revision", "value", "topic",
                 "partition", "offset", "own")

    def __init__(self, log, event, offset, own=None):
        self.source = log.source
        self.guardrail = event.guardrail
        self.category = event.category
        self.request_id = event.request_id
        self.time = event.time
        self.revision = event.revision
        self.value = event.label
        self.topic = log.topic
        self.partition = log.partition
        self.offset = offset
        self.own = own

    def key(self):
        return (self.revision, self.time, self.topic, self.partition, self.offset)


class DecisionEvent:
    __slots__ = ("identity", "time", "flagged", "threshold", "watermark", "order")

    def __init__(self, log, event, offset, watermark):
        self.identity = (log.source.name, log.partition, event.guardrail, event.category, event.variant,
                         event.request_id)
        self.time = event.time
        self.flagged = event.verdict != "allow"
        self.threshold = event.threshold
        self.watermark = watermark  # Of its own log, before it; None if it was the first.
        self.order = (log.topic, log.partition, offset)


class Input:
    """All logs, read."""

    def __init__(self):
        self.scored = []
        self.labels = []
        self.decisions = []
        self.invalid = []  # (source, event) of scores out of range.
        self.errors = []  # (source, event) of decision events with verdict `error`.
        self.accepted = Counter()
        self.rejected = Counter()
        self.late = Counter()
        self.duplicates = 0
        self.label_outcomes = Counter()


def pane_end(time):
    return time // PANE * PANE + PANE


class Log:
    def __init__(self, source, topic, partition, into):
        self.source = source
        self.topic = topic
        self.partition = partition
        self._into = into
        self._carries = source.topics[topic]
        self._progress = None  # M of the contract.
        self._held = defaultdict(list)  # Times of counted events by identity, ascending.

    def read(self, records, now=None):
        for offset, record_time, payload in records:
            self._read_record(offset, record_time, payload, now)

    def _watermark(self, lateness):
        return None if self._progress is None else self._progress - lateness

    def _read_record(self, offset, record_time, payload, now):
        event, reason = decode(payload, self._carries, record_time)
        watermark = self._watermark(self.source.allowed_lateness)
        if reason is None and record_time is not None and (
                event.time > record_time + self.source.allowed_lateness
                or (now is not None and record_time > now + self.source.allowed_lateness)):
            reason = "future_timestamp"
        if reason:
            self._into.rejected[reason] += 1
            if reason == "score_out_of_range" and not self._is_late(event, watermark):
                self._into.invalid.append((self.source, event))
            return
        self._into.accepted[event.kind] += 1
        if event.kind == "label":
            watermark = self._watermark(self.source.label_lateness)
        late = self._is_late(event, watermark)
        seen = event.time if record_time is None else min(event.time, record_time)
        self._progress = seen if self._progress is None else max(self._progress, seen)
        if late:
            self._count_late(event, watermark)
        elif event.kind == "label":
            self._into.labels.append(LabelEvent(self, event, offset))
        elif event.kind == "decision" and event.verdict == "error":
            self._into.errors.append((self.source, event))
        elif event.kind == "decision" and not self._counts_itself(event):
            self._into.decisions.append(DecisionEvent(self, event, offset, watermark))
        else:
            self._take_scored(event, offset)

    @staticmethod
    def _is_late(event, watermark):
        return watermark is not None and pane_end(event.time) <= watermark

    def _count_late(self, event, watermark):
        age = watermark - event.time
        bounds = [bound for _, bound in AGES]
        names = [name for name, _ in AGES] + ["more"]
        self._into.late[names[bisect.bisect_left(bounds, age)]] += 1
        if event.label is not None:
            self._into.label_outcomes["late"] += 1

    def _counts_itself(self, event):
        return self.source.unit(event.guardrail, event.category).decisions_only

    def _take_scored(self, event, offset):
        counted = None
        if self._is_duplicate(event):
            self._into.duplicates += 1
        else:
            counted = self._observe(event)
            self._into.scored.append(counted)
        if event.label is not None and (counted or event.request_id):
            own = counted if event.request_id is None else None
            self._into.labels.append(LabelEvent(self, event, offset, own))

    def _is_duplicate(self, event):
        """Registers the identity of an event that is none."""
        if event.request_id is None:
            return False
        held = self._held[event.guardrail, event.category, event.variant, event.request_id]
        at = bisect.bisect_left(held, event.time)
        near = [time for time in held[max(at - 1, 0):at + 1]
                if abs(time - event.time) <= self.source.duplicate_window]
        if not near:
            held.insert(at, event.time)
        return bool(near)

    def _observe(self, event):
        counted = ScoredEvent(self.source, self.partition, event)
        if event.class_q is not None:
            top = max(event.class_q, key=event.class_q.get)  # The first of equals.
            counted.observations = [Observation(counted, name, q, name) for name, q in event.class_q.items()]
            counted.observations.append(Observation(counted, TOP, event.class_q[top], top))
        else:
            counted.observations = [Observation(counted, event.category, event.q)]
        for observation in counted.observations:
            self._decide(observation, event)
        return counted

    def _decide(self, observation, event):
        """The verdict on the event, else the one that its threshold gives, else it waits for an event."""
        unit = observation.unit()
        observation.threshold = event.threshold if event.threshold is not None else unit.threshold
        observation.error = event.verdict == "error"
        if observation.q is None:
            observation.decided = event.verdict != "allow"
        elif observation.error:
            pass
        elif unit.decided_by_events:
            observation.waits = True
        elif event.verdict is not None:
            observation.decided = event.verdict != "allow"
        elif observation.threshold is not None:
            observation.decided = flags(observation)
        else:
            observation.waits = True


def flags(observation):
    return observation.q >= quantize(observation.threshold)


_PLAIN = re.compile(r"(.+)-(\d+)\.ndjson")
_RECORDS = re.compile(r"(?:(.+)-(\d+)\.)?.*records\.ndjson")


def _plain_records(path):
    with open(path, "rb") as file:
        for offset, line in enumerate(file):
            yield offset, None, line.removesuffix(b"\n")


def read_files(paths):
    """{(topic, partition): [(offset, record time in us or None, payload)]}.

    TOPIC-PARTITION.ndjson has one payload a line. A file whose name ends in `records.ndjson` has one
    record a line, {"offset", "timestamp" in ms, "value"} or an envelope of `kcat -J`, whose own topic
    and partition count where the file's name has none.
    """
    logs = defaultdict(list)
    for path in paths:
        name = os.path.basename(path)
        records = _RECORDS.fullmatch(name)
        plain = _PLAIN.fullmatch(name)
        if records:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    record = json.loads(line)
                    log = (records[1] or record["topic"], int(records[2] or record["partition"]))
                    millis = record.get("timestamp", record.get("ts"))
                    value = record.get("value", record.get("payload"))
                    time = None if millis is None or millis < 0 else millis * 1000
                    logs[log].append((record["offset"], time, (value or "").encode("utf-8", "surrogatepass")))
        elif plain:
            logs[plain[1], int(plain[2])] = _plain_records(path)
        else:
            raise ValueError(f"{path}: the name must be TOPIC-PARTITION.ndjson or end in records.ndjson")
    return logs
