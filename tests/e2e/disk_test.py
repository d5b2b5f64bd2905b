"""A disk in trouble: what is there is served, reading pauses, and in the end nothing is missing."""

import errno
import json
import os
import resource
import subprocess
import sys
import unittest

from counting import LONG, CountingTest
from daemon import run
from faults import Faults

EVENTS = 60_000 if LONG else 5_000


class Disk:
    """A small file system of its own. Only root may mount one, as only root may set this machine up."""

    AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]

    def __init__(self, test, size="128m"):
        self.place = test.folder / "disk"
        self.place.mkdir()
        mounted = self.mount(f"size={size},uid={os.geteuid()}", "-t", "tmpfs", "tmpfs")
        test.assertEqual(mounted.returncode, 0, f"mounting a tmpfs takes root or sudo: {mounted.stderr}")
        test.addCleanup(subprocess.run, [*self.AS_ROOT, "umount", "--lazy", self.place], check=False)

    def mount(self, options, *what):
        return subprocess.run([*self.AS_ROOT, "mount", "-o", options, *what, self.place], capture_output=True, text=True)

    def fill(self):
        with open(self.place / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass

    def empty(self):
        os.unlink(self.place / "filler")

    def remount(self, mode):
        return self.mount(f"remount,{mode}").returncode == 0


class DiskTest(CountingTest):
    def live_through(self, state, trouble, relief, message, kill=False, environment=None):
        """Half of the stream is counted, then `trouble(daemon)` comes, and goes with `relief(daemon)`."""
        first = self.stream(EVENTS)
        second = self.stream(EVENTS, first.end)
        daemon = self.daemon(state=state, environment=environment)
        first.produce(self.kafka, 1)
        self.wait_for(lambda: daemon.records_read() == first.records, "the first part read")

        trouble(daemon)
        more = second.produce_in_background(self.kafka, 2)
        self.wait_for(lambda: message in daemon.findings().get("checkpoint_failing", {"summary": ""})["summary"],
                      f"the finding with: {message}")
        self.wait_for(lambda: not daemon.is_ready(), "reading to pause")
        more.join()
        self.assertLess(daemon.records_read(), first.records + second.records)
        self.assertEqual(daemon.get("/metrics")[0], 200)
        self.assertEqual(daemon.findings()["checkpoint_failing"]["severity"], "critical")
        if kill:
            daemon.kill()
        relief(daemon)
        if kill:
            daemon.start()
        self.wait_for(lambda: "checkpoint_failing" not in daemon.findings(), "the finding to go")
        self.wait_for(daemon.is_ready, "ready again")
        expected = self.finish(daemon, second.end)

        daemon.kill()  # What was written after the trouble is as good as what was counted.
        daemon.start()
        self.wait_for(lambda: self.matured(daemon, second.end // 60 * 60), "everything matured once more")
        self.check_counts(daemon, expected, second.end // 60 * 60)

    def test_a_full_disk(self):
        disk = Disk(self)
        self.live_through(disk.place / "state", lambda _: disk.fill(), lambda _: disk.empty(), "No space left")

    def test_a_full_disk_and_a_kill(self):
        disk = Disk(self)
        self.live_through(disk.place / "state", lambda _: disk.fill(), lambda _: disk.empty(), "No space left",
                          kill=True)

    def test_a_disk_that_turns_read_only(self):
        disk = Disk(self)

        def turn(daemon):
            # No file may be open for writing, which takes a moment in which none is: after a failed checkpoint.
            disk.fill()
            self.wait_for(lambda: disk.remount("ro"), "the disk to turn read-only")

        def turn_back(daemon):
            self.assertTrue(disk.remount("rw"))
            disk.empty()

        self.live_through(disk.place / "state", turn, turn_back, "Read-only file system")

    def live_through_errors(self, message, kill=False, **errors):
        state = self.folder / "state"
        faults = self.enterContext(Faults(state))
        self.live_through(state, lambda _: faults.fail(**errors), lambda _: faults.fail(), message, kill,
                          faults.environment)
        self.assertGreater(faults.made(), 0)

    def test_a_disk_that_does_not_write(self):
        self.live_through_errors("Input/output error", write=errno.EIO)

    def test_a_disk_that_does_not_sync(self):
        self.live_through_errors("Input/output error", sync=errno.EIO)

    @unittest.skipUnless(LONG, "long")
    def test_a_disk_that_does_not_sync_and_a_kill(self):
        self.live_through_errors("Input/output error", sync=errno.EIO, kill=True)

    def test_files_that_may_not_grow(self):
        def limit(daemon, size):
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        self.live_through(self.folder / "state", lambda daemon: limit(daemon, 4096),
                          lambda daemon: limit(daemon, resource.RLIM_INFINITY), "File too large")

    def test_a_disk_that_cannot_be_written_to_ends_the_start_with_3(self):
        disk = Disk(self)
        disk.remount("ro")
        config = self.folder / "config.yaml"
        config.write_text(json.dumps(self.config))
        started = run(self.guardwatchd, f"--config.file={config}", f"--storage.path={disk.place}/state",
                      "--web.listen-address=127.0.0.1:0")
        self.assertEqual(started.returncode, 3)
        self.assertIn("Read-only file system", started.stdout + started.stderr)


if __name__ == "__main__":
    CountingTest.guardwatchd, CountingTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
