"""What checkpoints cost those who read: the daemon's stages over records in memory, with and without them, in pairs."""

import measure


def run(programs, workers, events, durable):
    with measure.folder() as state:
        return measure.run_json(programs / "memory_pipeline", workers, events, *([state + "/state"] if durable else []))


def in_pairs(programs, workers, events, pairs):
    slower, more_cpu = [], []
    for pair in range(pairs):
        ran = measure.with_and_without(pair, lambda durable: run(programs, workers, events, durable))
        slower.append(measure.more(ran, "wall_seconds"))
        more_cpu.append(measure.more(ran, "cpu_seconds"))
    return {"slower": measure.spread(slower), "more_cpu": measure.spread(more_cpu)}


def main():
    arguments = measure.arguments(__doc__, events=3_000_000, pairs=7)
    result = {workers: in_pairs(arguments.programs, workers, arguments.events, arguments.pairs) for workers in (1, 2)}
    measure.show([(f"{what.replace('_', ' ')} with checkpoints, {workers} worker{'s' if workers > 1 else ''}",
                   {k: 100 * v for k, v in of.items()}, "%")
                  for workers, both in result.items() for what, of in both.items()])
    measure.keep("checkpoints", result)


if __name__ == "__main__":
    main()
