"""Reads a topic of generated events from a real broker to its end and says what that cost.

Prints a table and writes build/bench/ingest.json. The daemon's own counters are checked against the
number of records produced: a fast wrong answer is a failure.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.path.insert(0, str(ROOT / "scripts"))
import servers  # noqa: E402
from run_demo import Daemon  # noqa: E402

CONFIG = """
sources:
  - name: bench
    kafka:
      brokers: ["{kafka}"]
      topics: [guardrail.events, {{name: guardrail.labels, carries: [labels]}}]
      start: earliest
    cohorts: [lang, tier]
    label_horizon: 30m
    label_lateness: 2m
defaults: {{windows: [5m, 1h]}}
"""


def generate(programs, kafka, events):
    out = subprocess.run(
        [programs / "guardwatchctl", "generate", "--scenario", "calm", "--events", str(events), "--density", "300",
         "--partitions", "4", "--label-partitions", "2", "--label-delay", "2m", "--label-lateness", "2m",
         "--to-kafka", kafka.address], check=True, capture_output=True, text=True).stdout
    return int(re.match(r"(\d+) records", out)[1])


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def records_read(daemon):
    with urllib.request.urlopen(daemon.url + "/api/v1/status", timeout=10) as answer:
        source = json.load(answer)["sources"][0]
    return sum(max(0, log["next_offset"]) for log in source["logs"])


def measure(programs, kafka, records, folder):
    config = folder / "bench.yaml"
    config.write_text(CONFIG.format(kafka=kafka.address))
    with Daemon(programs / "guardwatchd", config, f"127.0.0.1:{servers.free_port()}") as daemon:
        pid = daemon.process.pid
        idle_cpu, began = cpu_seconds(pid), time.monotonic()
        servers.wait_until(lambda: records_read(daemon) >= records, 300, "every record read", interval=0.05)
        wall = time.monotonic() - began
        cpu = cpu_seconds(pid) - idle_cpu
        if records_read(daemon) != records:
            raise SystemExit(f"read {records_read(daemon)} of {records} records")
        return {"records": records, "records_per_second": records / wall,
                "cpu_microseconds_per_record": 1e6 * cpu / records, "peak_resident_bytes": peak_bytes(pid)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    programs = arguments.programs.resolve()
    with tempfile.TemporaryDirectory(prefix="guardwatch-bench-") as folder, servers.KafkaBroker() as kafka:
        records = generate(programs, kafka, arguments.events)
        runs = [measure(programs, kafka, records, pathlib.Path(folder)) for _ in range(arguments.runs)]
    print(f"{'records':>10} {'records/s':>12} {'CPU us/record':>14} {'peak MiB':>9}")
    for run in runs:
        print(f"{run['records']:>10} {run['records_per_second']:>12.0f} {run['cpu_microseconds_per_record']:>14.2f} "
              f"{run['peak_resident_bytes'] / 2**20:>9.0f}")
    output = ROOT / "build" / "bench" / "ingest.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({"runs": runs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
