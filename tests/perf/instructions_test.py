"""Holds the instructions of every stage against those kept in instructions.json.

    instructions_test.py STAGE_RUNNER              fails where a stage takes over 10 % more
    instructions_test.py STAGE_RUNNER --update     keeps what it finds for the stages named there

Instructions are counted by callgrind, for the measured part only, so a busy machine does not matter.
The numbers belong to optimised builds by Debian 12's compiler. A stage that has become much
faster is named, so that what was gained can be kept.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

KEPT = pathlib.Path(__file__).resolve().parent / "instructions.json"
TOLERANCE = 0.10
ROUNDS = 2


def count(runner, stage):
    with tempfile.TemporaryDirectory(prefix="guardwatch-perf-") as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder}/out",
             str(runner), stage, str(ROUNDS)], capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected:
        raise SystemExit(f"{stage}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return int(collected[1]) / int(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    stages = subprocess.run([arguments.runner, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = dict(zip(stages, pool.map(lambda stage: round(count(arguments.runner, stage)), stages)))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    print(f"{'instructions per item':24} {'kept':>12} {'found':>12}")
    wrong = sorted(kept.keys() - found.keys())
    for stage in stages:
        before = kept.get(stage)
        print(f"{stage:24} {before if before is not None else '-':>12} {found[stage]:>12}")
        if before is not None and found[stage] > (1 + TOLERANCE) * before:
            wrong.append(stage)
        elif before is not None and found[stage] < (1 - TOLERANCE) * before:
            print(f"  {stage} has become faster; --update keeps that")
    if arguments.update:
        kept = {stage: found[stage] for stage in stages if stage in kept or not kept}
        KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    elif wrong:
        print(f"over {TOLERANCE:.0%} more than kept, or gone: {', '.join(wrong)}; if that is meant, keep it with --update")
        sys.exit(1)


if __name__ == "__main__":
    main()
