"""A daemon that counts a stream from a real Kafka while something goes wrong, and the oracle beside it."""

import os
import pathlib
import tempfile
import time
import unittest

from daemon import Daemon, source
import servers

import compare
from decode import rfc3339
from streams import EVENTS, LABELS, Expected, Stream, close, create_topics

SEED, DENSITY = 20261126, 10  # Events per second of event time.
LONG = bool(os.environ.get("GUARDWATCH_LONG"))  # As scripts/soak sets it.
SETTLED_AFTER = (30 + 2 + 2) * 60  # Seconds after which no label comes: horizon, lateness, and slack.


class CountingTest(unittest.TestCase):
    """One broker serves all tests of a class; each has topics of its own."""

    guardwatchd = guardwatchctl = None

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(cls.start_kafka())

    @classmethod
    def start_kafka(cls):
        return servers.KafkaBroker()

    def setUp(self):
        print(f"{self.id()}, seed {SEED}", flush=True)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-count-")))
        self.prefix = f"{self._testMethodName}."
        self.start = int(time.time()) // 600 * 600 - 6 * 3600
        self.config = {"sources": [source(self.address(), self.prefix, idle_timeout="1h")],
                       "defaults": {"windows": ["5m", "1h"]}, "flush_interval": "50ms", "workers": 2,
                       "storage": {"checkpoint_interval": "100ms", "max_checkpoint_age": "1s"}}
        create_topics(self.kafka, self.prefix)

    def address(self):
        return self.kafka.address

    def wait_for(self, condition, what, timeout=60):
        servers.wait_until(condition, timeout, what, interval=0.1)

    def stream(self, events, start=None):
        """A calm stream from `start` (seconds), by default from that of the test."""
        start = start or self.start
        return Stream(self.guardwatchctl, self.folder / f"stream-{start}", "calm", events, DENSITY, start, SEED + start,
                      prefix=self.prefix)

    def daemon(self, **more):
        return self.enterContext(Daemon(self.guardwatchd, self.config, **more))

    def produced(self):
        """How many records the topics hold."""
        return sum(len(self.kafka.dump(self.prefix + topic)) for topic in (EVENTS, LABELS))

    def expected(self):
        return Expected(self.kafka, self.config, self.folder, self.prefix)

    def close(self, end):
        return close(self.kafka, end + SETTLED_AFTER, self.prefix)

    def matured(self, daemon, end):
        return (daemon.source()["matured_through"] or "") >= rfc3339(end * 1_000_000)

    def check_counts(self, daemon, expected, end, backs=(0, 5 * 60)):
        """Every window that ends at `end` (seconds), or so many seconds before it, is the oracle's."""
        for back in backs:
            at = rfc3339((end - back) * 1_000_000)
            actual = daemon.api("windows", at=at)["windows"]
            found = list(compare.differences(expected.windows(at), actual))
            self.assertEqual(found[:20], [], f"{len(found)} numbers differ at {at}")
            self.assertEqual({w["view"] for w in actual}, {"current", "matured"})
            self.assertGreater(len(actual), 50)

    def finish(self, daemon, end):
        """Closes a stream that has been produced up to `end`, and compares all windows. Returns what is expected."""
        end = end // 60 * 60
        self.close(end)
        records = self.produced()
        self.wait_for(lambda: daemon.records_read() == records, "everything read", 120)
        self.wait_for(lambda: self.matured(daemon, end), "everything matured")
        expected = self.expected()
        self.check_counts(daemon, expected, end)
        return expected
