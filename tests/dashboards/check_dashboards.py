"""Structure of the Grafana dashboards, and of the Prometheus rules beside them."""

import json
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARDS = sorted((ROOT / "dashboards").glob("*.json"))
RULES = ROOT / "deploy" / "prometheus" / "guardwatch-rules.yml"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def metrics_in(text):
    return set(re.findall(r"(?<![:\w])guardwatch_[a-z0-9_]+", text))


class DashboardsTest(unittest.TestCase):
    def test_each_dashboard_can_be_provisioned_as_it_is(self):
        self.assertEqual(len(DASHBOARDS), 2)
        uids = set()
        for path in DASHBOARDS:
            board = json.loads(path.read_text())
            with self.subTest(path.name):
                self.assertIsNone(board["id"])
                self.assertEqual(board["schemaVersion"], 39)
                self.assertFalse(board["editable"])
                self.assertLessEqual(len(board["uid"]), 40)
                self.assertNotIn("__inputs", board)
                self.assertEqual(board["templating"]["list"][0]["type"], "datasource")
                uids.add(board["uid"])
        self.assertEqual(len(uids), len(DASHBOARDS))

    def test_each_panel_says_what_it_shows_and_from_where(self):
        for path in DASHBOARDS:
            panels = json.loads(path.read_text())["panels"]
            self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
            for panel in panels:
                with self.subTest(f"{path.name}: {panel['title']}"):
                    self.assertEqual(panel["datasource"], DATASOURCE)
                    self.assertTrue(panel["description"])
                    self.assertIn("unit", panel["fieldConfig"]["defaults"])
                    self.assertTrue(panel["targets"])
                    for target in panel["targets"]:
                        self.assertEqual(target["datasource"], DATASOURCE)
                        if re.search(r"\b(rate|increase)\(", target["expr"]):
                            self.assertIn("$__rate_interval", target["expr"])

    def test_panels_do_not_overlap(self):
        for path in DASHBOARDS:
            taken = set()
            for panel in json.loads(path.read_text())["panels"]:
                at = panel["gridPos"]
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(cells & taken, panel["title"])
                self.assertLessEqual(at["x"] + at["w"], 24)
                taken |= cells

    def test_every_metric_is_documented(self):
        documented = metrics_in((ROOT / "docs" / "metrics.md").read_text())
        for path in [*DASHBOARDS, RULES]:
            self.assertEqual(metrics_in(path.read_text()) - documented - {"guardwatch_window_ece"}, set(), path.name)

    def test_promtool_accepts_the_rules_and_their_tests(self):
        for command in (["promtool", "check", "rules", RULES.name], ["promtool", "test", "rules", "guardwatch-rules_test.yml"],
                        ["promtool", "check", "config", "--syntax-only", "prometheus.yml"]):
            done = subprocess.run(command, cwd=RULES.parent, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_is_tested_and_has_a_runbook(self):
        alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
        tested = (RULES.parent / "guardwatch-rules_test.yml").read_text()
        listed = (ROOT / "docs" / "alerts.md").read_text()
        self.assertGreater(len(alerts), 8)
        for alert in alerts:
            self.assertEqual(tested.count(f"alertname: {alert}\n"), 2, alert)
            self.assertTrue((ROOT / "docs" / "runbooks" / f"{alert}.md").is_file(), alert)
            self.assertIn(f"runbooks/{alert}.md", listed)

    def test_alertmanager_accepts_the_example(self):
        done = subprocess.run(["amtool", "check-config", ROOT / "deploy" / "alertmanager" / "alertmanager.yml"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
