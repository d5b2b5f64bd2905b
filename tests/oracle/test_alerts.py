"""When a rule fires and resolves, against cases worked out by hand."""

import unittest

from alerts import episodes
from cases import T
from decode import rfc3339
from settings import PANE

RULE = {"alert": "High", "metric": "fail_rate", "guardrail": "g", "per_cohort": "lang", "window": "20s", "above": 0.5,
        "for": "10s", "min_events": 4, "severity": "page"}


def pane(index, flagged, decided, lang="de", **more):
    return {"source": "s", "guardrail": "g", "category": "", "model_version": "v1", "variant": "live",
            "slice": {"lang": lang}, "window": "pane", "view": "current", "end": end(index),
            "counts": {"flagged": flagged, "decided": decided}, **more}


def end(index):
    return rfc3339(T + (index + 1) * PANE)


class Alerts(unittest.TestCase):
    def times(self, *panes):
        return [tuple(episode[1:]) for episode in episodes(RULE, panes)]

    def test_fires_after_holding_and_resolves_at_the_first_pane_that_is_well(self):
        self.assertEqual(self.times(pane(0, 4, 4), pane(1, 4, 4), pane(2, 0, 4), pane(3, 0, 4)),
                         [(end(0), end(1), end(2))])

    def test_what_does_not_hold_long_enough_never_fires(self):
        self.assertEqual(self.times(pane(0, 4, 4), pane(1, 0, 8)), [])

    def test_too_few_events_neither_fire_nor_resolve(self):
        self.assertEqual(self.times(pane(0, 3, 3)), [])
        self.assertEqual(self.times(pane(0, 4, 4), pane(1, 4, 4), pane(3, 0, 3)), [(end(0), end(1), None)])

    def test_versions_of_a_model_are_one_subject_and_cohorts_are_many(self):
        panes = [pane(i, 2, 2, model_version=version) for i in range(2) for version in ("v1", "v2")]
        panes += [pane(i, 0, 4, lang="en") for i in range(2)]
        found = episodes(RULE, panes)
        self.assertEqual([dict(episode.labels)["value"] for episode in found], ["de"])

    def test_windows_and_other_slices_are_not_looked_at(self):
        self.assertEqual(self.times(*(pane(i, 4, 4, slice={}) for i in range(3)),
                                    *(pane(i, 4, 4, window="5m") for i in range(3)),
                                    *(pane(i, 4, 4, variant="candidate") for i in range(3))), [])


if __name__ == "__main__":
    unittest.main()
