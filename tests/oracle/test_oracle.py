"""The oracle against cases worked out by hand, rule by rule."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest

from cases import EVENTS, LABELS, Result, T, decision, event, label, run, score, settings
from decode import ONE
from oracle import fnv1a, request_hash, splitmix
from settings import DAY, HOUR, MINUTE, SECOND


class Numbers(unittest.TestCase):
    def test_scores_are_rounded_half_to_even(self):
        half = 0.5 / ONE
        for p, q in ((half, 0), (3 * half, 2), (5 * half, 2), (0.5, ONE // 2), (1, ONE)):
            self.assertEqual(run(score(0, p)).one()["sums"]["score_q"], str(q), p)

    def test_a_hair_outside_the_range_is_clamped_and_more_is_rejected(self):
        result = run(score(0, 1 + 5e-10), score(0, -5e-10), score(0, 1.1), score(0, -0.1))
        self.assertEqual(result.counts()["scored"], 2)
        self.assertEqual(result.counts()["saturated"], 2)
        self.assertEqual(result.counts()["invalid_scores"], 2)
        self.assertEqual(result.summary["rejected"], {"score_out_of_range": 2})

    def test_logits(self):
        for logit, q in ((0, ONE // 2), (1000, ONE), (-1000, 0), (2, round(ONE / (1 + math.exp(-2))))):
            self.assertEqual(run(event(0, logit=logit)).one()["sums"]["score_q"], str(q))

    def test_a_class_vector_is_a_series_per_class_and_a_top_label(self):
        result = run(event(0, class_scores={"a": 0.25, "b": 0.5, "c": 0.5}, label="c"))
        sums = {one["category"]: int(one["sums"]["score_q"]) / ONE for one in result.windows()}
        self.assertEqual(sums, {"a": 0.25, "b": 0.5, "c": 0.5, "__top__": 0.5})
        positive = {one["category"]: one["labels"]["positive"] for one in result.windows()}
        self.assertEqual(positive, {"a": 0, "b": 0, "c": 1, "__top__": 0})  # b is first of the tie.

    def test_labels_of_a_top_label_count_by_true_and_predicted_class(self):
        a, b = {"a": 0.7, "b": 0.3}, {"a": 0.3, "b": 0.7}
        result = run(event(0, request_id="r", class_scores=a), event(0, request_id="s", class_scores=b),
                     event(0, request_id="t", class_scores=b), event(0, class_scores=b, label="c"),
                     label(1, "a", "r"), label(2, "b", "r"), label(1, "a", "s"), label(2, None, "s"), label(1, "b", "t"))
        self.assertEqual(result.one(category="__top__")["confusion_matrix"],
                         {"classes": ["a", "b", "c"], "counts": [[0, 0, 0], [1, 1, 0], [0, 1, 0]], "folded": 0})
        self.assertNotIn("confusion_matrix", result.one(category="a"))

    def test_loss_is_in_units_of_2_to_the_minus_24_nats_and_clipped(self):
        self.assertEqual(run(score(0, 0.5, label=True)).one()["sums"]["loss"], str(round(math.log(2) * 2**24)))
        self.assertEqual(run(score(0, 0, label=True)).one()["sums"]["loss"], str(round(31 * math.log(2) * 2**24)))
        self.assertEqual(run(score(0, 1, label=True)).one()["sums"]["loss"], "0")

    def test_sums_are_over_all_scores_and_bins_over_labelled_ones(self):
        window = run(score(0, 0.25), score(0, 0.5, label=True)).one()
        self.assertEqual(window["sums"]["score_q"], str(ONE // 4 + ONE // 2))
        self.assertEqual(window["sums"]["score_q_squared"], str((ONE // 4)**2 + (ONE // 2)**2))
        filled = {one["bin"]: one for one in window["reliability"] if one["labeled"]}
        self.assertEqual(list(filled), [7])
        self.assertEqual(filled[7]["score_q"], str(ONE // 2))

    def test_the_last_bin_is_closed(self):
        window = run(score(0, 1, label=True), score(0, 14 / 15, label=True), score(0, 0.93, label=True)).one()
        self.assertEqual({one["bin"]: one["labeled"] for one in window["reliability"] if one["labeled"]},
                         {14: 2, 13: 1})


class Lateness(unittest.TestCase):
    def test_an_event_is_late_when_its_pane_ends_at_or_before_the_watermark(self):
        self.assertEqual(run(score(69.999999), score(5)).summary["late"], {})
        self.assertEqual(run(score(70), score(5)).summary["late"], {"1m": 1})

    def test_the_watermark_is_the_one_before_the_event(self):
        self.assertEqual(run(score(0), score(1000)).summary["late"], {})

    def test_only_its_own_log_makes_an_event_late(self):
        result = run(score(1000), logs={(EVENTS, 1): [score(0)]})
        self.assertEqual(result.summary["late"], {})
        self.assertEqual(result.counts()["scored"], 2)

    def test_late_events_and_duplicates_move_the_log_on_and_rejected_ones_do_not(self):
        self.assertEqual(run(label(100, True), score(5)).summary["late"], {"1m": 1})
        self.assertEqual(run(score(1000, 2.0), score(5)).summary["late"], {})
        duplicate = run(score(0, request="r"), score(70, request="r"), score(5))
        self.assertEqual((duplicate.summary["duplicates"], duplicate.summary["late"]), (1, {"1m": 1}))

    def test_labels_have_six_hours(self):
        self.assertEqual(run(score(6 * 3600 + 9.9), label(0, True)).summary["late"], {})
        late = run(score(6 * 3600 + 10), label(0, True))
        self.assertEqual((late.summary["late"], late.summary["label_late"]), ({"1m": 1}, 1))

    def test_the_record_timestamp_bounds_progress(self):
        result = run(score(100), score(5), record_times=[T + 45 * SECOND, T + 45 * SECOND])
        self.assertEqual(result.summary["late"], {})
        result = run(score(100), score(5), record_times=[T + 70 * SECOND, T + 70 * SECOND])
        self.assertEqual(result.summary["late"], {"1m": 1})

    def test_ages(self):
        events = [score(2 * 86400)] + [score(2 * 86400 - 60 - age) for age in (60, 61, 3600, 6 * 3600, 86400, 86401)]
        self.assertEqual(run(*events).summary["late"], {"1m": 1, "10m": 1, "1h": 1, "6h": 1, "1d": 1, "more": 1})

    def test_the_future_is_rejected_only_where_there_is_a_record_timestamp(self):
        self.assertEqual(run(score(60), score(61), record_times=[T, T]).summary["rejected"], {"future_timestamp": 1})
        self.assertEqual(run(score(61)).summary["rejected"], {})

    def test_a_record_ahead_of_the_wall_clock_is_rejected_where_the_clock_is_given(self):
        for ahead, rejected in ((60, {}), (61, {"future_timestamp": 1})):
            result = run(score(0), record_times=[T + ahead * SECOND], now=T)
            self.assertEqual(result.summary["rejected"], rejected)

    def test_a_late_score_out_of_range_is_in_no_unit(self):
        self.assertEqual(run(score(70), score(5, 2.0)).counts()["invalid_scores"], 0)
        self.assertEqual(run(score(69), score(5, 2.0)).counts()["invalid_scores"], 1)

    def test_a_future_event_does_not_move_the_log_on(self):
        self.assertEqual(run(score(9000), score(0), record_times=[T, T]).summary["late"], {})


class Duplicates(unittest.TestCase):
    def scored(self, *events, **more):
        result = run(*events, **more)
        return sum(one["counts"]["scored"] for one in result.windows()), result.summary["duplicates"]

    def test_an_identity_counts_once_within_fifteen_minutes(self):
        self.assertEqual(self.scored(score(0, request="r"), score(900, request="r")), (1, 1))
        self.assertEqual(self.scored(score(0, request="r"), score(900.000001, request="r")), (2, 0))

    def test_duplicates_are_measured_from_counted_events(self):
        self.assertEqual(self.scored(*(score(at, request="r") for at in (0, 800, 1600))), (2, 1))

    def test_category_and_variant_are_part_of_the_identity_and_model_version_is_not(self):
        self.assertEqual(self.scored(score(0, request="r"), score(0, request="r", category="c"),
                                     score(0, request="r", variant="candidate")), (3, 0))
        self.assertEqual(self.scored(score(0, request="r", model_version="1"),
                                     score(0, request="r", model_version="2")), (1, 1))

    def test_without_request_id_nothing_is_a_duplicate(self):
        self.assertEqual(self.scored(score(0), score(0)), (2, 0))

    def test_two_logs_do_not_deduplicate_each_other(self):
        self.assertEqual(self.scored(score(0, request="r"), logs={(EVENTS, 1): [score(0, request="r")]}), (2, 0))

    def test_a_late_event_registers_nothing(self):
        self.assertEqual(self.scored(score(100), score(5, request="r"), score(45, request="r")), (2, 0))

    def test_a_label_on_a_duplicate_is_a_label_event(self):
        result = run(score(0, 0.25, request="r"), score(5, 0.75, request="r", label=True))
        self.assertEqual(result.labels(), {"labeled": 1, "positive": 1, "unlabeled": 0})
        self.assertEqual(result.one()["sums"]["score_q"], str(ONE // 4))


class Thresholds(unittest.TestCase):
    def test_the_events_own_then_the_categories_then_the_guardrails(self):
        config = settings(guardrails=[{"name": "g", "threshold": 0.4}, {"name": "g", "category": "c", "threshold": 0.6}])
        for fields, flagged in (({}, 1), ({"category": "c"}, 0), ({"category": "c", "threshold": 0.5}, 1)):
            counts = run(score(0, 0.5, **fields), config=config).counts()
            self.assertEqual((counts["flagged"], counts["decided"], counts["with_threshold"]), (flagged, 1, 1))

    def test_the_band_is_closed_on_quantised_edges(self):
        low, high = round((0.5 - 0.05) * ONE), round((0.5 + 0.05) * ONE)
        for q, inside in ((low - 1, 0), (low, 1), (high, 1), (high + 1, 0)):
            self.assertEqual(run(score(0, q / ONE, threshold=0.5)).counts()["in_band"], inside)

    def test_without_any_threshold_a_score_is_undecided(self):
        counts = run(score(0)).counts()
        self.assertEqual((counts["undecided"], counts["decided"], counts["with_threshold"]), (1, 0, 0))


class Decisions(unittest.TestCase):
    def outcome(self, *events, **more):
        result = run(*events, **more)
        return {name[9:]: n for name, n in result.summary.items() if name.startswith("decision_")}, result

    def test_the_verdict_on_the_event_wins_over_the_threshold(self):
        counts = run(score(0, 0.9, threshold=0.5, verdict="allow"), score(0, 0.1, verdict="redact")).counts()
        self.assertEqual((counts["decided"], counts["flagged"], counts["with_threshold"]), (2, 1, 1))

    def test_an_error_is_in_no_rate(self):
        counts = run(score(0, 0.9, threshold=0.9, verdict="error")).counts()
        self.assertEqual((counts["scored"], counts["errors"]), (1, 1))
        self.assertEqual([counts[name] for name in ("decided", "with_threshold", "in_band", "undecided")], [0] * 4)

    def test_a_waiting_score_is_decided_by_an_event_and_takes_its_threshold(self):
        outcome, result = self.outcome(score(0, 0.52, request="r"), decision(1, threshold=0.5))
        counts = result.counts()
        self.assertEqual(outcome, {"joined": 1})
        self.assertEqual([counts[name] for name in ("decided", "flagged", "with_threshold", "in_band", "undecided")],
                         [1, 1, 1, 1, 0])

    def test_a_decision_may_come_ten_minutes_before_its_score(self):
        config = settings(defaults={"allowed_lateness": "1h"})
        self.assertEqual(self.outcome(decision(0), score(600, request="r"), config=config)[0], {"joined": 1})
        self.assertEqual(self.outcome(decision(0), score(600.000001, request="r"), config=config)[0], {"orphan": 1})

    def test_a_decision_after_its_log_has_passed_the_scores_pane_is_late(self):
        self.assertEqual(self.outcome(score(0, request="r"), score(69.9), decision(50))[0], {"joined": 1})
        outcome, result = self.outcome(score(0, request="r"), score(70), decision(50))
        self.assertEqual(outcome, {"late": 1})
        self.assertEqual(result.counts()["undecided"], 2)

    def test_of_several_decisions_the_first_in_the_log_counts(self):
        outcome, result = self.outcome(score(0, request="r"), decision(9, "allow"), decision(1, "block"))
        self.assertEqual(outcome, {"joined": 1, "disagreement": 1})
        self.assertEqual(result.counts()["flagged"], 0)

    def test_a_decision_on_a_decided_score_only_agrees_or_not(self):
        events = [score(0, 0.9, request="r", threshold=0.5), decision(1, "flag"), decision(1, "allow")]
        outcome, result = self.outcome(*events)
        self.assertEqual(outcome, {"agreement": 1, "disagreement": 1})
        self.assertEqual(self.outcome(events[0], decision(86400, "flag"))[0], {"agreement": 1})
        self.assertEqual(self.outcome(events[0], decision(86400.000001, "flag"))[0], {"orphan": 1})
        self.assertEqual(result.counts()["flagged"], 1)

    def test_decided_by_decision_events_ignores_the_threshold_for_the_decision(self):
        config = settings(guardrails=[{"name": "g", "threshold": 0.5, "decided_by": "decision_events"}])
        counts = run(score(0, 0.9, request="r"), score(0, 0.9, request="q"), decision(1, "allow"), config=config).counts()
        self.assertEqual([counts[name] for name in ("decided", "flagged", "undecided", "with_threshold")], [1, 0, 1, 2])

    def test_decisions_keep_to_their_variant_and_partition(self):
        self.assertEqual(self.outcome(score(0, request="r"), decision(1, variant="candidate"))[0], {"orphan": 1})
        self.assertEqual(self.outcome(score(0, request="r"), logs={(EVENTS, 1): [decision(1)]})[0], {"orphan": 1})

    def test_an_error_decision_counts_where_it_is_itself(self):
        result = run(score(0, 0.9, request="r", model_version="m"), decision(1, "error", model_version="n"))
        self.assertEqual(result.counts(model_version="n")["errors"], 1)
        self.assertEqual(result.counts(model_version="m")["undecided"], 1)

    def test_a_unit_without_scores_counts_decisions(self):
        config = settings(guardrails=[{"name": "g", "score_kind": "none"}])
        window = run(decision(0), decision(1), decision(2, "allow", "q"), label(9, False), config=config).one()
        self.assertEqual({name: n for name, n in window["counts"].items() if n}, {"decided": 2, "flagged": 1})
        self.assertEqual(window["labels"], {"labeled": 1, "positive": 0, "unlabeled": 1})
        self.assertEqual(window["confusion"]["false_positive"], 1)


class Labels(unittest.TestCase):
    def test_the_horizon_is_closed_at_both_ends(self):
        for at, joined in ((-600.000001, 0), (-600, 1), (86400, 1), (86400.000001, 0)):
            result = run(score(0, request="r"), logs={(LABELS, 0): [label(at, True)]})
            self.assertEqual(result.labels()["labeled"], joined, at)

    def test_labels_that_join_nothing(self):
        result = run(score(0, request="r"), logs={(LABELS, 0): [label(0, True, "q"), label(86401, True)]})
        self.assertEqual((result.summary["label_after_horizon"], result.summary["label_orphan"]), (1, 1))

    def test_a_label_counts_in_the_pane_of_the_score_and_in_every_variant(self):
        result = run(score(0, request="r"), score(0, request="r", variant="candidate"), label(3000, True),
                     with_panes=True)
        panes = [one for one in result.objects if one.get("window") == "pane"]
        self.assertEqual([(one["variant"], one["end"], one["labels"]["labeled"]) for one in panes],
                         [("candidate", "2026-11-22T10:00:10Z", 1), ("live", "2026-11-22T10:00:10Z", 1)])

    def test_labels_of_a_label_topic_go_everywhere_and_others_stay_in_their_partition(self):
        for topic, source, labeled in ((LABELS, {}, 1), (EVENTS, {}, 0),
                                       (LABELS, {"label_partitioning": "same_as_scores"}, 0)):
            result = run(score(0, request="r"), logs={(topic, 3): [label(1, True)]}, config=settings(source))
            self.assertEqual(result.labels()["labeled"], labeled)

    def test_a_category_must_be_the_same(self):
        self.assertEqual(run(score(0, request="r", category="c"), label(1, True)).labels()["labeled"], 0)
        self.assertEqual(run(score(0, request="r", category="c"), label(1, True, category="c")).labels()["labeled"], 1)

    def test_the_greatest_revision_then_time_is_in_force(self):
        for one, other, positive in ((label(1, True), label(2, False), 0), (label(2, True), label(1, False), 1),
                                     (label(1, True, label_revision=1), label(2, False), 1)):
            result = run(score(0, request="r"), one, other)
            self.assertEqual(result.labels(), {"labeled": 1, "positive": positive, "unlabeled": 0})

    def test_equal_keys_are_told_apart_by_topic_partition_and_offset(self):
        events = [score(0, request="r"), label(1, True), label(1, False)]
        self.assertEqual(run(*events).labels()["positive"], 0)
        self.assertEqual(run(*events, logs={(LABELS, 0): [label(1, True)]}).labels()["positive"], 1)

    def test_null_takes_a_label_back(self):
        result = run(score(0, request="r"), label(1, True), label(2, None))
        self.assertEqual(result.labels(), {"labeled": 0, "positive": 0, "unlabeled": 1})
        self.assertEqual((result.summary["label_joined"], result.summary["label_retracted"]), (1, 1))

    def test_the_label_of_a_scored_event_has_its_time(self):
        result = run(score(100, request="r", label=True), label(50, False))
        self.assertEqual(result.labels()["positive"], 1)

    def test_the_label_of_a_scored_event_joins_the_other_scores_of_the_request_too(self):
        result = run(score(0, request="r", label=True), score(1, request="r", variant="candidate"))
        self.assertEqual([one["labels"]["labeled"] for one in result.windows()], [1, 1])

    def test_without_request_id_a_label_applies_to_its_own_score(self):
        self.assertEqual(run(score(0, label=1), score(0)).labels(), {"labeled": 1, "positive": 1, "unlabeled": 1})

    def test_the_score_on_a_label_event_is_ignored(self):
        result = run(score(0, 0.5, request="r"), label(1, "unsafe", score=0.9))
        self.assertEqual((result.counts()["scored"], result.labels()["positive"]), (1, 1))

    def test_a_value_of_the_other_kind_takes_no_part(self):
        binary = run(score(0, request="r"), label(1, "positive"), label(2, "spam"))
        self.assertEqual((binary.labels()["positive"], binary.summary["label_unusable"]), (1, 1))
        classes = run(event(0, request_id="r", class_scores={"safe": 0.7, "spam": 0.3}), label(1, "safe"), label(2, True))
        self.assertEqual(classes.labels(category="safe"), {"labeled": 1, "positive": 1, "unlabeled": 0})
        self.assertEqual(classes.labels(category="__top__")["positive"], 1)
        self.assertEqual(classes.labels(category="spam"), {"labeled": 1, "positive": 0, "unlabeled": 0})

    def test_both_counted_events_of_an_identity_are_joined(self):
        self.assertEqual(run(score(0, request="r"), score(1000, request="r"), label(1001, True)).labels()["labeled"], 2)

    def test_confusion_needs_a_decision_too(self):
        window = run(score(0, 0.9, threshold=0.5, label=False), score(0, 0.1, label=True, threshold=0.5),
                     score(0, label=True), score(0, 0.9, threshold=0.5, label=True)).one()
        self.assertEqual(window["confusion"], {"true_positive": 1, "false_positive": 1, "true_negative": 0,
                                               "false_negative": 1})
        self.assertEqual(window["labels"]["labeled"], 4)

    def test_the_sample_is_taken_by_the_hash_of_the_request(self):
        ids = [f"r{n}" for n in range(200)]
        kept = sum(request_hash(one) < 2**62 for one in ids)
        events = [score(0, request=one) for one in ids] + [label(1, True, one) for one in ids]
        result = run(*events, config=settings({"label_sample": 0.25}))
        self.assertEqual(result.counts()["scored"], 200)
        self.assertEqual(result.labels(), {"labeled": kept, "positive": kept, "unlabeled": 0})
        self.assertTrue(30 < kept < 70)


    def test_the_hash_is_made_of_two_published_ones(self):
        self.assertEqual(fnv1a(b"a"), 0xAF63DC4C8601EC8C)
        self.assertEqual(splitmix(0x9E3779B97F4A7C15), 0xE220A8397B1DCDAF)


class Windows(unittest.TestCase):
    def test_an_edge_belongs_to_the_later_pane(self):
        result = run(score(9.999999), score(10), with_panes=True)
        self.assertEqual([one["end"] for one in result.objects if one.get("window") == "pane"],
                         ["2026-11-22T10:00:10Z", "2026-11-22T10:00:20Z"])

    def test_fine_windows_end_with_the_last_pane_that_has_a_score(self):
        result = run(score(0), score(299), score(305), label(400, True, "q"))
        window = result.one(window="5m")
        self.assertEqual((window["end"], window["counts"]["scored"]), ("2026-11-22T10:05:10Z", 2))

    def test_long_windows_and_matured_views_slide_by_the_coarse_pane(self):
        result = run(score(0), score(305))
        for window, view in (("1h", "matured"), ("24h", "current"), ("24h", "matured")):
            self.assertEqual(result.one(window=window, view=view)["end"], "2026-11-22T10:10:00Z")
        self.assertEqual(result.one(window="1h")["end"], "2026-11-22T10:05:10Z")
        self.assertEqual(result.windows(window="5m", view="matured"), [])

    def test_the_coarse_pane_is_the_smallest_of_at_most_1024(self):
        for windows, horizon, coarse in ((["5m", "1h", "24h"], "24h", 10 * MINUTE), (["5m"], "1h", 10 * SECOND),
                                         (["1h"], "6640s", 10 * SECOND),
                                         (["1h"], "6641s", MINUTE), (["7d"], "24h", HOUR), (["30d"], "30d", DAY)):
            config = settings(defaults={"windows": windows, "label_horizon": horizon})
            self.assertEqual(config.coarse, coarse, windows)

    def test_an_earlier_end_can_be_asked_for(self):
        window = run(score(0), score(305), at=T + 15 * SECOND).one(window="5m")
        self.assertEqual((window["end"], window["counts"]["scored"]), ("2026-11-22T10:00:10Z", 1))

    def test_slices(self):
        config = settings(guardrails=[{"name": "g", "cohorts": ["k"]}])
        for value, name in (("x", "x"), ("", ""), (1.50, "1.5"), (True, "true"), (None, "__none__"), ([], "__none__"),
                            ("x" * 129, "__other__"), ("x" * 128, "x" * 128)):
            result = run(score(0, cohort={"k": value, "other": "y"}), config=config)
            self.assertEqual(len(result.windows(slice={"k": name})), 1, value)
        self.assertEqual(run(score(0), config=config).counts(slice={"k": "__none__"})["scored"], 1)
        number = b'{"guardrail":"g","time":1763805600,"score":0.5,"cohort":{"k":1.0e2}}'
        self.assertEqual(run(number, config=config).counts(slice={"k": "1.0e2"})["scored"], 1)


class Files(unittest.TestCase):
    CONFIG = {"sources": [{"name": "s", "kafka": {"topics": [EVENTS, LABELS]}}]}

    def compute(self, files):
        """What the command makes of files, by name."""
        with tempfile.TemporaryDirectory() as directory:
            config = {"oracle.json": json.dumps(self.CONFIG).encode()}
            for name, content in (files | config).items():
                with open(os.path.join(directory, name), "wb") as file:
                    file.write(content)
            program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")
            subprocess.run([sys.executable, program, "--config", "oracle.json", "--output", "out", *files],
                           cwd=directory, check=True)
            with open(os.path.join(directory, "out"), encoding="utf-8") as file:
                return Result([json.loads(line) for line in file])

    def test_a_log_of_payloads(self):
        result = self.compute({f"{EVENTS}-0.ndjson": score(100) + b"\n" + score(5) + b"\n",
                               f"{EVENTS}-1.ndjson": score(0) + b"\n\n" + score(0)})
        self.assertEqual(result.counts()["scored"], 3)
        self.assertEqual((result.summary["late"], result.summary["rejected"]), ({"1m": 1}, {"tombstone": 1}))

    def test_records_have_offsets_and_timestamps(self):
        """As written by hand, or by `kcat -J`, which names topic and partition itself."""
        millis = T // 1000
        own = [{"offset": 7, "timestamp": millis, "value": score(0).decode()},
               {"offset": 8, "timestamp": millis, "value": score(61).decode()}]
        kcat = [{"topic": EVENTS, "partition": 2, "offset": 0, "ts": -1, "payload": score(61).decode()},
                {"topic": EVENTS, "partition": 3, "offset": 0, "ts": millis, "payload": None}]
        result = self.compute({f"{EVENTS}-1.records.ndjson": "\n".join(map(json.dumps, own)).encode(),
                               "kcat.records.ndjson": "\n".join(map(json.dumps, kcat)).encode()})
        self.assertEqual(result.counts()["scored"], 2)
        self.assertEqual(result.summary["rejected"], {"future_timestamp": 1, "tombstone": 1})


class Order(unittest.TestCase):
    def test_the_order_in_which_logs_are_given_does_not_matter(self):
        dice = random.Random(7)
        logs = {(EVENTS, partition): [score(n + dice.random() * 50, dice.random(), f"{partition}-{n % 80}",
                                            threshold=0.5) for n in range(100)] for partition in range(3)}
        logs[LABELS, 0] = [label(n * 3, dice.random() < 0.5, f"{n % 3}-{n % 80}") for n in range(100)]
        one = run(logs=logs)
        other = run(logs=dict(reversed(logs.items())))
        self.assertEqual(one.objects, other.objects)
        self.assertGreater(one.labels()["labeled"], 20)


if __name__ == "__main__":
    unittest.main()
