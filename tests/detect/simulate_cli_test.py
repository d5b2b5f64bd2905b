"""guardwatchctl simulate on files against the method written again in Python, from its formulas."""

import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

LIFTS = (1.2, 1.35, 1.5, 1.75, 2.25, 3, 5, 10)
Z = 2.326
SEED = 20


def dispersion(blocks, rate):
    return sum((s - n * rate) ** 2 / (n * rate * (1 - rate)) for n, s in blocks) / (len(blocks) - 1)


def blocks_of(panes, size):
    sums = {}
    for pane, n, s in panes:
        block = sums.setdefault(pane // size, [0, 0])
        block[0] += n
        block[1] += s
    return [b for b in sums.values() if b[0] > 0]


def steps_of(panes):
    """(pane, n, s), thin panes joined until there are 20 events."""
    pending_n = pending_s = 0
    for pane, n, s in panes:
        pending_n += n
        pending_s += s
        if pending_n >= 20:
            yield pane, pending_n, pending_s
            pending_n = pending_s = 0


def learn(panes):
    n = sum(row[1] for row in panes)
    s = sum(row[2] for row in panes)
    rate = s / n
    phi = dispersion([(n, s) for _, n, s in steps_of(panes)], rate)
    slow = 0
    for size in (6, 60):
        blocks = blocks_of(panes, size)
        if len(blocks) >= 200:
            mean_n = sum(b[0] for b in blocks) / len(blocks)
            slow = max(slow, math.sqrt(max(0, dispersion(blocks, rate) - phi) * (1 - rate) / (mean_n * rate)))
    tolerance = max(.1, 3 * slow)
    center = rate + Z * Z / (2 * n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return {"low": min((center - half) / scale, rate / (1 + tolerance)),
            "high": max((center + half) / scale, rate * (1 + tolerance)),
            "tempering": 1.25 * max(1, phi)}


def alternatives(base):
    for p, sign in ((base["high"], 1), (base["low"], -1)):
        for lift in LIFTS:
            odds = p / (1 - p) * lift ** sign
            q = odds / (1 + odds)
            yield math.log(q / p) / base["tempering"], math.log((1 - q) / (1 - p)) / base["tempering"]


def watch(base, panes, threshold):
    rows = list(alternatives(base))
    first = panes[0][0] - 1
    r, quiet = [0.0] * 16, [first] * 16
    for pane, n, s in steps_of(panes):
        for k, (a, b) in enumerate(rows):
            r[k] = min((1 + r[k]) * math.exp(min(700, s * a + (n - s) * b)), 1e6 * threshold)
            if r[k] < 1:
                quiet[k] = pane
        mean = sum(r) / 16
        if mean >= threshold:
            leading = r.index(max(r))
            yield {"pane": pane, "direction": "up" if leading < 8 else "down", "statistic": mean,
                   "change_pane": quiet[leading]}
            r, quiet = [0.0] * 16, [pane] * 16


def story(rng, first, count, events, rate):
    """Panes with gaps, idle and thin ones among them; `rate` is a function of the pane."""
    for pane in range(first, first + count):
        if rng.random() < .02:
            continue
        n = 0 if rng.random() < .02 else rng.randint(events // 2, events)
        yield pane, n, sum(rng.random() < rate(pane) for _ in range(n))


def write(path, panes, header):
    lines = ["pane,n,s"] * header + [",".join(map(str, row)) for row in panes]
    path.write_text("\n".join(lines) + "\n")


def run(program, *flags):
    return subprocess.run([program, "simulate", *flags], capture_output=True, text=True, timeout=60)


def compare(program, folder, name, reference, panes, flags, threshold):
    write(folder / "reference.csv", reference, header=True)
    write(folder / "panes.csv", panes, header=False)
    done = run(program, "--reference", folder / "reference.csv", "--panes", folder / "panes.csv", "--output", "json",
               *flags)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    base = learn(reference)
    for key in ("low", "high"):
        assert math.isclose(found["baseline"]["intervals"][0][key], base[key], rel_tol=1e-9), (name, key)
    assert math.isclose(found["baseline"]["tempering"], base["tempering"], rel_tol=1e-9), name
    assert math.isclose(found["budget"]["threshold"], threshold, rel_tol=1e-12), name
    expected = list(watch(base, panes, threshold))
    assert len(found["alarms"]) == len(expected) > 0, (name, len(found["alarms"]), len(expected))
    for have, want in zip(found["alarms"], expected):
        assert all(have[key] == want[key] for key in ("pane", "direction", "change_pane")), (name, have, want)
        assert math.isclose(have["statistic"], want["statistic"], rel_tol=1e-7), (name, have, want)
    print(f"{name}: {len(expected)} alarms agree, seed {SEED}")


def main():
    program = sys.argv[1]
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        calm = list(story(rng, 0, 1500, 300, lambda pane: .04))
        compare(program, folder, "rise and fall", calm,
                list(story(rng, 9000, 900, 300, lambda pane: .04 if pane < 9300 else .08 if pane < 9600 else .015)),
                [], 518400)
        restless = list(story(rng, 0, 13000, 40, lambda pane: .1 + .04 * math.sin(pane / 90)))
        compare(program, folder, "restless reference", restless,
                list(story(rng, 20000, 1500, 40, lambda pane: .1 if pane < 20300 else .35)),
                ["--streams", "12"], 6220800)
        compare(program, folder, "thin panes, an hour each", list(story(rng, -400, 3000, 8, lambda pane: .2)),
                list(story(rng, 4000, 800, 8, lambda pane: .6)), ["--pane-width", "1h", "--false-alarms-per-30d", "2"],
                720 * 1.5)
        (folder / "bad.csv").write_text("pane,n,s\n1,20,3\n2,20,21\n")
        bad = run(program, "--reference", folder / "bad.csv", "--panes", folder / "bad.csv")
        assert bad.returncode == 1 and f"{folder}/bad.csv:3:6: expected 0 <= s <= n" in bad.stderr, bad
        assert run(program, "--panes", folder / "bad.csv").returncode == 1
        assert run(program, "--rate", "1.5").returncode == 1
        short = ["--runs", "2", "--days", "1", "--change-to", ".04", "--output", "json"]
        first, second = run(program, *short), run(program, *short)
        assert first.stdout == second.stdout and json.loads(first.stdout)["delays"][0]["missed"] == 0
    print("simulate: ok")


if __name__ == "__main__":
    main()
