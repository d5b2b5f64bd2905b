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


class Progress:
    """How many records are read, as the daemon tells every second."""

    def __init__(self, daemon, records):
        self.daemon = daemon
        self.records = records
        self.told = []

    def ended(self):
        read = self.daemon.records_read()
        if read > (self.told[-1][1] if self.told else 0):
            self.told.append((time.monotonic(), read))
        return read >= self.records

    def records_per_second(self):
        """While it was busy: of the last records it tells when there is nothing else to do."""
        if len(self.told) < 3:
            raise SystemExit("all was read before a rate could be seen: give more --events")
        (begin, first), (end, last) = self.told[0], self.told[-2]
        return (last - first) / (end - begin)


def run_guardwatch(programs, kafka, produced, folder, more=""):
    config = folder / "bench.yaml"
    config.write_text(measure.CONFIG.format(kafka=kafka.address, more=more))
    with measure.folder() as state, measure.BenchDaemon(programs, config, state) as daemon:
        pid = daemon.process.pid
        progress = Progress(daemon, produced["records"])
        # Looking costs the daemon as well, so it is looked at rarely.
        servers.wait_until(progress.ended, 600, "every record read", interval=0.1)
        result = {"cpu_seconds": measure.cpu_seconds(pid), "records_per_second": progress.records_per_second(),
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
    arguments = measure.arguments(__doc__, events=8_000_000, pairs=5, workers=0)
    programs = arguments.programs
    more = f"workers: {arguments.workers}\n" if arguments.workers else ""
    with measure.folder() as folder, servers.KafkaBroker() as kafka:
        produced = measure.run_json(programs / "produce_events", kafka.address, arguments.events)
        pairs = []
        for pair in range(arguments.pairs):
            # In turns: whoever comes first has the colder machine.
            runs = {"raw": lambda: run_raw(programs, kafka, produced),
                    "guardwatch": lambda: run_guardwatch(programs, kafka, produced, pathlib.Path(folder), more)}
            ran = {name: runs[name]() for name in (sorted(runs) if pair % 2 else sorted(runs, reverse=True))}
            raw, ours = ran["raw"], ran["guardwatch"]
            pairs.append({"raw": raw, "guardwatch": ours, "cpu_ratio": ours["cpu_seconds"] / raw["cpu_seconds"],
                          "rate_ratio": ours["records_per_second"] / raw["records_per_second"]})
    micros = 1e6 / produced["records"]
    result = {
        "produced": produced, "pairs": pairs,
        "cpu_ratio": measure.spread([pair["cpu_ratio"] for pair in pairs]),
        "rate_ratio": measure.spread([pair["rate_ratio"] for pair in pairs]),
        "raw_cpu_microseconds_per_record": measure.spread([p["raw"]["cpu_seconds"] * micros for p in pairs]),
        "cpu_microseconds_per_record": measure.spread([p["guardwatch"]["cpu_seconds"] * micros for p in pairs]),
        "raw_records_per_second": measure.spread([p["raw"]["records_per_second"] for p in pairs]),
        "records_per_second": measure.spread([p["guardwatch"]["records_per_second"] for p in pairs]),
        "peak_resident_bytes": measure.spread([p["guardwatch"]["peak_resident_bytes"] for p in pairs])}
    measure.show([
        ("records", produced["records"], f"of {produced['bytes'] / produced['records']:.0f} bytes"),
        ("CPU per record, bare consumer", result["raw_cpu_microseconds_per_record"], "us"),
        ("CPU per record, guardwatchd", result["cpu_microseconds_per_record"], "us"),
        ("CPU ratio, by pairs", result["cpu_ratio"], ""),
        ("records per second of wall time, bare consumer", result["raw_records_per_second"], ""),
        ("records per second of wall time, guardwatchd", result["records_per_second"], ""),
        ("their ratio, by pairs", result["rate_ratio"], ""),
        ("peak resident memory", {k: v / 2**20 for k, v in result["peak_resident_bytes"].items()}, "MiB")])
    measure.keep("ingest", result)


if __name__ == "__main__":
    main()
