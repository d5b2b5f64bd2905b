#!/usr/bin/env python3
"""compare.py EXPECTED ACTUAL: tells where two sets of window objects differ, and ends with 1 if they do.

Each file is NDJSON or a JSON list, as oracle.py, `guardwatchctl replay --output json` and
/api/v1/windows give them. A series that one side does not have is equal to one that counts nothing.
`statistics` are derived and not compared. Of the summaries, what both sides have is compared, except the
label and decision outcomes that may depend on the order of reading.
"""

import argparse
import json
import sys

from decode import parse_rfc3339, rfc3339

GROUPS = ["counts", "labels", "confusion", "sums"]
BIN_FIELDS = ["labeled", "positive", "score_q"]
ORDER_FREE = {"label_late", "label_unusable"}


def load(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(document, list):
        return document
    lists = [value for value in document.values() if isinstance(value, list)] if "window" not in document else []
    return lists[0] if len(lists) == 1 else [document]


def key(item):
    """What identifies an object. Single panes have no view."""
    view = "" if item["window"] == "pane" else item["view"]
    return (item["source"], item["guardrail"], item["category"], item["model_version"], item["variant"],
            tuple(sorted(item["slice"].items())), item["window"], view, parse_rfc3339(item["end"]))


def describe(identity):
    source, guardrail, category, model_version, variant, one, window, view, end = identity
    where = ",".join(f"{dimension}={value}" for dimension, value in one)
    return (f"{source}/{guardrail}/{category} {model_version} {variant} {{{where}}} "
            f"{window} {view} to {rfc3339(end)}")


def numbers(item):
    """{field: integer} of everything in an object that is not zero."""
    flat = {}
    for group in GROUPS:
        for field, value in item.get(group, {}).items():
            flat[f"{group}.{field}"] = int(value)
    for one in item.get("reliability", []):
        for field in BIN_FIELDS:
            flat[f"reliability[{one['bin']}].{field}"] = int(one[field])
    matrix = item.get("confusion_matrix", {"classes": [], "counts": []})
    for true, row in zip(matrix["classes"], matrix["counts"], strict=True):
        for predicted, value in zip(matrix["classes"], row, strict=True):
            flat[f"confusion_matrix[{true!r}][{predicted!r}]"] = value
    flat["confusion_matrix.folded"] = matrix.get("folded", 0)
    return {field: value for field, value in flat.items() if value != 0}


def index(items):
    found = {}
    for item in items:
        if "window" not in item:
            continue
        identity = key(item)
        if identity in found:
            raise ValueError(f"twice in one file: {describe(identity)}")
        found[identity] = numbers(item)
    return found


def flatten(value, prefix=""):
    if isinstance(value, dict):
        return {name: number for field, inner in value.items()
                for name, number in flatten(inner, f"{prefix}.{field}".lstrip(".")).items()}
    return {prefix: int(value)} if isinstance(value, (int, str)) and str(value).isdecimal() else {}


def summaries(items):
    for item in items:
        if "summary" in item:
            return {field: number for field, number in flatten(item["summary"]).items()
                    if field in ORDER_FREE or not field.startswith(("label_", "decision_"))}
    return None


def differences(expected, actual):
    """(what, field, expected, actual) of every number that differs."""
    sides = index(expected), index(actual)
    for identity in sorted(sides[0].keys() | sides[1].keys()):
        one, other = (side.get(identity, {}) for side in sides)
        for field in sorted(one.keys() | other.keys()):
            if one.get(field, 0) != other.get(field, 0):
                yield describe(identity), field, one.get(field, 0), other.get(field, 0)
    one, other = summaries(expected), summaries(actual)
    if one is not None and other is not None:
        tops = {field.split(".")[0] for field in one} & {field.split(".")[0] for field in other}
        for field in sorted(one.keys() | other.keys()):
            if field.split(".")[0] in tops and one.get(field, 0) != other.get(field, 0):
                yield "summary", field, one.get(field, 0), other.get(field, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="FIELD=VALUE",
                        help="compare only objects with this, e.g. view=matured; may be repeated")
    parser.add_argument("--max", type=int, default=50, help="differences to print (default 50)")
    parser.add_argument("expected")
    parser.add_argument("actual")
    arguments = parser.parse_args()
    wanted = dict(pair.split("=", 1) for pair in arguments.only)

    def chosen(path):
        items = [item for item in load(path)
                 if "window" not in item or all(item[field] == value for field, value in wanted.items())]
        if not any("window" in item for item in items):
            sys.exit(f"{path}: no windows to compare")
        return items

    found = list(differences(chosen(arguments.expected), chosen(arguments.actual)))
    for what, field, expected, actual in found[:arguments.max]:
        print(f"{what}: {field}: expected {expected}, actual {actual}")
    if len(found) > arguments.max:
        print(f"... and {len(found) - arguments.max} more")
    print(f"{len(found)} differences" if found else "equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
