"""The part of guardwatchd's configuration that decides what counts. The file is written in JSON, which
is YAML as well, so the daemon and guardwatchctl read the very same one."""

import json
import re

SECOND = 1_000_000  # Time is in microseconds throughout.
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
PANE = 10 * SECOND

_UNITS = {"us": 1, "ms": 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DEFAULTS = {"allowed_lateness": "60s", "label_lateness": "6h", "duplicate_window": "15m", "label_early": "10m",
             "label_horizon": "24h", "band": 0.05, "label_sample": 1, "cohorts": [],
             "label_partitioning": "any", "threshold": None, "score_kind": "probability",
             "decided_by": "scores"}
ALL_KINDS = ["scores", "decisions", "labels"]


def duration(text):
    """Microseconds of "90s" or "1h30m"."""
    parts = re.findall(r"(\d+)(us|ms|s|m|h|d)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


class Unit:
    """What is configured for one (source, guardrail, category)."""

    def __init__(self, find):
        self.threshold = find("threshold")
        self.band = find("band")
        self.horizon = duration(find("label_horizon"))
        self.cohorts = find("cohorts")
        self.decisions_only = find("score_kind") == "none"
        self.decided_by_events = find("decided_by") == "decision_events"


class Source:
    def __init__(self, config, defaults, guardrails):
        self.name = config["name"]
        self._guardrails = [entry for entry in guardrails if entry.get("source", self.name) == self.name]
        self._levels = [config, defaults, _DEFAULTS]
        self.topics = {}
        for topic in (config.get("kafka") or config["files"])["topics"]:
            topic = {"name": topic} if isinstance(topic, str) else topic
            self.topics[topic["name"]] = frozenset(topic.get("carries", ALL_KINDS))
        self.allowed_lateness = duration(self._find("allowed_lateness"))
        self.label_lateness = duration(self._find("label_lateness"))
        self.duplicate_window = duration(self._find("duplicate_window"))
        self.early = duration(self._find("label_early"))
        self.label_sample = self._find("label_sample")
        self._same_partitioning = self._find("label_partitioning") == "same_as_scores"
        self._units = {}

    def _find(self, key, nearer=()):
        for level in (*nearer, *self._levels):
            if key in level:
                return level[key]
        raise KeyError(key)

    def unit(self, guardrail, category):
        key = (guardrail, category)
        if key not in self._units:
            mine = [entry for entry in self._guardrails if entry["name"] == guardrail]
            exact = [entry for entry in mine if entry.get("category") == category]
            general = [entry for entry in mine if "category" not in entry]
            self._units[key] = Unit(lambda name: self._find(name, (*exact, *general)))
        return self._units[key]

    def labels_go_everywhere(self, topic):
        """Whether the labels of a topic may belong to scores of any partition number."""
        return self.topics[topic] == {"labels"} and not self._same_partitioning

    def longest_horizon(self):
        horizons = [entry["label_horizon"] for entry in self._guardrails if "label_horizon" in entry]
        return max(map(duration, [self._find("label_horizon"), *horizons]))


class Settings:
    def __init__(self, config):
        defaults = config.get("defaults", {})
        guardrails = config.get("guardrails", [])
        self.sources = [Source(source, defaults, guardrails) for source in config["sources"]]
        self.windows = defaults.get("windows", ["5m", "1h", "24h"])
        longest = max(map(duration, self.windows)) + max(source.longest_horizon() for source in self.sources)
        self.coarse = next((width for width in (PANE, MINUTE, 10 * MINUTE, HOUR)
                            if longest <= 1024 * width), DAY)

    def source_of(self, topic):
        for source in self.sources:
            if topic in source.topics:
                return source
        raise KeyError(f"no source has a topic {topic}")

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as file:
            return Settings(json.load(file))
