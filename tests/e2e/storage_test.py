"""The state directory as a place that is looked into, checked and removed; against real processes."""

import json
import pathlib
import sys
import tempfile
import unittest

from daemon import Daemon, run
import servers


class StorageTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-storage-")))
        self.state = self.folder / "state"
        self.config = {"sources": [{"name": "demo", "demo": {"scenario": "calm"}, "label_horizon": "30m",
                                    "label_lateness": "2m"}],
                       "defaults": {"windows": ["5m", "1h"]}, "flush_interval": "50ms",
                       "storage": {"checkpoint_interval": "100ms"}}

    def wait_for(self, condition, what, timeout=60):
        servers.wait_until(condition, timeout, what, interval=0.1)

    def daemon(self):
        return self.enterContext(Daemon(self.guardwatchd, self.config, state=self.state))

    def ctl(self, *arguments):
        return run(self.guardwatchctl, "state", *arguments)

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
        self.assertEqual(told["version"], 6)
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


if __name__ == "__main__":
    StorageTest.guardwatchd, StorageTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
