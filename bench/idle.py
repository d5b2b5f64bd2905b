"""What guardwatchd costs when nothing comes in: CPU with twenty guardrails and every record read."""

import pathlib
import time

import measure
import servers


def main():
    arguments = measure.arguments(__doc__, seconds=30, units=20)
    with measure.folder() as folder, measure.folder() as state, servers.KafkaBroker() as kafka:
        produced = measure.run_json(arguments.programs / "produce_events", kafka.address, 100_000,
                                    f"--units={arguments.units}")
        config = pathlib.Path(folder) / "bench.yaml"
        config.write_text(measure.CONFIG.format(kafka=kafka.address, more=""))
        with measure.BenchDaemon(arguments.programs, config, state) as daemon:
            servers.wait_until(lambda: daemon.records_read() >= produced["records"], 120, "every record read")
            # What was read is still being sealed, and the first checkpoint written.
            time.sleep(20)
            pid = daemon.process.pid
            before, began = measure.cpu_seconds(pid), time.monotonic()
            time.sleep(arguments.seconds)
            share = (measure.cpu_seconds(pid) - before) / (time.monotonic() - began)
            measure.expect("scores", produced["scored"], daemon.total("guardwatch_scores_total"))
            result = {"guardrails": arguments.units, "core_share": share, "resident_bytes": measure.memory(pid, "VmRSS")}
    measure.show([("guardrails", result["guardrails"], ""), ("share of a core", 100 * share, "%"),
                  ("resident memory", result["resident_bytes"] / 2**20, "MiB")])
    measure.keep("idle", result)


if __name__ == "__main__":
    main()
