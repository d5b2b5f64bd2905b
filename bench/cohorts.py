"""Ten thousand cohorts in three windows: resident memory. And as many as a scrape shows: what it takes, and what being
scraped each second costs those who read."""

import pathlib
import threading
import time

import measure
import servers

MORE = """
defaults: {windows: [5m, 15m, 1h]}
limits: {max_series: 25000, max_values_per_dimension: 10000}
"""


def read_all(programs, config, produced, scraped):
    """The daemon's figures after reading everything, scraped once a second meanwhile or not."""
    with measure.folder() as state, measure.BenchDaemon(programs, config, state) as daemon:
        pid = daemon.process.pid
        began = time.monotonic()
        times, done = [], threading.Event()

        def scrape():
            while not done.wait(1):
                before = time.monotonic()
                daemon.get("/metrics")
                times.append(time.monotonic() - before)

        thread = threading.Thread(target=scrape)
        if scraped:
            thread.start()
        try:
            servers.wait_until(lambda: daemon.records_read() >= produced["records"], 600, "every record read", interval=0.1)
            wall, cpu = time.monotonic() - began, measure.cpu_seconds(pid)
        finally:
            done.set()
        if scraped:
            thread.join()
        servers.wait_until(lambda: daemon.total("guardwatch_scores_total") >= produced["scored"], 60, "every score counted")
        measure.expect("scores", produced["scored"], daemon.total("guardwatch_scores_total"))
        figures = {"wall_seconds": wall, "cpu_seconds": cpu, "scrapes_meanwhile": times}
        if scraped:
            servers.wait_until(lambda: daemon.get("/metrics").count("guardwatch_window_") > 1000, 60, "windows of every cohort")
            quiet, lines = measure.scrapes(daemon)
            time.sleep(20)  # Within that what was only needed to catch up is given back.
            figures |= {"samples": lines, "scrape_median": quiet[50], "scrape_p99": quiet[98],
                        "resident_bytes": measure.memory(pid, "VmRSS")}
        return figures


def with_values(programs, values, events, use):
    """What `use(config, produced)` says of a source whose first cohort dimension has so many values."""
    with measure.folder() as folder, servers.KafkaBroker() as kafka:
        produced = measure.run_json(programs / "produce_events", kafka.address, events, "--units=1",
                                    f"--cohorts={values}x2x2", "--per-second=5000")
        config = pathlib.Path(folder) / "bench.yaml"
        config.write_text(measure.CONFIG.format(kafka=kafka.address, more=MORE))
        return use(config, produced)


def main():
    arguments = measure.arguments(__doc__, events=2_000_000, pairs=7, read=5_000_000, cohorts=10_000, shown=275)
    programs = arguments.programs

    def in_pairs(config, produced):
        pairs = []
        for pair in range(arguments.pairs):
            ran = measure.with_and_without(pair, lambda scraped: read_all(programs, config, produced, scraped))
            pairs.append({"alone": ran[False], "scraped": ran[True], "slowdown": measure.more(ran, "wall_seconds"),
                          "more_cpu": measure.more(ran, "cpu_seconds")})
        return pairs

    many = with_values(programs, arguments.cohorts, arguments.events, lambda *given: read_all(programs, *given, scraped=True))
    pairs = with_values(programs, arguments.shown, arguments.read, in_pairs)
    result = {"many": many, "pairs": pairs, "slowdown": measure.spread([pair["slowdown"] for pair in pairs]),
              "more_cpu": measure.spread([pair["more_cpu"] for pair in pairs]),
              "scrape_p99": measure.spread([pair["scraped"]["scrape_p99"] for pair in pairs])}
    measure.show([
        (f"{arguments.cohorts} cohorts, resident memory", many["resident_bytes"] / 2**20, "MiB"),
        ("samples of a scrape", pairs[-1]["scraped"]["samples"], f"with {arguments.shown} cohorts"),
        ("scrape, p99", {k: v * 1e3 for k, v in result["scrape_p99"].items()}, "ms"),
        ("slower while scraped each second", {k: 100 * v for k, v in result["slowdown"].items()}, "%"),
        ("more CPU time", {k: 100 * v for k, v in result["more_cpu"].items()}, "%")])
    measure.keep("cohorts", result)


if __name__ == "__main__":
    main()
