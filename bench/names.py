"""Names without end: as many cohort values, guardrails or model versions as there are events, beside events of a few
names. Memory and scrapes must not follow them, totals must be exact, and what was folded must be told."""

import pathlib
import time

import measure
import servers

FEW = "few names"
FIELDS = {FEW: None, "cohort values": "cohort", "guardrails": "guardrail", "model versions": "model_version"}


def read_all(programs, config, produced, few):
    with measure.folder() as state, measure.BenchDaemon(programs, config, state) as daemon:
        pid = daemon.process.pid
        servers.wait_until(lambda: daemon.records_read() >= produced["records"], 600, "every record read", interval=0.1)
        cpu = measure.cpu_seconds(pid)
        servers.wait_until(lambda: daemon.total("guardwatch_scores_total") >= produced["scored"], 60, "every score counted")
        measure.expect("scores", produced["scored"], daemon.total("guardwatch_scores_total"))
        measure.expect("labels joined", produced["labels"], daemon.total("guardwatch_labels_total", outcome="joined"))
        measure.expect("blocked", produced["flagged"], daemon.total("guardwatch_decisions_total", verdict="block"))
        folded = daemon.total("guardwatch_events_folded_total")
        if few != (folded == 0):
            raise SystemExit(f"{folded} events were told to be folded")
        scrapes, samples = measure.scrapes(daemon)
        time.sleep(20)  # Within that what was only needed to catch up is given back.
        return {"cpu_microseconds_per_record": cpu * 1e6 / produced["records"], "folded": folded, "samples": samples,
                "scrape_p99": scrapes[98], "peak_resident_bytes": measure.memory(pid),
                "resident_bytes": measure.memory(pid, "VmRSS")}


def main():
    arguments = measure.arguments(__doc__, events=10_000_000)
    programs = arguments.programs
    result = {}
    for name, field in FIELDS.items():
        with measure.folder() as folder, servers.KafkaBroker() as kafka:
            produced = measure.run_json(programs / "produce_events", kafka.address, arguments.events,
                                        *([f"--distinct={field}"] if field else []))
            config = pathlib.Path(folder) / "bench.yaml"
            config.write_text(measure.CONFIG.format(kafka=kafka.address, more=""))
            result[name] = read_all(programs, config, produced, few=field is None)
    for name, ran in result.items():
        measure.show([
            (f"{arguments.events} events, {name}: resident memory", ran["resident_bytes"] / 2**20, "MiB"),
            ("  at most", ran["peak_resident_bytes"] / 2**20, "MiB"),
            ("  scrape, p99", ran["scrape_p99"] * 1e3, f"ms of {ran['samples']} samples"),
            ("  folded", ran["folded"], "counts in series"),
            ("  CPU per record", ran["cpu_microseconds_per_record"], "us")])
    measure.keep("names", result)


if __name__ == "__main__":
    main()
