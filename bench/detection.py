#!/usr/bin/env python3
"""Every table of docs/detection.md: what drift detection promises, measured on seeded streams, and, where River is
installed (pip install river==0.26.1), its detectors on the same ones.

bench/detection.py BUILD [--quick]; writes build/bench/detection.json. An hour of one core; --quick: some minutes."""

import argparse
import importlib.util
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    subprocess.run(["cmake", "--build", arguments.build, "--target", "detection_bench", "detection_outcomes"],
                   check=True)
    out = ROOT / "build" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    short = ["--months", "2", "--trials", "20"] if arguments.quick else []
    program = next(arguments.build.rglob("detection_bench"))
    subprocess.run([program, "--json", out / "detection.json", *short], check=True)
    if importlib.util.find_spec("river") is None:
        print("River is not installed: its detectors are left out.")
        return
    short = ["--millions", "2", "--trials", "10"] if arguments.quick else []
    subprocess.run([sys.executable, ROOT / "bench" / "peers.py", arguments.build, "--json", out / "peers.json", *short],
                   check=True)


if __name__ == "__main__":
    main()
