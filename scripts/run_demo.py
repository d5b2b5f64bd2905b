"""Runs the demo with programs that are built already; see scripts/demo."""

import argparse
import contextlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import servers  # noqa: E402

EMBEDDED_STORY = """
  An hour of traffic passes per minute.
  0:00  calm: four guardrails, all calibrated
  0:30  the `de` cohort of prompt-injection starts to be flagged far more often
  1:30  by now the alert CohortFailRateHigh fires for lang=de, and for nothing else
"""

FULL_STORY = """
  Real Kafka, Prometheus and Alertmanager; event time is now.
  0:00  calm: four guardrails, all calibrated
  1:00  the `de` cohort of prompt-injection starts to be flagged far more often
  2:30  by now the alert CohortFailRateHigh fires for lang=de, here and in Alertmanager
"""

FULL_CONFIG = """
sources:
  - name: gateway
    kafka:
      brokers: ["{kafka}"]
      topics: [guardrail.events, {{name: guardrail.labels, carries: [labels]}}]
      start: earliest
    cohorts: [lang, tier]
    allowed_lateness: 5s
    label_horizon: 30m
    label_lateness: 1m
defaults: {{windows: [1m, 5m, 1h]}}
alerting:
  rules:
    - {{alert: CohortFailRateHigh, metric: fail_rate, guardrail: prompt-injection, per_cohort: lang,
       window: 1m, above: 0.25, for: 20s, min_events: 100, severity: page}}
  receivers:
    - alertmanager: {{urls: ["{alertmanager}"]}}
    - log: {{}}
"""

PROMETHEUS_CONFIG = """
global: {{scrape_interval: 5s}}
scrape_configs:
  - job_name: guardwatch
    static_configs: [{{targets: ["{target}"]}}]
"""


def duration(text):
    match = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", text)
    if not text or not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as 2m or 90s")
    return 60 * int(match[1] or 0) + int(match[2] or 0)


class Daemon(servers.Server):
    name = "guardwatchd"

    def __init__(self, binary, config, address):
        super().__init__()
        self.binary, self.config, self.address = binary, config, address

    @property
    def url(self):
        return f"http://{self.address}"

    def command(self):
        return [str(self.binary), f"--config.file={self.config}", f"--web.listen-address={self.address}"]

    def ready(self):
        with contextlib.suppress(urllib.error.URLError, OSError):
            with urllib.request.urlopen(self.url + "/-/healthy", timeout=2) as answer:
                return answer.status == 200
        return False

    def alerts(self):
        with urllib.request.urlopen(self.url + "/api/v1/alerts", timeout=5) as answer:
            return json.load(answer)["alerts"]


def firing(alerts):
    return {(a["labels"]["alertname"], a["labels"].get("value", "")): a for a in alerts if a["state"] == "firing"}


def pick_address():
    """The default port if it is free, else any."""
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 9464))
            return "127.0.0.1:9464"
        except OSError:
            return f"127.0.0.1:{servers.free_port()}"


def watch(daemon, ends_after):
    """Prints alerts as they come and go. Returns every alert that fired, with the second it did."""
    began = time.monotonic()
    seen = {}
    while ends_after is None or time.monotonic() - began < ends_after:
        if not daemon.running():
            print("guardwatchd has ended:\n" + daemon.log()[-2000:])
            return seen
        now = firing(daemon.alerts())
        at = int(time.monotonic() - began)
        for name, alert in now.items():
            if name not in seen:
                print(f"  {at // 60}:{at % 60:02}  FIRING  {alert['annotations']['summary']}", flush=True)
                print(f"        {alert['annotations']['description']}", flush=True)
                seen[name] = at
        time.sleep(1)
    return seen


def full(stack, programs, folder):
    print("starting Kafka, Prometheus and Alertmanager ...", flush=True)
    kafka = stack.enter_context(servers.KafkaBroker())
    alertmanager = stack.enter_context(servers.Alertmanager())
    kafka.create_topic("guardrail.events", 2)
    kafka.create_topic("guardrail.labels", 1)
    address = pick_address()
    prometheus = stack.enter_context(servers.Prometheus(PROMETHEUS_CONFIG.format(target=address)))
    config = folder / "guardwatch.yaml"
    config.write_text(FULL_CONFIG.format(kafka=kafka.address, alertmanager=alertmanager.url))
    daemon = stack.enter_context(Daemon(programs / "guardwatchd", config, address))
    generator = subprocess.Popen(
        [programs / "guardwatchctl", "generate", "--scenario", "cohort-regression", "--events", "2000000",
         "--rate", "400", "--partitions", "2", "--label-partitions", "1", "--change-at", "1m",
         "--label-delay", "30s", "--label-lateness", "1m", "--allowed-lateness", "5s",
         "--to-kafka", kafka.address],
        stdout=subprocess.DEVNULL)
    stack.callback(lambda: (generator.terminate(), generator.wait()))
    print(f"  Kafka          {kafka.address}\n  Prometheus     {prometheus.url}\n  Alertmanager   {alertmanager.url}")
    return daemon, alertmanager


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--for", dest="ends_after", type=duration, help="end after this time, e.g. 2m")
    parser.add_argument("--full", action="store_true", help="real Kafka, Prometheus and Alertmanager as well")
    arguments = parser.parse_args()
    arguments.programs = arguments.programs.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    expected = ("CohortFailRateHigh", "de")
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guardwatch-demo-")))
        alertmanager = None
        if arguments.full:
            daemon, alertmanager = full(stack, arguments.programs, folder)
        else:
            daemon = stack.enter_context(
                Daemon(arguments.programs / "guardwatchd", ROOT / "config" / "demo.yaml", pick_address()))
        print(f"\nguardwatch is at {daemon.url}/   (metrics: {daemon.url}/metrics)")
        print(FULL_STORY if arguments.full else EMBEDDED_STORY, flush=True)
        try:
            seen = watch(daemon, arguments.ends_after)
        except KeyboardInterrupt:
            print("\nstopping")
            return 0
        if arguments.ends_after is None:
            return 1
        delivered = alertmanager is None or any(
            a["labels"].get("value") == "de" for a in alertmanager.alerts())
    others = sorted(f"{name} {value}" for name, value in seen if (name, value) != expected)
    if expected not in seen:
        print("\nThe alert did not fire.")
    elif not delivered:
        print("\nThe alert did not reach Alertmanager.")
    elif others:
        print("\nOther alerts fired too: " + ", ".join(others))
    else:
        print("\nThe story happened as told.")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
