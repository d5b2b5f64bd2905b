"""What guardwatchd costs per record beside a bare consumer of the same topics, in pairs of runs.

guardwatchd runs as in production: durable state, three cohort dimensions, a tenth of the scores
labelled and joined. Its final counts are held against what was produced.
"""

import pathlib
import time

import measure
import servers


def run_raw(programs, kafka, produced):
    raw = measure.run_json(programs / "raw_consumer", kafka.address, produced["records"], "guardrail.events",
                           "guardrail.labels")
    measure.expect("records of the bare consumer", produced["records"], raw["records"])
    measure.expect("bytes of the bare consumer", produced["bytes"], raw["bytes"])
    return raw


def run_guardwatch(programs, kafka, produced, folder, more=""):
    config = folder / "bench.yaml"
    config.write_text(measure.CONFIG.format(kafka=kafka.address, more=more))
    with measure.folder() as state, measure.BenchDaemon(programs, config, state) as daemon:
        began = time.monotonic()
        pid = daemon.process.pid
        # Looking costs the daemon as well, so it is looked at rarely.
        servers.wait_until(lambda: daemon.records_read() >= produced["records"], 600, "every record read",
                           interval=0.25)
        result = {"cpu_seconds": measure.cpu_seconds(pid), "wall_seconds": time.monotonic() - began,
                  "peak_resident_bytes": measure.memory(pid)}
        measure.expect("records", produced["records"], daemon.records_read())
        scored = "guardwatch_scores_total"
        servers.wait_until(lambda: daemon.total(scored) >= produced["scored"], 10, "every score counted")
        measure.expect("scores", produced["scored"], daemon.total(scored))
        measure.expect("labels joined", produced["labels"],
                       daemon.total("guardwatch_labels_total", outcome="joined"))
        measure.expect("blocked", produced["flagged"], daemon.total("guardwatch_decisions_total", verdict="block"))
    return result


def main():
    arguments = measure.arguments(__doc__, events=1_000_000, pairs=5, workers=0)
    programs = arguments.programs
    more = f"workers: {arguments.workers}\n" if arguments.workers else ""
    with measure.folder() as folder, servers.KafkaBroker() as kafka:
        produced = measure.run_json(programs / "produce_events", kafka.address, arguments.events)
        pairs = []
        for _ in range(arguments.pairs):
            raw = run_raw(programs, kafka, produced)
            ours = run_guardwatch(programs, kafka, produced, pathlib.Path(folder), more)
            pairs.append({"raw": raw, "guardwatch": ours, "ratio": ours["cpu_seconds"] / raw["cpu_seconds"]})
    micros = 1e6 / produced["records"]
    result = {
        "produced": produced, "pairs": pairs,
        "cpu_ratio": measure.spread([pair["ratio"] for pair in pairs]),
        "raw_cpu_microseconds_per_record": measure.spread([p["raw"]["cpu_seconds"] * micros for p in pairs]),
        "cpu_microseconds_per_record": measure.spread([p["guardwatch"]["cpu_seconds"] * micros for p in pairs]),
        "records_per_second": measure.spread([produced["records"] / p["guardwatch"]["wall_seconds"] for p in pairs]),
        "peak_resident_bytes": measure.spread([p["guardwatch"]["peak_resident_bytes"] for p in pairs])}
    measure.show([
        ("records", produced["records"], f"of {produced['bytes'] / produced['records']:.0f} bytes"),
        ("CPU per record, bare consumer", result["raw_cpu_microseconds_per_record"], "us"),
        ("CPU per record, guardwatchd", result["cpu_microseconds_per_record"], "us"),
        ("CPU ratio, by pairs", result["cpu_ratio"], ""),
        ("records per second of wall time", result["records_per_second"], ""),
        ("peak resident memory", {k: v / 2**20 for k, v in result["peak_resident_bytes"].items()}, "MiB")])
    measure.keep("ingest", result)


if __name__ == "__main__":
    main()
