"""From a record's append to its count on /metrics, record by record, while others come in at a steady rate; and
how long an hour's outage takes to catch up with."""

import json
import pathlib
import subprocess
import time

import measure
import servers
import kafka_wire


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


def main():
    arguments = measure.arguments(__doc__, probes=100, rate=2_000, outage=3_600, per_second=1_000)
    programs = arguments.programs
    with measure.folder() as folder, measure.folder() as state, servers.KafkaBroker() as kafka:
        config = pathlib.Path(folder) / "bench.yaml"
        config.write_text(measure.CONFIG.format(kafka=kafka.address, more=""))
        missed = measure.run_json(programs / "produce_events", kafka.address, arguments.outage * arguments.per_second,
                                  f"--per-second={arguments.per_second}")
        with measure.BenchDaemon(programs, config, state) as daemon:
            began = time.monotonic()
            servers.wait_until(lambda: daemon.records_read() >= missed["records"], 600, "every record read")
            servers.wait_until(lambda: daemon.total("guardwatch_scores_total") >= missed["scored"], 30, "every score counted")
            caught_up = time.monotonic() - began
            measure.expect("scores", missed["scored"], daemon.total("guardwatch_scores_total"))
            with subprocess.Popen([str(programs / "produce_events"), kafka.address, str(arguments.rate * 600),
                                   f"--rate={arguments.rate}"], stdout=subprocess.DEVNULL) as traffic:
                try:
                    delays = sorted(delay_of(daemon, kafka, n) for n in range(arguments.probes))
                finally:
                    traffic.kill()
    result = {"delays": delays, "median": delays[len(delays) // 2], "p99": delays[min(len(delays) - 1, int(len(delays) * 0.99))],
              "catch_up_seconds": caught_up, "outage_seconds": arguments.outage, "records": missed["records"]}
    measure.show([("from append to /metrics, median", result["median"], "s"), ("from append to /metrics, p99", result["p99"], "s"),
                  (f"catching up with {arguments.outage} s of {arguments.per_second} events/s", caught_up, "s")])
    measure.keep("delay", result)


if __name__ == "__main__":
    main()
