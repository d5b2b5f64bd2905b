"""The daemon is killed again and again while it reads from a real Kafka broker. In the end every window is what
the independent oracle makes of the topics, and every alert was told, with the times that follow from them.

GUARDWATCH_KILLS says how many times (default 6), GUARDWATCH_SEED where chance begins."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from daemon import Daemon, run, source
import servers

import compare
from decode import rfc3339
from receiver import Receiver
from streams import Expected, Stream, close, create_topics, transitions

KILLS = int(os.environ.get("GUARDWATCH_KILLS", "6"))
SEED = int(os.environ.get("GUARDWATCH_SEED", "20261125"))
LONGEST_LIFE = 2.5  # Seconds from the start of a process to its end.
LONGEST_WINDOW = "4h"
DENSITY = 20  # Events per second of event time.
REGRESSION_EVENTS, CALM_EVENTS = 24_000, 16_000
RULE = {"alert": "CohortFailRateHigh", "metric": "fail_rate", "guardrail": "prompt-injection", "per_cohort": "lang",
        "window": "5m", "above": 0.25, "for": "2m", "min_events": 100, "severity": "page"}


class MortalDaemon(Daemon):
    def spawn(self):
        """Starts the process and does not wait for it."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.directory, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)

    def answers(self):
        try:
            return self.ready()
        except OSError:
            return False

    def alert_ids(self):
        """{labels: id} of what it says now; empty while it does not answer."""
        try:
            return {tuple(sorted(a["labels"].items())): a["id"] for a in self.api("alerts")["alerts"]}
        except OSError:
            return {}


class CrashTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        self.random = random.Random(SEED)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-crash-")))
        self.kafka = self.enterContext(servers.KafkaBroker())
        self.receiver = self.enterContext(Receiver())
        create_topics(self.kafka)
        self.config = {
            "sources": [source(self.kafka.address, idle_timeout="1h")],
            "defaults": {"windows": ["5m", "1h", LONGEST_WINDOW]}, "flush_interval": "50ms", "workers": 2,
            "storage": {"checkpoint_interval": "100ms"},
            "alerting": {"rules": [RULE], "receivers": [{"alertmanager": {"urls": [self.receiver.url],
                                                                          "resend_interval": "1s"}}]}}
        self.daemon = MortalDaemon(self.guardwatchd, self.config, state=self.folder / "state")
        self.addCleanup(self.daemon.close)
        self.ids = set()
        self.endings = {signal.SIGKILL: 0, signal.SIGTERM: 0}

    def wait_for(self, condition, what, timeout=60):
        servers.wait_until(condition, timeout, what, interval=0.1)

    def live_and_die(self, ending):
        """One life of the daemon, of random length, the start included."""
        self.daemon.spawn()
        threading.Event().wait(self.random.uniform(0.05, LONGEST_LIFE))
        if ending == signal.SIGTERM:
            self.wait_for(self.daemon.answers, "an answer")
        self.assertIsNone(self.daemon.process.poll(), self.daemon.log()[-3000:])
        self.ids |= set(self.daemon.alert_ids().items())
        self.daemon.process.send_signal(ending)
        code = self.daemon.process.wait(timeout=15 * servers.PATIENCE)
        self.endings[ending] += 1
        if ending == signal.SIGTERM:
            self.assertEqual(code, 0, self.daemon.log()[-3000:])

    def read_under_fire(self, stream, kills):
        """Produces the stream while the daemon dies `kills` times, and once by request."""
        endings = [signal.SIGKILL] * kills + [signal.SIGTERM]
        self.random.shuffle(endings)
        feeding = stream.produce_in_background(self.kafka, 0.8 * LONGEST_LIFE / 2 * len(endings))
        for ending in endings:
            self.live_and_die(ending)
        feeding.join()
        self.records += stream.records
        self.daemon.start()
        self.wait_for(lambda: self.daemon.records_read() == self.records, "every record read")

    def told(self, state):
        return {labels for labels, which, _, _ in self.receiver.transitions() if which == state}

    def test_nothing_is_lost_and_nothing_counted_twice(self):
        self.records = 0
        start = int(time.time()) // 600 * 600 - 6 * 3600
        regression = Stream(self.guardwatchctl, self.folder / "regression", "cohort-regression", REGRESSION_EVENTS,
                            DENSITY, start, SEED)
        calm = Stream(self.guardwatchctl, self.folder / "calm", "calm", CALM_EVENTS, DENSITY, regression.end, SEED + 1)

        self.read_under_fire(regression, KILLS - KILLS // 2)
        self.wait_for(lambda: self.told("firing"), "the alert at the receiver")
        self.ids |= set(self.daemon.alert_ids().items())
        self.daemon.kill()
        self.read_under_fire(calm, KILLS // 2)
        end = calm.end // 60 * 60
        # Sealed to the minute at which the labels of `end` can come no more: horizon, lateness, and slack.
        self.records += close(self.kafka, end + (30 + 2 + 2) * 60)
        self.wait_for(lambda: (self.daemon.source()["matured_through"] or "") >= rfc3339(end * 1_000_000),
                      "everything matured")
        self.wait_for(lambda: self.told("resolved") == self.told("firing"), "the end of the alert at the receiver")
        self.ids |= set(self.daemon.alert_ids().items())
        self.daemon.stop()
        self.daemon.start()  # What is compared has gone through the store once more.

        expected = Expected(self.kafka, self.config, self.folder)
        self.check_windows(expected, end)
        self.check_alerts(expected)
        print(f"{self.records} records, {self.endings[signal.SIGKILL]} kills, {self.endings[signal.SIGTERM]} requests "
              "to end", flush=True)

    def check_windows(self, expected, end):
        compared = 0
        for back in range(0, 40 * 60, 7 * 60):
            at = rfc3339((end - back) * 1_000_000)
            actual = self.daemon.api("windows", at=at)["windows"]
            self.assertEqual({w["end"] for w in actual}, {at})
            self.assertEqual({w["view"] for w in actual}, {"current", "matured"})
            # Panes are kept as long as the longest window that ends now needs them.
            wanted = [w for w in expected.windows(at) if back == 0 or w["window"] != LONGEST_WINDOW]
            found = list(compare.differences(wanted, [w for w in actual if w["window"] != LONGEST_WINDOW or back == 0]))
            self.assertEqual(found[:20], [], f"{len(found)} numbers differ at {at}")
            compared += len(wanted)
        self.assertGreater(compared, 500)

    def check_alerts(self, expected):
        episodes = expected.episodes(RULE)
        self.assertEqual([dict(one.labels)["value"] for one in episodes], ["de"])
        self.assertIsNotNone(episodes[0].resolved)
        self.assertEqual(self.receiver.transitions(), transitions(episodes))
        # One id for one set of labels, in every life.
        self.assertEqual(len(self.ids), len(dict(self.ids)), self.ids)


if __name__ == "__main__":
    CrashTest.guardwatchd, CrashTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
