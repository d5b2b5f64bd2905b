"""Holds the documentation against the code. Prints what is wrong, one line each; exit code 1 if anything is.

Every relative link leads to a file (and to a heading, if it names one); what the code can reject, find, return
and take as a flag is documented; the JSON examples are JSON; no file sends its reader to a package registry.
"""

import json
import pathlib
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REGISTRY = re.compile(
    r"\b(pypi|npmjs|crates|rubygems|maven|sonatype|dockerhub)\.(org|com|io)\b|\bregistry\.[a-z]|\b(docker|ghcr|quay)\.io\b")
SKIPPED = {"build", ".git", "node_modules"}


def markdown_files(root):
    for path in sorted(root.rglob("*.md")):
        if SKIPPED.isdisjoint(path.relative_to(root).parts):
            yield path


def without_code(text):
    """Fenced blocks and code spans hold no links."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchor(heading):
    """The name of a heading in links to it."""
    text = re.sub(r"[^\w\- ]", "", heading.lower())
    return text.replace(" ", "-")


def check_links(root):
    for path in markdown_files(root):
        for target in LINK.findall(without_code(path.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, heading = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists():
                yield f"{path.relative_to(root)}: the link {target} leads nowhere"
            elif heading and heading not in map(anchor, HEADING.findall(FENCE.sub("", file.read_text()))):
                yield f"{path.relative_to(root)}: {target}: there is no such heading"


def check_registries(root):
    for path in markdown_files(root):
        for match in REGISTRY.finditer(path.read_text()):
            yield f"{path.relative_to(root)}: names the registry {match[0]}"


def found(pattern, *files):
    """What the pattern finds in the files; nothing at all means that the pattern is out of date."""
    names = sorted({name for file in files for name in re.findall(pattern, file.read_text())})
    if not names:
        raise SystemExit(f"check_docs.py: {pattern} finds nothing in {', '.join(map(str, files))}")
    return names


def names_in_code(root):
    """Yields (file of the documentation, what it is, how it stands there)."""
    lib = root / "lib"
    main = root / "daemon" / "main.cc"
    tools = sorted((root / "tools").glob("*.cc"))
    reasons = re.search(r"kNames\{(.*?)\};", (lib / "event" / "reject.cc").read_text(), re.DOTALL)[1]
    for reason in re.findall(r'"(\w+)"', reasons):
        yield "events.md", "reject reason", f"`{reason}`"
    for field in re.findall(r'"(\w+)"', re.search(
            r"kNames\{(.*?)\};", (lib / "codec" / "json_fields.cc").read_text(), re.DOTALL)[1]):
        yield "events.md", "field", f"`{field}`"
    for kind in found(r'\bMake\(\s*"(\w+)"', *sorted((lib / "monitor").glob("*.cc"))):
        yield "operations.md", "finding", f"`{kind}`"
    for flag in found(r'add_(?:option|flag)\(\s*"(--[\w.-]+)"', main, *tools):
        yield "operations.md", "flag", f"`{flag}`"
    for code in found(r"\bk\w+ = (\d+)\b", main):
        yield "operations.md", "exit code", f"| {code} |"
    outcomes = re.search(r"kNames\{(.*?)\};", (lib / "window" / "batch.cc").read_text(), re.DOTALL)[1]
    for outcome in re.findall(r'"(\w+)"', outcomes):
        yield "guarantees.md", "label outcome", f"`{outcome}`"
    for endpoint in found(r'Endpoint\{"(\w+)"', lib / "expose" / "api.cc"):
        yield "api.md", "endpoint", f"## `{endpoint}`"
    for statistic in found(r'Statistic\{"(\w+)"', lib / "window" / "statistics.cc"):
        yield "api.md", "statistic", f"`{statistic}`"
        yield "statistics.md", "statistic", f"**`{statistic}`**"


def check_names(root):
    texts = {}
    for file, what, text in names_in_code(root):
        if file not in texts:
            texts[file] = (root / "docs" / file).read_text()
        if text not in texts[file]:
            yield f"docs/{file}: the {what} {text} of the code is not documented"


def check_examples(root):
    for file in ("README.md", "docs/events.md", "docs/api.md"):
        blocks = [body for language, body in FENCE.findall((root / file).read_text()) if language == "json"]
        if not blocks:
            yield f"{file}: has no JSON example"
        for body in blocks:
            try:
                example = json.loads(body)
            except json.JSONDecodeError as error:
                yield f"{file}: an example is no JSON ({error}): {body[:60]}"
                continue
            if file == "docs/events.md" and "guardrail" not in example:
                yield f"{file}: an example has no guardrail: {body[:60]}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = [problem for check in (check_links, check_registries, check_names, check_examples)
                for problem in check(root)]
    print("\n".join(problems) or "docs: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
