#!/usr/bin/env python3
"""The detectors of River beside those of guardwatch, on the same streams.

Needs River 0.26.1 (pip install river==0.26.1) and detection_outcomes of a build with benchmarks:
bench/peers.py BUILD [--trials N] [--json FILE]. Takes about twenty minutes of one core."""

import argparse
import array
import json
import pathlib
import subprocess

import numpy
import river
from river import drift

VERSION = "0.26.1"
SEED = 1
HEALTHY = 100_000   # Events before each change.
LONGEST = 400_000   # Events after it; what takes longer was missed.

# Set by trial to about one false alarm per million independent outcomes, or as they come.
SETTINGS = {
    ".02": [("ADWIN", "delta .03", lambda: drift.ADWIN(delta=.03)),
            ("ADWIN", "as it comes, delta .002", drift.ADWIN),
            ("Page-Hinkley", "threshold 61", lambda: drift.PageHinkley(threshold=61)),
            ("DDM", "as it comes", drift.binary.DDM)],
    ".002": [("ADWIN", "delta .15", lambda: drift.ADWIN(delta=.15)),
             ("ADWIN", "as it comes, delta .002", drift.ADWIN),
             ("Page-Hinkley", "delta .0005, threshold 20", lambda: drift.PageHinkley(delta=.0005, threshold=20)),
             ("DDM", "as it comes", drift.binary.DDM)],
    "labels": [("ADWIN", "delta .03", lambda: drift.ADWIN(delta=.03)),
               ("Page-Hinkley", "threshold 61", lambda: drift.PageHinkley(threshold=61)),
               ("DDM", "as it comes, on wrong or right", drift.binary.DDM)],
}
CHANGES = {".02": [".02:.03", ".02:.06", ".02:.01"], ".002": [".002:.004"]}
DEPENDENT = ["phi2", "phi4", "wander5", "wander10", "daily30"]
RARE = 5.5e7  # Events per false alarm of the optimum.
LABELS = {"calibration": ["slope", "temperature"], "ranking": ["auc"]}


def values(program, stream, change, healthy, changed, trials, seed, wrong=False):
    """One list per trial. `wrong`: not the squared errors but whether they are those of a wrong decision."""
    losses = stream in LABELS
    size = 4 if losses else 1
    command = [program, stream, change, *map(str, (healthy, changed, trials, seed))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for _ in range(trials):
            data = array.array("f" if losses else "b")
            data.frombytes(process.stdout.read((healthy + changed) * size))
            yield [x > .25 for x in data] if wrong else data.tolist()
    if process.returncode:
        raise SystemExit(f"{command} failed")


def count_alarms(make, trials):
    alarms = events = 0
    for trial in trials:
        detector = make()
        events += len(trial)
        for x in trial:
            detector.update(x)
            alarms += detector.drift_detected
    return {"false_alarms": alarms, "events": events, "per_million": 1e6 * alarms / events}


def measure_delays(make, trials, healthy):
    delays, missed, spoilt = [], 0, 0
    for trial in trials:
        detector = make()
        for i, x in enumerate(trial):
            detector.update(x)
            if detector.drift_detected:
                break
        else:
            missed += 1
            continue
        if i < healthy:
            spoilt += 1  # An alarm before the change says nothing about its delay.
        else:
            delays.append(i - healthy + 1)
    delays.sort()
    answer = {"trials": len(delays) + missed, "missed": missed, "false_alarm_before": spoilt}
    if delays:
        answer |= {"mean": sum(delays) / len(delays), "median": delays[len(delays) // 2],
                   "p95": delays[min(len(delays) - 1, int(.95 * len(delays)))]}
    return answer


def optimum(rate, changed, pane, trials=2000, healthy=30_000):
    """Delays of the Shiryaev-Roberts procedure that knows both rates and looks every `pane` events: no procedure has a
    shorter mean delay at the same false alarms, for changes long after its start (Pollak & Tartakovsky 2009)."""
    draw = numpy.random.default_rng(SEED)
    threshold = RARE / pane  # R less the number of steps is a martingale: so many steps to an alarm on average.
    flagged, allowed = numpy.log(changed / rate), numpy.log((1 - changed) / (1 - rate))

    def step(r, p):
        s = draw.binomial(pane, p, trials)
        return (1 + r) * numpy.exp(s * flagged + (pane - s) * allowed)

    r = numpy.zeros(trials)
    for _ in range(healthy // pane):
        r = numpy.minimum(step(r, rate), threshold)
    delays, steps = numpy.zeros(trials, int), 0
    while not delays.all():
        steps += 1
        r = step(r, changed)
        delays[(delays == 0) & (r >= threshold)] = steps * pane
    return {"trials": trials, "mean": delays.mean(), "median": numpy.median(delays), "p95": numpy.quantile(delays, .95)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--millions", type=int, default=20, help="of healthy events per rate of false alarms")
    parser.add_argument("--only", default="", help="a detector, or a part of its name")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    if river.__version__ != VERSION:
        raise SystemExit(f"peers: River {VERSION} is compared, this is {river.__version__}")
    program = next(arguments.build.rglob("detection_outcomes"))
    rows = []

    def tell(row):
        rows.append(row)
        print(json.dumps(row), flush=True)

    def healthy(stream, change, millions, **more):
        return values(program, stream, change, 1_000_000, 0, millions, SEED, **more)

    for rate, detectors in SETTINGS.items():
        if rate == "labels":
            continue
        for name, setting, make in detectors:
            if arguments.only not in f"{name} {setting}":
                continue
            about = {"detector": name, "setting": setting}
            tell({**about, "stream": f"independent {rate}",
                  **count_alarms(make, healthy("rate", f"{rate}:{rate}", arguments.millions))})
            for change in CHANGES[rate]:
                trials = values(program, "rate", change, HEALTHY, LONGEST, arguments.trials, SEED + 1)
                tell({**about, "change": change, **measure_delays(make, trials, HEALTHY)})
            for stream in DEPENDENT if rate == ".02" else []:
                tell({**about, "stream": stream, **count_alarms(make, healthy(stream, f"{rate}:{rate}", max(1, arguments.millions // 4)))})
    for pane in (1, 100):
        for change in CHANGES[".02"]:
            tell({"detector": "Shiryaev-Roberts", "setting": f"told both rates, every {pane} events", "change": change,
                  **optimum(*map(float, change.split(":")), pane)})
    for stream, changes in LABELS.items():
        for name, setting, make in SETTINGS["labels"]:
            if arguments.only not in f"{name} {setting}":
                continue
            about = {"detector": name, "setting": setting}
            wrong = name == "DDM"
            tell({**about, "stream": stream,
                  **count_alarms(make, healthy(stream, "none", arguments.millions // 2, wrong=wrong))})
            for change in changes:
                trials = values(program, stream, change, HEALTHY, LONGEST, arguments.trials // 2, SEED + 1,
                                wrong=wrong)
                tell({**about, "change": f"{stream}: {change}", **measure_delays(make, trials, HEALTHY)})
    if arguments.json:
        arguments.json.write_text(json.dumps({"river": VERSION, "seed": SEED, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
