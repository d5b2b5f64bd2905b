"""The tests of the status page, in a real browser, against the daemon with the configuration of the demo."""

import os
import shutil
import subprocess
import sys
import unittest

from daemon import ROOT, Daemon
import servers

CONFIG = ROOT / "config" / "demo.yaml"


class DemoDaemon(Daemon):
    def configure(self, config):
        self.config_file = config


class PageTest(unittest.TestCase):
    guardwatchd = None

    def test_the_page_shows_what_the_daemon_says(self):
        daemon = self.enterContext(DemoDaemon(self.guardwatchd, CONFIG))

        def counted():
            windows = daemon.api("windows", window="5m")["windows"]
            return any(window["counts"]["scored"] for window in windows)

        servers.wait_until(lambda: daemon.is_ready() and counted(), 60, "windows with events", interval=0.2)
        node = shutil.which("node")
        self.assertIsNotNone(node, "node is missing: run scripts/setup")
        done = subprocess.run([node, ROOT / "tests" / "web" / "page_test.mjs"], check=False, timeout=240,
                              stdin=subprocess.DEVNULL, env=os.environ | {"GUARDWATCH_URL": daemon.url})
        self.assertEqual(done.returncode, 0)
        self.assertTrue(daemon.running())


if __name__ == "__main__":
    PageTest.guardwatchd = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
