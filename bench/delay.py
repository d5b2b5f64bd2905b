"""From a record's append to its count on /metrics, record by record, while others come in at a steady rate; from the
moment from which an alert could be known to its arrival at a receiver; and how long an hour's outage takes to catch
up with."""

import json
import pathlib
import subprocess
import time

import measure
import servers
import kafka_wire
from receiver import Receiver

PANE, LATENESS = 10, 60  # Seconds.
RULES = """
alerting:
  rules:
    - {{alert: AllFlagged, metric: fail_rate, window: 5m, above: 0.99}}
  receivers:
    - alertmanager: {{urls: ["{receiver}"]}}
"""


def delay_of(daemon, kafka, number):
    """Seconds from the broker's acknowledgement of one score to its showing."""
    now = time.time()
    event = {"kind": "score", "request_id": f"probe-{number}", "guardrail": "probe", "score": 0.5,
             "time": int(now * 1000)}
    kafka_wire.produce(kafka.port, "guardrail.events", 0, [(int(now * 1000), None, json.dumps(event).encode())])
    appended = time.monotonic()
    servers.wait_until(lambda: daemon.total("guardwatch_scores_total", guardrail="probe") > number, 30, "the probe counted",
                       interval=0.02)
    return time.monotonic() - appended


def flag(kafka, number):
    """One flagged event of a guardrail of its own. Returns the time (seconds) at which its pane is sealed, if no clock
    differs: then its alert fires."""
    now = time.time()
    event = {"request_id": f"alarm-{number}", "guardrail": f"alarm-{number}", "score": 0.9, "verdict": "flag",
             "time": int(now * 1000)}
    kafka_wire.produce(kafka.port, "guardrail.events", 0, [(int(now * 1000), None, json.dumps(event).encode())])
    return (now // PANE + 1) * PANE + LATENESS


def arrivals(receiver):
    """{guardrail: time of the first notification}"""
    first = {}
    for at, alert in list(receiver.received):
        first.setdefault(alert["labels"].get("guardrail"), at)
    return first


def alert_delays(kafka, receiver, count):
    due = {}
    for number in range(count):
        due[f"alarm-{number}"] = flag(kafka, number)
        time.sleep(1.7)  # At different distances from the end of a pane.
    servers.wait_until(lambda: due.keys() <= arrivals(receiver).keys(), 150, "every alert")
    came = arrivals(receiver)
    return sorted(came[name] - at for name, at in due.items())


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def main():
    arguments = measure.arguments(__doc__, probes=100, alerts=20, rate=2_000, outage=3_600, per_second=1_000)
    programs = arguments.programs
    with measure.folder() as folder, measure.folder() as state, servers.KafkaBroker() as kafka, \
            Receiver() as receiver:
        config = pathlib.Path(folder) / "bench.yaml"
        config.write_text(measure.CONFIG.format(kafka=kafka.address, more=RULES.format(receiver=receiver.url)))
        missed = measure.run_json(programs / "produce_events", kafka.address, arguments.outage * arguments.per_second,
                                  f"--per-second={arguments.per_second}")
        with measure.BenchDaemon(programs, config, state) as daemon:
            began = time.monotonic()
            servers.wait_until(lambda: daemon.records_read() >= missed["records"], 600, "every record read")
            servers.wait_until(lambda: daemon.total("guardwatch_scores_total") >= missed["scored"], 30, "every score counted")
            caught_up = time.monotonic() - began
            measure.expect("scores", missed["scored"], daemon.total("guardwatch_scores_total"))
            with subprocess.Popen([str(programs / "produce_events"), kafka.address, str(arguments.rate * 600),
                                   f"--rate={arguments.rate}", f"--per-second={arguments.rate}"], stdout=subprocess.DEVNULL) as traffic:
                try:
                    delays = sorted(delay_of(daemon, kafka, n) for n in range(arguments.probes))
                    alerts = alert_delays(kafka, receiver, arguments.alerts)
                finally:
                    traffic.kill()
    result = {"delays": delays, "median": percentile(delays, 0.5), "p99": percentile(delays, 0.99), "alert_delays": alerts,
              "catch_up_seconds": caught_up, "outage_seconds": arguments.outage, "records": missed["records"]}
    measure.show([("from append to /metrics, median", result["median"], "s"), ("from append to /metrics, p99", result["p99"], "s"),
                  ("from the end of pane and lateness to the receiver, median", percentile(alerts, 0.5), "s"),
                  ("from the end of pane and lateness to the receiver, most", alerts[-1], "s"),
                  (f"catching up with {arguments.outage} s of {arguments.per_second} events/s", caught_up, "s")])
    measure.keep("delay", result)


if __name__ == "__main__":
    main()
