"""Clocks that jump, logs that fall silent, and records that are held back: what is counted stays what it is."""

import json
import sys
import time
import unittest

from counting import LONG, CountingTest
from decode import rfc3339
from faults import Faults
from streams import EVENTS, LABEL_PARTITIONS, PARTITIONS, close

from open_transaction import OpenTransaction

EVENTS_OF_A_PART = 20_000 if LONG else 4_000
HOUR = 3600
SILENT = PARTITIONS - 1


class ClockTest(CountingTest):
    """The wall clock jumps while the daemon runs."""

    def setUp(self):
        super().setUp()
        self.faults = self.enterContext(Faults())
        self.config["sources"][0]["idle_timeout"] = "10m"

    def event(self, stamp, number):
        """An event of that time (seconds), to which its record agrees."""
        payload = {"request_id": f"stamped-{number}", "guardrail": "toxicity", "score": 0.5, "time": stamp}
        self.kafka.produce(self.prefix + EVENTS, 0, [(int(stamp * 1000), None, json.dumps(payload).encode())])

    def rejected(self, daemon):
        return sum(log["counters"]["rejected"].get("future_timestamp", 0) for log in daemon.source()["logs"])

    def test_jumps_touch_no_count_and_no_timer(self):
        daemon = self.daemon(state=self.folder / "state", environment=self.faults.environment)
        end, total = self.start, 0
        for ahead in (0, HOUR, -HOUR, 0):
            self.faults.set_clock(ahead)
            part = self.stream(EVENTS_OF_A_PART, end)
            end, total = part.end, total + part.records
            part.produce(self.kafka, 0)
            self.wait_for(lambda: daemon.records_read() == total, "everything read")
            written = daemon.metric("guardwatch_checkpoints_total")
            self.wait_for(lambda: daemon.metric("guardwatch_checkpoints_total") > written, "one more checkpoint")
            self.assertEqual({log["state"] for log in daemon.source()["logs"]}, {"active"})  # An hour is not idle.
            self.assertNotIn("checkpoint_failing", daemon.findings())
            self.assertTrue(daemon.is_ready())
        expected = self.finish(daemon, end)
        # The stream has some that are ahead of their own records.
        self.assertEqual(self.rejected(daemon), expected.data.rejected["future_timestamp"])

    def test_a_clock_that_is_behind_rejects_what_seems_to_come_from_the_future(self):
        daemon = self.daemon(environment=self.faults.environment)
        now = time.time()
        self.event(now, 1)
        self.wait_for(lambda: daemon.accepted() == 1, "an event of now")
        self.faults.set_clock(-HOUR)
        numbers = iter(range(2, 10_000))

        def rejects():
            self.event(now, next(numbers))
            return self.rejected(daemon) > 0

        # What is on its way while the clock jumps may be judged by either.
        self.wait_for(rejects, "an event of an hour ahead rejected")
        self.settle(daemon)
        accepted, rejected = daemon.accepted(), self.rejected(daemon)
        self.event(now, next(numbers))
        self.event(now - HOUR, next(numbers))  # Late, since the first event was of now, but no stranger.
        self.settle(daemon)
        self.assertEqual((daemon.accepted(), self.rejected(daemon)), (accepted + 1, rejected + 1))
        self.faults.set_clock(0)

        def accepts():
            self.event(now, next(numbers))
            return daemon.accepted() > accepted + 1

        self.wait_for(accepts, "an event of now, once the clock is right")

    def settle(self, daemon):
        records = self.produced()
        self.wait_for(lambda: daemon.records_read() == records, "everything read")


class SilentLogTest(CountingTest):
    """One partition says nothing any more, while the others go on."""

    def setUp(self):
        super().setUp()
        self.config["sources"][0]["idle_timeout"] = "20s" if LONG else "3s"

    def sealed(self, daemon):
        return daemon.source()["sealed_through"] or ""

    def log(self, daemon, topic, partition):
        return next(log for log in daemon.source()["logs"]
                    if (log["topic"], log["partition"]) == (self.prefix + topic, partition))

    def test_a_log_that_is_idle_holds_nobody_up_and_what_it_brings_late_is_told(self):
        daemon = self.daemon(state=self.folder / "state")
        whole = self.stream(EVENTS_OF_A_PART)
        whole.produce(self.kafka, 0)
        self.wait_for(lambda: daemon.records_read() == whole.records, "the first part read")
        rest = self.stream(EVENTS_OF_A_PART, whole.end)
        held_back = rest.logs.pop((self.prefix + EVENTS, SILENT))
        rest.produce(self.kafka, 0)
        end = rest.end // 60 * 60
        self.wait_for(lambda: daemon.source()["held_back_by"] is not None, "a log to hold the others back")
        self.assertLess(self.sealed(daemon), rfc3339(end * 1_000_000))

        # The others say time and again that time goes on, until the silent one is idle.
        closings = iter(range(10_000))

        def settled():
            close(self.kafka, end + 40 * 60 + next(closings), self.prefix, but=(SILENT,))
            return self.matured(daemon, end)

        self.wait_for(settled, "everything matured without the silent log")
        self.assertEqual(self.log(daemon, EVENTS, SILENT)["state"], "idle")
        expected = self.expected()
        self.check_counts(daemon, expected, end)

        # What the silent log was to bring has come too late. It is told, and changes nothing.
        self.kafka.produce(self.prefix + EVENTS, SILENT, held_back)
        records = self.produced()
        self.wait_for(lambda: daemon.records_read() == records, "the rest read")
        self.wait_for(lambda: daemon.metric("guardwatch_events_late_for_sealed_total") > 0, "late events told")
        self.check_counts(daemon, expected, end)


class OpenTransactionTest(CountingTest):
    """A transaction that stays open holds back what comes after it."""

    def setUp(self):
        super().setUp()
        self.config["sources"][0]["idle_timeout"] = "2s"

    def test_what_is_held_back_is_neither_skipped_nor_counted_twice(self):
        for ending in ("commit", "abort"):
            with self.subTest(ending):
                self.hold_back(ending)

    def hold_back(self, ending):
        part = self.stream(EVENTS_OF_A_PART, self.start)
        topic, partition = log = self.prefix + EVENTS, 0
        records = part.logs.pop(log)
        for name, more in part.logs.items():
            self.kafka.produce(*name, more)
        self.kafka.produce(*log, records[:100])
        with OpenTransaction(self.kafka, *log, records[100:200]) as transaction:
            self.kafka.produce(*log, records[200:])
            daemon = self.daemon(state=self.folder / f"state-{ending}")
            self.wait_for(lambda: self.others_idle(daemon, log), "the other logs to be idle")
            held = self.state(daemon, log)
            self.assertEqual(held["state"], "active")
            self.assertEqual(daemon.source()["held_back_by"], f"{topic}/{partition}")
            self.assertLess(daemon.source()["sealed_through"] or "", rfc3339(part.end * 1_000_000))
            if LONG:
                self.wait_for(lambda: "open_transaction" in daemon.findings(), "the finding", 120)
            transaction.end(ending)
        self.wait_for(lambda: self.state(daemon, log)["next_offset"] > held["next_offset"], "reading to go on")
        if LONG:
            self.wait_for(lambda: "open_transaction" not in daemon.findings(), "the finding to go")
        end = part.end // 60 * 60
        closings = iter(range(10_000))

        def settled():
            close(self.kafka, end + 40 * 60 + next(closings), self.prefix)
            return self.matured(daemon, end)

        self.wait_for(settled, "everything matured")
        self.check_counts(daemon, self.expected(), end, backs=(0,))
        self.start = end + 60 * 60
        daemon.stop()

    def state(self, daemon, log):
        return next(one for one in daemon.source()["logs"] if (one["topic"], one["partition"]) == log)

    def others_idle(self, daemon, log):
        states = {(one["topic"], one["partition"]): one["state"] for one in daemon.source()["logs"]}
        return len(states) == PARTITIONS + LABEL_PARTITIONS and {"idle"} == {
            state for name, state in states.items() if name != log}


if __name__ == "__main__":
    CountingTest.guardwatchd, CountingTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
