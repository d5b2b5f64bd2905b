"""Runs every PromQL expression of the dashboards and rules on a real Prometheus that scrapes a daemon
playing the demo. Each must return data, but for those listed with the reason why not."""

import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(ROOT / "tests" / "support"))

import servers  # noqa: E402
from run_demo import Daemon  # noqa: E402

PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - {{job_name: guardwatch, static_configs: [{{targets: ["{target}"]}}]}}
"""

# Empty when all is well.
MAY_BE_EMPTY = {
    r"guardwatch_alert_active\{": "no alert is pending or firing at first",
    r"changes\(guardwatch_epoch_timestamp_seconds": "nothing has changed its version, policy or threshold",
}


def filled(expression):
    for name, value in {"$__rate_interval": "10s", "$window": "1h", "$view": "current", "$source": ".*",
                        "$guardrail": ".*", "$category": ".*"}.items():
        expression = expression.replace(name, value)
    return expression


def dashboard_expressions():
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        board = json.loads(path.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}: {panel['title']} {target['refId']}", filled(target["expr"])
        for annotation in board["annotations"]["list"]:
            yield f"{path.name}: annotation {annotation['name']}", filled(annotation["expr"])


class LiveQueriesTest(unittest.TestCase):
    guardwatchd = None

    @classmethod
    def setUpClass(cls):
        address = f"127.0.0.1:{servers.free_port()}"
        cls.daemon = cls.enterClassContext(Daemon(cls.guardwatchd, ROOT / "config" / "demo.yaml", address))
        rules = ROOT / "deploy" / "prometheus" / "guardwatch-rules.yml"
        cls.prometheus = cls.enterClassContext(servers.Prometheus(PROMETHEUS.format(rules=rules, target=address)))
        servers.wait_until(lambda: cls.prometheus.query("guardwatch_window_labeled_events > 0"), 60, "labels in a window",
                           interval=0.5)

    def wait_for_data(self, expression):
        servers.wait_until(lambda: self.prometheus.query(expression), 60, f"data for {expression}", interval=0.5)

    def test_every_dashboard_query_returns_data(self):
        checked = 0
        for name, expression in dashboard_expressions():
            with self.subTest(name):
                if any(re.search(pattern, expression) for pattern in MAY_BE_EMPTY):
                    self.prometheus.query(expression)  # Valid at least.
                else:
                    self.wait_for_data(expression)
                checked += 1
        self.assertGreater(checked, 30)

    def test_every_rule_is_healthy_and_every_recording_has_data(self):
        def healthy():
            groups = self.prometheus.get("/api/v1/rules")["groups"]
            return groups and all(rule["health"] == "ok" for group in groups for rule in group["rules"])

        servers.wait_until(healthy, 60, "every rule evaluated without error", interval=0.5)
        for group in self.prometheus.get("/api/v1/rules")["groups"]:
            for rule in group["rules"]:
                if rule["type"] == "recording":
                    self.wait_for_data(rule["name"])
                else:
                    # An alert that compares with nothing could never fire: its metrics must be there.
                    for metric in set(re.findall(r"guardwatch_[a-z0-9_]+", rule["query"])):
                        with self.subTest(f"{rule['name']}: {metric}"):
                            self.wait_for_data(metric)
        firing = [rule["name"] for group in self.prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]
                  if rule.get("state") == "firing"]
        self.assertEqual(firing, [])


if __name__ == "__main__":
    LiveQueriesTest.guardwatchd = pathlib.Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
