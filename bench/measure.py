"""What the benchmarks with a daemon share: programs, processes, tables, and where figures go."""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import subprocess
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
    cohorts: [lang, region, tier]
    label_partitioning: same_as_scores
    label_horizon: 30m
    label_lateness: 2m
{more}
"""


class BenchDaemon(Daemon):
    """guardwatchd, with its state kept where `state` says (None: nowhere)."""

    def __init__(self, programs, config, state):
        super().__init__(programs / "guardwatchd", config, f"127.0.0.1:{servers.free_port()}")
        self.state = state

    def command(self):
        return super().command() + ([f"--storage.path={self.state}"] if self.state else [])

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read().decode()

    def records_read(self):
        logs = json.loads(self.get("/api/v1/status"))["sources"][0]["logs"]
        return sum(max(0, log["next_offset"]) for log in logs)

    def total(self, family, **labels):
        """The sum of the samples of a family that have these labels."""
        total = 0.0
        for line in self.get("/metrics").splitlines():
            if line.startswith(family + "{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return int(total)


def scrapes(daemon, count=100):
    """How long so many scrapes take, in ascending order, and the samples of the last one."""
    times, text = [], ""
    for _ in range(count):
        before = time.monotonic()
        text = daemon.get("/metrics")
        times.append(time.monotonic() - before)
    return sorted(times), sum(1 for line in text.splitlines() if line and not line.startswith("#"))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, key="VmHWM"):
    return int(re.search(rf"{key}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def run_json(*command):
    """Runs a program that prints one JSON object."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def with_and_without(pair, run):
    """{True: run(True), False: run(False)}, in turns: whoever comes first has the colder machine."""
    return {with_it: run(with_it) for with_it in ((False, True) if pair % 2 else (True, False))}


def more(ran, figure):
    """By which share a figure is more with it."""
    return ran[True][figure] / ran[False][figure] - 1


def spread(values):
    """The median and the extremes, as shown and as kept."""
    return {"median": statistics.median(values), "least": min(values), "greatest": max(values)}


def show(figures):
    width = max(len(name) for name, _, _ in figures)
    for name, value, unit in figures:
        if isinstance(value, dict):
            value = f"{value['median']:.3g} ({value['least']:.3g} to {value['greatest']:.3g})"
        print(f"  {name:{width}}  {value if isinstance(value, str) else format(value, '.4g')} {unit}".rstrip())


def keep(name, result):
    output = ROOT / "build" / "bench" / f"{name}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"  written to {output.relative_to(ROOT)}")


def arguments(description, **options):
    """The programs' folder, and one integer option for each name with its default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("programs", type=pathlib.Path)
    for name, default in options.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    parsed = parser.parse_args()
    parsed.programs = parsed.programs.resolve()
    return parsed


def folder():
    return tempfile.TemporaryDirectory(prefix="guardwatch-bench-")


def expect(what, expected, found):
    """A fast wrong answer is a failure."""
    if expected != found:
        raise SystemExit(f"{what}: expected {expected}, found {found}")
