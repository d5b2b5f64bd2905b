"""From the bytes of one record to an Event, or to the reason why it is rejected."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal, ROUND_HALF_EVEN, localcontext
from fractions import Fraction
import re

ONE = 1 << 30  # Probability 1 as an integer score.
SLACK = 1e-9
TOP = "__top__"
MEBIBYTE = 1 << 20
MAX_DEPTH = 16
MAX_ID_BYTES = 256

REASONS = ["too_large", "tombstone", "not_utf8", "malformed_json", "too_deep", "missing_field", "bad_type",
           "unexpected_kind", "id_too_long", "bad_time", "threshold_out_of_range", "unknown_verdict",
           "unknown_label", "score_out_of_range", "future_timestamp"]
KINDS = ["score", "decision", "label", "combined"]
VERDICTS = ["allow", "block", "flag", "redact", "escalate", "error"]
TRUTH = {"positive": True, "unsafe": True, "negative": False, "safe": False}


class Malformed(Exception):
    pass


class Number:
    """A number with its JSON text, which a cohort value needs."""

    __slots__ = ("text", "value", "is_integer")

    def __init__(self, text, is_integer):
        self.text = text
        self.value = float(text)
        self.is_integer = is_integer
        if self.value in (float("inf"), float("-inf")):
            raise Malformed(text)


class LabelValue:
    """`truth`: what it says of a binary unit, None if it says nothing. `text`: what it says of a class
    unit, None likewise. Both None: the label is retracted."""

    __slots__ = ("truth", "text")

    def __init__(self, truth, text):
        self.truth = truth
        self.text = text

    @property
    def retracts(self):
        return self.truth is None and self.text is None

    def same_as(self, other):
        return (self.truth, self.text) == (other.truth, other.text)


class Event:
    __slots__ = ("kind", "time", "request_id", "guardrail", "category", "model_version", "variant", "q",
                 "class_q", "threshold", "verdict", "label", "revision", "cohort")

    @property
    def is_scored(self):
        return self.kind in ("score", "combined")


def quantize(p):
    """A probability as an integer, clipped to [0, 1] first. Python's round is half to even."""
    return round(min(max(p, 0.0), 1.0) * ONE)


def quantize_logit(logit):
    if abs(logit) > 200:
        return ONE if logit > 0 else 0
    with localcontext() as context:
        context.prec = 60
        p = 1 / (1 + (-Decimal(logit)).exp())
        return int((p * ONE).to_integral_value(ROUND_HALF_EVEN))


def in_unit_interval(p):
    return -SLACK <= p <= 1.0 + SLACK


def _first_of_duplicates(pairs):
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else dict(reversed(pairs))


def _refuse_constant(text):
    raise Malformed(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_first_of_duplicates, parse_constant=_refuse_constant,
                            parse_int=lambda text: Number(text, True),
                            parse_float=lambda text: Number(text, False))


def _depth(value):
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def parse(payload):
    """(fields, None) or (None, reason)."""
    if len(payload) > MEBIBYTE:
        return None, "too_large"
    if not payload:
        return None, "tombstone"
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return None, "not_utf8"
    try:
        fields = _DECODER.decode(text)
    except (ValueError, Malformed):
        return None, "malformed_json"
    except RecursionError:
        return None, "too_deep"
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(fields) > MAX_DEPTH:
        return None, "too_deep"
    if not isinstance(fields, dict):
        return None, "bad_type"
    return fields, None


_EARLIEST = -62_135_596_800_000_000  # Year 1.
_LATEST = 253_402_300_799_999_999  # The end of year 9999.


def _in_range(micros):
    return micros if _EARLIEST <= micros <= _LATEST else None


_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
                      r"(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_rfc3339(text):
    """Microseconds since the epoch, finer digits truncated; None if it is not a time."""
    match = _RFC3339.fullmatch(text)
    if not match:
        return None
    *date, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime(*map(int, date), tzinfo=timezone.utc)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            return None
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    return _in_range(seconds * 1_000_000 + int(((fraction or "") + "000000")[:6]))


def rfc3339(micros):
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def time_of_number(number):
    """Microseconds since the epoch: integers truncated, fractional numbers to the nearest."""
    if abs(number.value) > 1e22:
        return None
    value = int(number.text) if number.is_integer else Fraction(number.text)
    for limit, per_unit in ((10**11, 1_000_000), (10**14, 1000), (10**17, 1), (None, Fraction(1, 1000))):
        if limit is None or abs(value) < limit:
            micros = value * per_unit
            return _in_range(int(micros // 1 if number.is_integer else round(micros)))


class _Reader:
    """Reads fields of one object and remembers the first reason, in the contract's order, to reject it."""

    def __init__(self, fields):
        self.fields = fields
        self.worst = len(REASONS)

    @property
    def reason(self):
        return REASONS[self.worst] if self.worst < len(REASONS) else None

    def fail(self, reason):
        self.worst = min(self.worst, REASONS.index(reason))

    def has(self, name):
        return self.fields.get(name) is not None

    def string(self, name):
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail("bad_type")
            return None
        if not value.isascii() or len(value) > MAX_ID_BYTES:
            try:
                size = len(value.encode("utf-8"))
            except UnicodeEncodeError:  # Half a surrogate pair.
                self.fail("malformed_json")
                return None
            if size > MAX_ID_BYTES:
                self.fail("id_too_long")
        return value

    def name(self, name):
        """A string that may be absent, but not empty."""
        value = self.string(name)
        if value == "":
            self.fail("bad_type")
        return value

    def number(self, name):
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, Number):
            self.fail("bad_type")
            return None
        return value

    def kind(self):
        """The kind as declared or inferred; None if it cannot be told."""
        scored = any(self.has(name) for name in ("score", "logit", "class_scores"))
        declared = self.string("kind")
        if declared is not None:
            if declared not in KINDS:
                self.fail("bad_type")
                return None
            missing = {"score": not scored, "combined": not scored, "label": "label" not in self.fields,
                       "decision": not self.has("verdict")}[declared]
            if missing:
                self.fail("missing_field")
            return declared
        if self.has("kind"):
            return None  # Not even a string.
        if scored:
            return "combined" if self.has("label") or self.has("verdict") else "score"
        if "label" in self.fields:
            return "label"
        if self.has("verdict"):
            return "decision"
        self.fail("missing_field")
        return None

    def time(self, record_time):
        value = self.fields.get("time")
        if value is None:
            if record_time is None:
                self.fail("missing_field")
            return record_time
        if isinstance(value, str):
            time = parse_rfc3339(value)
        elif isinstance(value, Number):
            time = time_of_number(value)
        else:
            self.fail("bad_type")
            return None
        if time is None:
            self.fail("bad_time")
        return time

    def probability(self, value):
        if not isinstance(value, Number):
            self.fail("bad_type")
            return 0
        if not in_unit_interval(value.value):
            self.fail("score_out_of_range")
            return 0
        return quantize(value.value)

    def scores(self):
        """(q, None) or (None, {class: q}): the first of score, logit, class_scores that is there."""
        if self.has("score"):
            return self.probability(self.fields["score"]), None
        if self.has("logit"):
            logit = self.number("logit")
            return quantize_logit(logit.value) if logit else 0, None
        classes = self.fields.get("class_scores")
        if classes is None:
            return None, None
        if not isinstance(classes, dict) or not classes:
            self.fail("bad_type")
            return None, {}
        return None, {name: self.probability(p) for name, p in classes.items()}

    def label(self):
        value = self.fields.get("label")
        if value is None:
            return LabelValue(None, None)
        if isinstance(value, bool):
            return LabelValue(value, None)
        if isinstance(value, Number):
            if value.value not in (0.0, 1.0):
                self.fail("unknown_label")
            return LabelValue(value.value == 1.0, None)
        text = self.string("label")
        if text == "":
            self.fail("unknown_label")
        return LabelValue(TRUTH.get(text), text)

    def cohort(self):
        cohort = self.fields.get("cohort")
        if cohort is None:
            return {}
        if not isinstance(cohort, dict):
            self.fail("bad_type")
            return {}
        return cohort


def decode(payload, carries, record_time=None):
    """(event, None), or (event or None, reason). `carries` is a set of "scores", "decisions", "labels";
    `record_time` in microseconds, None if there is none. After score_out_of_range the rest of the
    event is valid."""
    fields, reason = parse(payload)
    if reason:
        return None, reason
    read = _Reader(fields)
    event = Event()
    event.kind = read.kind()
    event.guardrail = read.name("guardrail")
    event.request_id = read.name("request_id")
    if not read.has("guardrail") or (event.kind in ("decision", "label") and not read.has("request_id")):
        read.fail("missing_field")
    event.category = read.string("category") or ""
    event.model_version = read.string("model_version") or ""
    event.variant = read.string("variant") or "live"
    if event.variant not in ("live", "candidate"):
        read.fail("bad_type")
    for name in ("policy", "policy_version"):
        read.string(name)
    latency = read.number("latency_ms")
    if latency and latency.value < 0:
        read.fail("bad_type")
    event.cohort = read.cohort()
    event.time = read.time(record_time)
    _read_threshold(read, event)
    _read_outcome(read, event)
    _check_carried(read, event, carries)
    return event, read.reason


def _read_threshold(read, event):
    threshold = read.number("threshold")
    event.threshold = None
    if threshold and not in_unit_interval(threshold.value):
        read.fail("threshold_out_of_range")
    elif threshold:
        event.threshold = min(max(threshold.value, 0.0), 1.0)


def _read_outcome(read, event):
    """Score, verdict and label, as far as they belong to the event's kind."""
    event.q, event.class_q = read.scores() if event.is_scored else (None, None)
    event.verdict = read.string("verdict") if event.kind != "label" else None
    if event.verdict is not None:
        if event.verdict not in VERDICTS:
            read.fail("unknown_verdict")
        if event.class_q is not None:
            read.fail("bad_type")
    # Null takes a label back, but on a scored event it is an absent optional field.
    labelled = event.kind == "label" or (event.is_scored and read.has("label"))
    event.label = read.label() if labelled else None
    revision = read.number("label_revision")
    event.revision = 0
    if revision and revision.is_integer:
        event.revision = int(revision.text)
    elif revision and revision.value.is_integer():
        event.revision = int(revision.value)
    elif revision:
        read.fail("bad_type")
    if abs(event.revision) >= 2**63:
        read.fail("bad_type")
    sample_prob = read.number("sample_prob")
    if sample_prob and not 0.0 < sample_prob.value <= 1.0:
        read.fail("bad_type")


def _check_carried(read, event, carries):
    needed = {"score": "scores", "combined": "scores", "decision": "decisions", "label": "labels"}
    if event.kind and needed[event.kind] not in carries:
        read.fail("unexpected_kind")
    if event.is_scored and "labels" not in carries:
        event.label = None  # The score is welcome; its label has no watermark to be held against.
