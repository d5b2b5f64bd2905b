"""What a record is decoded to, or rejected for."""

import json
import unittest

from cases import ALL, T, event, score
from decode import ONE, decode, parse_rfc3339, rfc3339


class Time(unittest.TestCase):
    def time(self, value):
        return decode(json.dumps({"guardrail": "g", "score": 0.5, "time": value}).encode(), ALL)

    def test_the_size_of_a_number_gives_its_unit(self):
        for value, micros in ((1_700_000_000, 1_700_000_000_000_000), (1_700_000_000_123, 1_700_000_000_123_000),
                              (1_700_000_000_123_456, 1_700_000_000_123_456),
                              (1_700_000_000_123_456_789, 1_700_000_000_123_456),
                              (1_700_000_000.25, 1_700_000_000_250_000)):
            self.assertEqual(self.time(value)[0].time, micros)

    def test_rfc3339(self):
        for text in ("2026-11-22T10:00:00Z", "2026-11-22t10:00:00z", "2026-11-22 12:30:00+02:30",
                     "2026-11-22T10:00:00.0000009Z"):
            self.assertEqual(self.time(text)[0].time, T)

    def test_bad_times(self):
        for text in ("2026-11-22", "2026-11-22T10:00:60Z", "2026-02-30T10:00:00Z", "2026-11-22T10:00:00", "x"):
            self.assertEqual(self.time(text)[1], "bad_time")

    def test_the_record_timestamp_stands_in_for_a_missing_time(self):
        self.assertEqual(decode(b'{"guardrail":"g","score":0.5}', ALL, T)[0].time, T)
        self.assertEqual(decode(b'{"guardrail":"g","score":0.5}', ALL)[1], "missing_field")

    def test_times_are_written_as_they_are_read(self):
        for text in ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.250000Z"):
            self.assertEqual(rfc3339(parse_rfc3339(text)), text)


class Rejects(unittest.TestCase):
    def test_the_first_reason_in_order_is_given(self):
        good = '"guardrail":"g","time":1763805600'
        cases = [
            (b" " * (2**20 + 1), "too_large"), (b"", "tombstone"), (b"\xff", "not_utf8"), (b"{", "malformed_json"),
            (b'{%s,"score":NaN}' % good.encode(), "malformed_json"),
            (b'{%s,"score":1e400}' % good.encode(), "malformed_json"),
            (b'{"x":' + b"[" * 16 + b"]" * 16 + b"}", "too_deep"),
            ("{}", "missing_field"), ('{"guardrail":"g","score":0.5}', "missing_field"),
            (f'{{{good},"verdict":"allow"}}', "missing_field"), (f'{{{good},"label":true}}', "missing_field"),
            (f'{{{good},"score":"0.5"}}', "bad_type"), (f'{{{good},"score":0.5,"kind":"x"}}', "bad_type"),
            (f'{{{good},"class_scores":{{"a":1}},"verdict":"allow"}}', "bad_type"),
            (f'{{{good},"score":0.5,"sample_prob":0}}', "bad_type"),
            (f'{{{good},"score":0.5,"request_id":"{"x" * 257}"}}', "id_too_long"),
            ('{"guardrail":"g","time":"x","score":2}', "bad_time"),
            (f'{{{good},"score":2,"threshold":2}}', "threshold_out_of_range"),
            (f'{{{good},"score":2,"verdict":"no"}}', "unknown_verdict"),
            (f'{{{good},"score":2,"label":2}}', "unknown_label"), (f'{{{good},"score":2}}', "score_out_of_range"),
        ]
        for payload, reason in cases:
            payload = payload if isinstance(payload, bytes) else payload.encode()
            self.assertEqual(decode(payload, ALL)[1], reason, payload[:60])
        self.assertEqual(decode(f'{{{good},"score":0.5}}'.encode(), frozenset(["labels"]))[1], "unexpected_kind")

    def test_the_first_of_duplicate_keys_counts_and_null_is_absence(self):
        found, reason = decode(b'{"guardrail":"g","score":0.5,"score":2,"time":1763805600,"threshold":null}', ALL)
        self.assertEqual((found.q, reason), (ONE // 2, None))

    def test_kinds_are_inferred(self):
        for payload, kind in ((score(0), "score"), (score(0, label=True), "combined"), (score(0, verdict="allow"), "combined"),
                              (event(0, request_id="r", label=None), "label"),
                              (event(0, request_id="r", verdict="allow"), "decision")):
            self.assertEqual(decode(payload, ALL)[0].kind, kind)


if __name__ == "__main__":
    unittest.main()
