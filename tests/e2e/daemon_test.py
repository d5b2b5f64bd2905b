"""How the daemon starts, reloads, stops, and lives through what the outside does to it."""

import json
import os
import pathlib
import signal
import socket
import sys
import tempfile
import time
import unittest

from daemon import ROOT, Daemon, run, source
import servers

EVENT_TIME = int(time.time()) // 600 * 600 - 7200


def event(number, **more):
    return json.dumps({"request_id": f"r-{number}", "guardrail": "toxicity", "score": 0.4, "threshold": 0.5,
                       "time": EVENT_TIME + number / 100, **more}).encode()


class DaemonTest(unittest.TestCase):
    guardwatchd = guardwatchctl = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="guardwatch-daemon-")))

    def wait_for(self, condition, what, timeout=60):
        servers.wait_until(condition, timeout, what, interval=0.1)

    def write(self, text):
        path = self.folder / "config.yaml"
        path.write_text(text)
        return path

    def start(self, config):
        return self.enterContext(Daemon(self.guardwatchd, config))

    def demo(self, **more):
        return {"sources": [{"name": "demo", "demo": {"scenario": "calm"}, "label_horizon": "30m",
                             "label_lateness": "2m"}], "defaults": {"windows": ["5m", "1h"]}, **more}

    def terminate(self, daemon):
        os.kill(daemon.process.pid, signal.SIGTERM)
        return daemon.process.wait(timeout=15)

    # Starting.

    def test_a_missing_flag_is_a_usage_error(self):
        done = run(self.guardwatchd)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--config.file", done.stderr)

    def test_every_configuration_error_is_named_with_its_place(self):
        path = self.write("sources:\n  - name: a\n    kafka: {brokers: [b:1], topics: [t]}\n    treshold: 1\n"
                          "defaults: {band: wide}\n")
        for command in ([self.guardwatchd, f"--config.file={path}"],
                        [self.guardwatchd, f"--config.file={path}", "--config.check"],
                        [self.guardwatchctl, "check-config", path]):
            done = run(*command)
            self.assertEqual(done.returncode, 2)
            self.assertIn("config.yaml:4:5: error: unknown key 'treshold'", done.stderr)
            self.assertIn("config.yaml:5:18: error:", done.stderr)

    def test_an_unreadable_file_is_a_configuration_error(self):
        done = run(self.guardwatchd, f"--config.file={self.folder}/none.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("none.yaml", done.stderr)

    def test_a_good_configuration_passes_the_check(self):
        self.assertEqual(run(self.guardwatchd, f"--config.file={ROOT}/config/guardwatch.yaml",
                             "--config.check").returncode, 0)

    def test_a_port_in_use_is_said_once_and_ends_it(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            path = self.write(json.dumps(self.demo()))
            done = run(self.guardwatchd, f"--config.file={path}",
                       f"--web.listen-address=127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(done.returncode, 4)
        self.assertEqual(done.stderr.count("in use"), 1)

    # Running.

    def test_term_flushes_and_ends_well_under_load(self):
        config = self.demo()
        config["sources"][0]["demo"]["rate"] = 2000  # Millions of events to begin with.
        daemon = self.start(config)
        self.wait_for(lambda: daemon.accepted() > 0, "events")
        before = daemon.accepted()
        self.wait_for(lambda: daemon.accepted() > before, "more events")
        self.assertEqual(self.terminate(daemon), 0)

    def test_reload_takes_rules_and_refuses_the_rest(self):
        config = self.demo(alerting={"rules": [], "receivers": [{"log": {}}]})
        daemon = self.start(config)
        self.wait_for(daemon.is_ready, "ready")

        config["alerting"]["rules"] = [{"alert": "AnyScore", "metric": "fail_rate", "window": "5m", "above": 0,
                                        "for": "0s", "severity": "page"}]
        daemon.configure(config)
        self.assertEqual(daemon.request("/-/reload", "POST")[0], 200)
        self.wait_for(lambda: daemon.alerts("firing"), "the new rule in force")

        daemon.configure({"sources": []})
        self.assertNotEqual(daemon.request("/-/reload", "POST")[0], 200)
        self.assertFalse(daemon.status()["config"]["last_reload_ok"])

        daemon.configure({**config, "defaults": {"windows": ["5m", "1h", "2h"]}})
        status, body = daemon.request("/-/reload", "POST")
        self.assertNotEqual(status, 200)
        self.assertIn("restart", body)
        self.assertTrue(daemon.alerts("firing"))

        config["alerting"]["rules"] = []
        daemon.configure(config)
        os.kill(daemon.process.pid, signal.SIGHUP)
        self.wait_for(lambda: daemon.status()["config"]["last_reload_ok"], "reload by signal")
        self.wait_for(lambda: not daemon.alerts("firing"), "alerts of the rule that is gone to resolve")

    def test_other_baselines_in_the_file_take_a_restart(self):
        given = {"format": "guardwatch.baselines/v1", "coarse_pane": "10s", "slots": "none", "model_versions": []}
        file = self.folder / "baselines.json"
        file.write_text(json.dumps(given))
        daemon = self.start(self.demo(alerting={"drift": {"baseline_file": str(file)}}))
        self.wait_for(daemon.is_ready, "ready")
        self.assertEqual(daemon.request("/-/reload", "POST")[0], 200)
        given["model_versions"] = [{"source": "demo", "guardrail": "toxicity", "category": "", "model_version": "v9"}]
        file.write_text(json.dumps(given))
        status, body = daemon.request("/-/reload", "POST")
        self.assertNotEqual(status, 200)
        self.assertIn("baselines.json have changed; restart to take them", body)
        self.assertFalse(daemon.status()["config"]["last_reload_ok"])

    def test_files_are_a_source_too(self):
        path = self.folder / "guardrail.events-0.ndjson"
        path.write_bytes(b"".join(event(n) + b"\n" for n in range(500)))
        daemon = self.start({"sources": [{"name": "files", "label_horizon": "30m", "label_lateness": "2m",
                                          "files": {"directory": str(self.folder), "topics": ["guardrail.events"]}}],
                             "defaults": {"windows": ["5m", "1h"]}})
        self.wait_for(lambda: daemon.accepted() == 500, "every line read")
        self.wait_for(lambda: daemon.api("windows", window="1h", view="current")["windows"], "sealed windows")
        window = daemon.api("windows", window="1h", view="current")["windows"][0]
        self.assertEqual(window["counts"]["scored"], 500)

    # Kafka's bad days.

    def kafka(self):
        kafka = self.enterContext(servers.KafkaBroker())
        kafka.create_topic("guardrail.events", 2)
        kafka.create_topic("guardrail.labels", 1)
        return kafka

    def produce(self, kafka, partition, payloads):
        kafka.produce("guardrail.events", partition, [(EVENT_TIME * 1000 + 60_000, None, p) for p in payloads])

    def test_without_a_broker_it_stays_up_says_so_and_reads_once_there_is_one(self):
        kafka = servers.KafkaBroker()
        self.addCleanup(kafka.close)
        daemon = self.start({"sources": [source(kafka.address)], "defaults": {"windows": ["5m", "1h"]}})
        self.wait_for(lambda: "gateway" in daemon.get("/-/ready")[1], "the reason to name the source", 30)
        self.assertEqual(daemon.get("/-/ready")[0], 503)
        self.assertEqual(daemon.get("/-/healthy")[0], 200)
        self.assertIn("guardwatch_ready 0", daemon.metrics())

        kafka.start()
        kafka.create_topic("guardrail.events", 2)
        kafka.create_topic("guardrail.labels", 1)
        self.produce(kafka, 0, [event(n) for n in range(10)])
        self.wait_for(lambda: daemon.is_ready() and daemon.accepted() == 10, "the first events", 60)
        self.assertIn("guardwatch_ready 1", daemon.metrics())
        self.assertEqual(self.terminate(daemon), 0)

    def test_a_broker_that_goes_and_comes_back_loses_nothing(self):
        kafka = self.kafka()
        daemon = self.start({"sources": [source(kafka.address)], "defaults": {"windows": ["5m", "1h"]}})
        self.produce(kafka, 0, [event(n) for n in range(300)])
        self.wait_for(lambda: daemon.is_ready() and daemon.accepted() == 300, "the first events")
        kafka.stop()
        self.wait_for(lambda: not daemon.is_ready(), "not ready without the broker")
        kafka.start()
        self.produce(kafka, 0, [event(n) for n in range(300, 500)])
        self.produce(kafka, 1, [event(n) for n in range(500, 600)])
        self.wait_for(lambda: daemon.is_ready() and daemon.accepted() == 600, "the rest", 90)
        self.assertEqual(sum(log["counters"]["duplicates"] for log in daemon.source()["logs"]), 0)

    def test_partitions_added_later_are_read(self):
        kafka = self.kafka()
        config = {"sources": [source(kafka.address)], "defaults": {"windows": ["5m", "1h"]}}
        config["sources"][0]["kafka"]["topics"].append("guardrail.more")
        daemon = self.start(config)
        self.produce(kafka, 0, [event(n) for n in range(10)])
        self.wait_for(lambda: daemon.accepted() == 10, "the first events")
        self.assertIn("guardrail.more", daemon.get("/-/ready")[1])
        kafka.create_topic("guardrail.more", 3)
        kafka.produce("guardrail.more", 2, [(EVENT_TIME * 1000 + 60_000, None, event(n)) for n in range(10, 30)])
        self.wait_for(lambda: daemon.accepted() == 30, "events of the new partitions", 90)
        self.wait_for(daemon.is_ready, "ready")

    def test_poison_is_counted_by_reason_and_place_and_hurts_nothing(self):
        kafka = self.kafka()
        poison = sorted((ROOT / "tests" / "data" / "poison").glob("*.bin"))
        small = [p for p in poison if p.stat().st_size < 900_000 and p.stat().st_size > 0 and "-ok" not in p.name]
        self.assertGreater(len(small), 40)
        payloads = []
        for number, path in enumerate(small):
            payloads += [path.read_bytes(), event(number)]
        daemon = self.start({"sources": [source(kafka.address)], "defaults": {"windows": ["5m", "1h"]}})
        self.produce(kafka, 1, payloads)
        self.wait_for(lambda: daemon.records_read() == len(payloads), "every record read")
        log = next(l for l in daemon.source()["logs"] if (l["topic"], l["partition"]) == ("guardrail.events", 1))
        rejected = {reason: n for reason, n in log["counters"]["rejected"].items() if n}
        self.assertEqual(sum(rejected.values()) + sum(log["counters"]["accepted"].values()), len(payloads))
        self.assertGreaterEqual(log["counters"]["accepted"]["score"], len(small))
        last = {reject["reason"]: reject for reject in log["last_rejects"]}
        self.assertEqual(set(last), set(rejected))
        for reject in last.values():
            self.assertEqual(reject["offset"] % 2, 0)  # Poison stands at the even offsets.

    def test_a_test_alert_arrives(self):
        alertmanager = self.enterContext(servers.Alertmanager())
        path = self.write(json.dumps(self.demo(alerting={"receivers": [
            {"alertmanager": {"urls": [alertmanager.url]}}]})))
        done = run(self.guardwatchctl, "alert", "test", "--config", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([a["labels"]["alertname"] for a in alertmanager.alerts()], ["GuardwatchTest"])
        alertmanager.stop()
        self.assertEqual(run(self.guardwatchctl, "alert", "test", "--config", path).returncode, 3)


if __name__ == "__main__":
    DaemonTest.guardwatchd, DaemonTest.guardwatchctl = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
