"""A stream that is fed to Kafka at a pace of its own, and what the oracle makes of it."""

import json
import pathlib
import threading
import time

from daemon import run
import alerts
import oracle
import settings
from decode import parse_rfc3339, rfc3339
from logs import Input, Log, read_files

PARTITIONS, LABEL_PARTITIONS = 4, 3
EVENTS, LABELS = "guardrail.events", "guardrail.labels"


class Stream:
    """Files of a made-up stream, one per log, to be produced to topics whose names begin with `prefix`."""

    SLICES = 200

    def __init__(self, guardwatchctl, folder, scenario, events, density, start, seed, *more, prefix=""):
        done = run(guardwatchctl, "generate", "--scenario", scenario, "--events", events, "--seed", seed,
                   "--partitions", PARTITIONS, "--label-partitions", LABEL_PARTITIONS, "--density", density,
                   "--label-delay", "2m", "--label-lateness", "2m", "--start", rfc3339(start * 1_000_000),
                   "--to-dir", folder, *more)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        self.end = start + events // density
        self.logs = {}
        for path in sorted(pathlib.Path(folder).glob("*.ndjson")):
            topic, _, partition = path.stem.rpartition("-")
            self.logs[prefix + topic, int(partition)] = self._records(path, start)
        self.records = sum(len(records) for records in self.logs.values())

    @staticmethod
    def _records(path, start):
        """(timestamp in ms, key, value): a producer stamps a record with the time of its event."""
        records, stamp = [], start * 1000
        for line in path.read_bytes().splitlines():
            try:
                stamp = int(parse_rfc3339(json.loads(line)["time"]) / 1000) + 1
            except (ValueError, KeyError, TypeError, AttributeError):
                pass  # The stream holds records that cannot be read; they keep the stamp before.
            records.append((stamp, None, line))
        return records

    def produce(self, kafka, seconds):
        """Appends everything to Kafka, in slices of all logs, evenly over so many seconds."""
        begin = time.monotonic()
        for number in range(self.SLICES):
            for (topic, partition), records in self.logs.items():
                first, last = (len(records) * i // self.SLICES for i in (number, number + 1))
                if first < last:
                    kafka.produce(topic, partition, records[first:last])
            time.sleep(max(0.0, begin + seconds * (number + 1) / self.SLICES - time.monotonic()))

    def produce_in_background(self, kafka, seconds):
        thread = threading.Thread(target=self.produce, args=(kafka, seconds), daemon=True)
        thread.start()
        return thread


def create_topics(kafka, prefix=""):
    kafka.create_topic(prefix + EVENTS, PARTITIONS)
    kafka.create_topic(prefix + LABELS, LABEL_PARTITIONS)


def close(kafka, end, prefix="", but=()):
    """Lets every log say that time has passed until `end` (seconds), so that what came long before is sealed
    and matured; partitions of events in `but` stay silent. Returns how many records that took."""
    partitions = [partition for partition in range(PARTITIONS) if partition not in but]
    for partition in partitions:
        event = {"request_id": f"close-{end}-{partition}", "guardrail": "closing", "time": end, "score": 0.5}
        kafka.produce(prefix + EVENTS, partition, [(end * 1000, None, json.dumps(event).encode())])
    for partition in range(LABEL_PARTITIONS):
        label = {"kind": "label", "request_id": f"none-{partition}", "guardrail": "closing", "time": end, "label": True}
        kafka.produce(prefix + LABELS, partition, [(end * 1000, None, json.dumps(label).encode())])
    return len(partitions) + LABEL_PARTITIONS


class Expected:
    """What the oracle makes of the topics as they are now."""

    def __init__(self, kafka, config, folder, prefix=""):
        self.settings = settings.Settings(config)
        paths = []
        for topic in (prefix + EVENTS, prefix + LABELS):
            by_partition = {}
            for record in kafka.dump(topic):
                by_partition.setdefault(record["partition"], []).append(json.dumps(record) + "\n")
            for partition, lines in by_partition.items():
                paths.append(pathlib.Path(folder) / f"{topic}-{partition}.records.ndjson")
                paths[-1].write_text("".join(lines), encoding="utf-8")
        self.data = data = Input()
        for (topic, partition), records in sorted(read_files(paths).items()):
            Log(self.settings.source_of(topic), topic, partition, data).read(records)
        oracle.decide(data)
        oracle.join_labels(data)
        self.panes = oracle.aggregate(data)

    def windows(self, at):
        """All windows and views that end at `at` (RFC 3339)."""
        return list(oracle.windows(self.settings, self.panes, parse_rfc3339(at)))

    def episodes(self, rule):
        return alerts.episodes(rule, oracle.single_panes(self.panes))


def transitions(episodes):
    """What a receiver must be told of them, as Receiver.transitions gives it."""
    found = set()
    for one in episodes:
        found.add((one.labels, "firing", one.firing, one.pending))
        if one.resolved:
            found.add((one.labels, "resolved", one.resolved, one.pending))
    return found
