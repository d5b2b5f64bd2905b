"""What a reader makes of a broker that goes and comes back: nothing is lost, nothing comes twice, no
position jumps, and the reader lives on."""

import json
import pathlib
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kafka_wire
import servers

TOPIC = "events"
PARTITIONS = 2


class Reader:
    """kafka_reader, and what it has written so far."""

    def __init__(self, program, address):
        self.records = []
        self.states = {}
        self.resets = 0
        self._process = subprocess.Popen([program, address, TOPIC, str(PARTITIONS)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self):
        for line in self._process.stdout:
            seen = json.loads(line)
            if "offset" in seen:
                self.records.append((seen["log"], seen["offset"], seen["payload"]))
            else:
                self.states[seen["log"]] = seen
                self.resets = max(self.resets, seen["resets"])

    def readable(self):
        return len(self.states) == PARTITIONS and all(state["readable"] for state in self.states.values())

    def unreadable(self):
        return len(self.states) == PARTITIONS and not any(state["readable"] for state in self.states.values())

    def end(self):
        """Its exit code."""
        if not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait(timeout=20)
            self._thread.join()
            self._process.stdout.close()
        return self._process.returncode


class Writer:
    """Writes small batches to every partition until it is told to stop, whatever the broker does. A batch
    whose answer is lost is written again: what the log then holds is what counts."""

    def __init__(self, broker):
        self._broker = broker
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        batch = 0
        while not self._stopped.wait(0.01):
            records = [(1_700_000_000_000 + i, None, f"{batch}.{i} {'x' * 100}".encode()) for i in range(50)]
            try:
                for partition in range(PARTITIONS):
                    kafka_wire.produce(self._broker.port, TOPIC, partition, records, timeout=5)
            except (OSError, kafka_wire.KafkaError):
                self._stopped.wait(0.1)
            batch += 1

    def stop(self):
        self._stopped.set()
        self._thread.join()


class BrokerTest(unittest.TestCase):
    program = None

    def setUp(self):
        self.broker = self.enterContext(servers.KafkaBroker())
        self.broker.create_topic(TOPIC, partitions=PARTITIONS)
        self.writer = Writer(self.broker)
        self.addCleanup(self.writer.stop)
        self.reader = Reader(self.program, self.broker.address)
        self.addCleanup(self.reader.end)

    def read_more(self, count=2000):
        wanted = len(self.reader.records) + count
        servers.wait_until(lambda: len(self.reader.records) >= wanted, 30, f"{count} more records are read")

    def check_everything_was_read_once(self):
        self.writer.stop()
        expected = {}
        for record in self.broker.dump(TOPIC):
            expected.setdefault(record["partition"], []).append((record["offset"], record["payload"]))
        total = sum(map(len, expected.values()))
        servers.wait_until(lambda: len(self.reader.records) >= total, 30, "everything is read")
        self.assertEqual(self.reader.end(), 0)
        for partition, records in expected.items():
            read = [(offset, payload) for log, offset, payload in self.reader.records if log == partition]
            self.assertEqual(read, records)
        self.assertEqual(len(self.reader.records), total)
        self.assertEqual(self.reader.resets, 0)

    def test_a_restart_loses_and_repeats_nothing(self):
        self.read_more()
        self.broker.restart()
        self.read_more()
        self.check_everything_was_read_once()

    def test_a_crash_loses_and_repeats_nothing(self):
        self.read_more()
        self.broker.kill()
        self.broker.start()
        self.read_more()
        self.check_everything_was_read_once()

    def test_while_every_broker_is_gone_no_log_is_readable_and_then_all_are(self):
        self.read_more()
        self.broker.kill()
        servers.wait_until(self.reader.unreadable, 15, "no log is readable")
        for state in self.reader.states.values():
            self.assertRegex(state["error"], "down|refused|leader")
        self.broker.start()
        self.read_more()
        servers.wait_until(self.reader.readable, 15, "every log is readable")
        self.check_everything_was_read_once()


if __name__ == "__main__":
    BrokerTest.program = sys.argv.pop(1)
    unittest.main(verbosity=2)
