"""What a second worker brings: the daemon's stages over records in memory, with one worker and two, in pairs."""

import measure


def run(programs, workers, events):
    with measure.folder() as state:
        return measure.run_json(programs / "memory_pipeline", workers, events, state + "/state")


def main():
    arguments = measure.arguments(__doc__, events=2_000_000, pairs=5)
    pairs = []
    for _ in range(arguments.pairs):
        one, two = (run(arguments.programs, workers, arguments.events) for workers in (1, 2))
        pairs.append({"one": one, "two": two, "ratio": one["wall_seconds"] / two["wall_seconds"]})
    rates = {name: measure.spread([p[name]["records"] / p[name]["wall_seconds"] for p in pairs]) for name in ("one", "two")}
    result = {"pairs": pairs, "speed_up": measure.spread([p["ratio"] for p in pairs]), "records_per_second": rates}
    measure.show([("records per second, one worker", rates["one"], ""), ("records per second, two workers", rates["two"], ""),
                  ("speed-up, by pairs", result["speed_up"], "")])
    measure.keep("scaling", result)


if __name__ == "__main__":
    main()
