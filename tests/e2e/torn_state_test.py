"""The state directory of a daemon that was killed under load, with every file cut short and changed in many
places: a start goes on from a good state, and then all windows are the oracle's, or it is refused with exit code
3 and a message. Other numbers never come of it."""

import collections
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

from counting import LONG, SEED, CountingTest
from daemon import Daemon
import servers

EVENTS = 40_000 if LONG else 8_000
FEW = 2  # So many of each kind of file in the short version.
PLACES = 12  # In each file, in the long version: so many cuts, and as many changed bits.


def cut(path, at):
    with open(path, "r+b") as file:
        file.truncate(at)


def flip(path, at, bit):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


class TornStateTest(CountingTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.state = self.folder / "state"
        self.outcomes = collections.Counter()

    def kill_under_load(self):
        """Leaves a state directory behind that was being written. Returns where the stream ends."""
        first = self.stream(EVENTS)
        second = self.stream(EVENTS, first.end)
        daemon = self.daemon(state=self.state)
        first.produce(self.kafka, 2)
        self.wait_for(lambda: daemon.records_read() == first.records, "the first part read")
        daemon.kill()
        daemon.start()  # What the log holds becomes tables.
        feeding = second.produce_in_background(self.kafka, 3)
        self.wait_for(lambda: daemon.records_read() > first.records + second.records / 2, "half of the second part")
        daemon.kill()
        feeding.join()
        return second.end // 60 * 60

    def damages(self):
        """(text, function of a copy) of every damage that is tried. In the short version every kind of file has
        some."""
        files = sorted(path for path in self.state.iterdir() if path.stat().st_size > 0)
        print({path.name: path.stat().st_size for path in files}, flush=True)
        by_kind = collections.defaultdict(list)
        for path in files:
            of_kind = by_kind[path.suffix or path.name.split("-")[0]]
            size = path.stat().st_size
            for place in range(PLACES):
                at = min(self.random.randrange(size * place // PLACES, size * (place + 1) // PLACES + 1), size - 1)
                bit = self.random.randrange(8)
                of_kind.append((f"{path.name} cut at {at} of {size}", lambda copy, p=path.name, a=at: cut(copy / p, a)))
                of_kind.append((f"bit {bit} of {path.name}[{at}] of {size}",
                                lambda copy, p=path.name, a=at, b=bit: flip(copy / p, a, b)))
            of_kind.append((f"{path.name} gone", lambda copy, p=path.name: (copy / p).unlink()))
        if LONG:
            return sum(by_kind.values(), [])
        return [damage for of_kind in by_kind.values() for damage in self.random.sample(of_kind, FEW)]

    def start_from(self, copy):
        """A daemon that serves from the copy, or None if it was refused in the right way."""
        daemon = Daemon(self.guardwatchd, self.config, state=copy)
        self.addCleanup(daemon.close)
        try:
            daemon.start()
            return daemon
        except servers.ServerError:
            self.assertEqual(daemon.process.returncode, 3, daemon.log()[-2000:])
            self.assertIn(str(copy), daemon.log())
            daemon.close()
            return None

    def try_out(self, text, damage, expected, records, end):
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            copy = pathlib.Path(place) / "copy"
            shutil.copytree(self.state, copy)
            damage(copy)
            daemon = self.start_from(copy)
            if daemon is None:
                self.outcomes["refused"] += 1
                return
            try:
                self.wait_for(lambda: daemon.records_read() == records, f"everything read: {text}")
                self.wait_for(lambda: self.matured(daemon, end), f"everything matured: {text}")
                self.check_counts(daemon, expected, end)
                self.outcomes["went on"] += 1
            finally:
                daemon.close()

    def test_damage_leads_to_a_good_state_or_a_refusal(self):
        end = self.kill_under_load()
        self.close(end)
        records, expected = self.produced(), self.expected()
        self.try_out("no damage", lambda copy: None, expected, records, end)
        self.assertEqual(self.outcomes["went on"], 1)
        for text, damage in self.damages():
            with self.subTest(text):
                self.try_out(text, damage, expected, records, end)
        print(dict(self.outcomes), flush=True)
        self.assertGreater(self.outcomes["refused"], 0)
        self.assertGreater(self.outcomes["went on"], 1)


if __name__ == "__main__":
    CountingTest.guardwatchd, CountingTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
