"""The state directory as a place that fails, fills up, is looked into, and is removed; against real processes."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from daemon import Daemon, run, source
import servers

import compare
from decode import rfc3339
from streams import Expected, Stream, close, create_topics

SEED, EVENTS, DENSITY = 20261126, 12_000, 10


class StoringDaemon(Daemon):
    def __init__(self, program, config, state):
        self.state = state
        super().__init__(program, config)

    def command(self):
        return super().command() + [f"--storage.path={self.state}"]

    def findings(self):
        return {finding["kind"]: finding for finding in self.api("findings")["findings"]}


class StorageTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-storage-")))
        self.state = self.folder / "state"
        self.config = {"sources": [{"name": "demo", "demo": {"scenario": "calm"}, "label_horizon": "30m",
                                    "label_lateness": "2m"}],
                       "defaults": {"windows": ["5m", "1h"]}, "flush_interval": "50ms",
                       "storage": {"checkpoint_interval": "100ms", "max_checkpoint_age": "1s"}}

    def wait_for(self, condition, what, timeout=60):
        servers.wait_until(condition, timeout, what, interval=0.1)

    def daemon(self, state=None):
        return self.enterContext(StoringDaemon(self.guardwatchd, self.config, state or self.state))

    def ctl(self, *arguments):
        return run(self.guardwatchctl, "state", *arguments)


class StateCommandTest(StorageTest):
    """guardwatchctl state."""

    def demo(self):
        daemon = self.daemon()
        self.wait_for(lambda: daemon.source()["sealed_through"], "something counted")
        daemon.stop()
        return daemon

    def test_a_state_directory_can_be_looked_into_and_checked(self):
        daemon = self.demo()
        table = self.ctl("inspect", self.state)
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertIn("source demo: demo:", table.stdout)
        self.assertIn("next offset", table.stdout)
        told = json.loads(self.ctl("inspect", "--output", "json", self.state).stdout)
        self.assertEqual(told["version"], 1)
        self.assertGreater(told["bytes"], 1000)
        shards = told["sources"][0]["shards"]
        self.assertGreater(sum(shard["waiting"] for shard in shards), 10)
        self.assertGreater(sum(log["next_offset"] for log in shards[0]["logs"]), 10)
        checked = self.ctl("verify", "--config", daemon.config_file, self.state)
        self.assertEqual((checked.returncode, checked.stdout), (0, f"{self.state}: ok\n"), checked.stderr)

    def test_a_configuration_that_does_not_fit_is_named_by_the_check_and_ends_the_daemon_with_3(self):
        daemon = self.demo()
        self.config["sources"][0]["name"] = "other"
        other = self.folder / "other.yaml"
        other.write_text(json.dumps(self.config))
        checked = self.ctl("verify", "--config", other, self.state)
        self.assertEqual(checked.returncode, 3)
        self.assertIn('source "demo", which is not configured', checked.stderr)
        started = run(self.guardwatchd, f"--config.file={other}", f"--storage.path={self.state}",
                      "--web.listen-address=127.0.0.1:0")
        self.assertEqual(started.returncode, 3)
        self.assertIn("state reset", started.stdout + started.stderr)
        self.assertFalse(daemon.running())

    def test_damage_is_found(self):
        self.demo()
        for table in [*self.state.glob("*.sst"), *self.state.glob("*.blob"), *self.state.glob("MANIFEST-*")]:
            content = bytearray(table.read_bytes())
            content[len(content) // 3] ^= 0x10
            table.write_bytes(content)
        checked = self.ctl("verify", self.state)
        self.assertEqual(checked.returncode, 3)
        self.assertIn(str(self.state), checked.stderr)

    def test_only_a_state_that_is_not_in_use_is_removed_and_only_if_meant(self):
        daemon = self.demo()
        daemon.start()
        busy = self.ctl("reset", "--yes", self.state)
        self.assertEqual(busy.returncode, 3)
        self.assertIn("in use", busy.stderr)
        second = run(self.guardwatchd, f"--config.file={daemon.config_file}", f"--storage.path={self.state}",
                     "--web.listen-address=127.0.0.1:0")
        self.assertEqual(second.returncode, 3)
        self.assertIn("in use by another process", second.stdout + second.stderr)
        daemon.stop()
        self.assertEqual(self.ctl("reset", self.state).returncode, 3)
        self.assertTrue(self.state.exists())
        self.assertEqual(self.ctl("reset", "--yes", self.state).returncode, 0)
        self.assertFalse(self.state.exists())

    def test_what_is_not_a_state_directory_is_left_alone(self):
        (self.folder / "photos").mkdir()
        (self.folder / "photos" / "cat.jpg").write_text("cat")
        for directory in (self.folder / "photos", self.folder / "none"):
            before = sorted(self.folder.rglob("*"))
            self.assertEqual(self.ctl("reset", "--yes", directory).returncode, 3)
            self.assertEqual(self.ctl("inspect", directory).returncode, 3)
            self.assertEqual(sorted(self.folder.rglob("*")), before)


class DiskTest(StorageTest):
    """A disk in trouble: what is there is served, reading pauses, and in the end nothing is missing."""

    def setUp(self):
        print(f"seed {SEED}", flush=True)
        super().setUp()
        self.kafka = self.enterContext(servers.KafkaBroker())
        self.config["sources"] = [source(self.kafka.address, idle_timeout="1h")]

    def mount(self, size):
        """A file system of its own for the state."""
        place = self.folder / "disk"
        place.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("needs to mount a tmpfs, which takes root")
        self.addCleanup(subprocess.run, ["umount", "--lazy", place], check=False)
        return place

    def fill(self, place):
        with open(place / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass

    def check_counts(self, daemon, end):
        self.wait_for(lambda: (daemon.source()["matured_through"] or "") >= rfc3339(end * 1_000_000), "all matured")
        expected = Expected(self.kafka, self.config, self.folder)
        for back in (0, 5 * 60):
            at = rfc3339((end - back) * 1_000_000)
            actual = daemon.api("windows", at=at)["windows"]
            found = list(compare.differences(expected.windows(at), actual))
            self.assertEqual(found[:20], [], f"{len(found)} numbers differ at {at}")
            self.assertGreater(len(actual), 50)

    def live_through(self, place, trouble, relief, kill):
        create_topics(self.kafka)
        start = int(time.time()) // 600 * 600 - 3 * 3600
        first = Stream(self.guardwatchctl, self.folder / "first", "calm", EVENTS, DENSITY, start, SEED)
        second = Stream(self.guardwatchctl, self.folder / "second", "calm", EVENTS, DENSITY, first.end, SEED + 1)
        daemon = self.daemon(place / "state")
        first.produce(self.kafka, 1)
        self.wait_for(lambda: daemon.records_read() == first.records, "the first part read")

        trouble()
        more = second.produce_in_background(self.kafka, 4)
        self.wait_for(lambda: "checkpoint_failing" in daemon.findings(), "the finding")
        self.wait_for(lambda: not daemon.is_ready(), "reading to pause")
        more.join()
        paused_at = daemon.records_read()
        self.assertLess(paused_at, first.records + second.records)
        self.assertEqual(daemon.get("/metrics")[0], 200)
        self.assertEqual(daemon.findings()["checkpoint_failing"]["severity"], "critical")
        if kill:
            daemon.kill()
        relief()
        if kill:
            daemon.start()

        end = second.end // 60 * 60
        closing = close(self.kafka, end + (30 + 2 + 2) * 60)
        self.wait_for(lambda: daemon.records_read() == first.records + second.records + closing, "everything read")
        self.wait_for(lambda: "checkpoint_failing" not in daemon.findings(), "the finding to go")
        self.assertTrue(daemon.is_ready())
        self.check_counts(daemon, end)

    def test_a_full_disk(self):
        place = self.mount("128m")
        self.live_through(place, lambda: self.fill(place), lambda: os.unlink(place / "filler"), kill=False)

    def test_a_full_disk_and_a_kill(self):
        place = self.mount("128m")
        self.live_through(place, lambda: self.fill(place), lambda: os.unlink(place / "filler"), kill=True)

    def test_a_disk_that_cannot_be_written_to_ends_the_start_with_3(self):
        place = self.mount("128m")
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        config = self.folder / "config.yaml"
        config.write_text(json.dumps(self.config))
        started = run(self.guardwatchd, f"--config.file={config}", f"--storage.path={place}/state",
                      "--web.listen-address=127.0.0.1:0")
        self.assertEqual(started.returncode, 3)
        self.assertIn("Read-only file system", started.stdout + started.stderr)


if __name__ == "__main__":
    StorageTest.guardwatchd, StorageTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
