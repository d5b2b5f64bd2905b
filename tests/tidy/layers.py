#!/usr/bin/env python3
"""Holds the tree against the floor plan: layers, third-party headers, purity, sizes. Prints file:line."""
import re
import sys
from pathlib import Path

BELOW_SHELL = set("base stats event window detect alert ingest monitor".split())
# What each layer may list in DEPS, from the ground up.
ALLOWED = {layer: set(deps.split()) for layer, deps in {
    "base": "", "stats": "base", "event": "base", "window": "base stats event",
    "detect": "base stats window", "alert": "base detect", "ingest": "base stats event window",
    "monitor": "base stats event window detect alert", "codec": "base event", "source": "base",
    "kafka": "base source sink alert", "store": "base", "net": "base", "sink": "base alert net",
    "expose": "base stats event window detect alert monitor net", "config": "base event window alert",
}.items()}
ALLOWED["app"] = set(ALLOWED)
PROGRAMS = {"daemon": {"app", "config"}, "tools": {"app", "config"}}
THIRD_PARTY = {
    "tl/": {"base"}, "boost/math/": {"stats"}, "boost/unordered/": {"ingest"}, "simdjson": {"codec"}, "emmintrin.h": {"codec", "ingest"},
    "rocksdb/": {"store"}, "nmmintrin.h": {"store"}, "dlfcn.h": {"store"},
    "librdkafka/": {"kafka"}, "boost/asio": {"net"}, "boost/beast": {"net"}, "openssl/": {"net"},
    "zlib.h": {"net"}, "prometheus/": {"expose"}, "yaml-cpp/": {"config"}, "spdlog/": {"app"},
    "CLI/": {"daemon", "tools"}, "jemalloc/": {"daemon"}}
STANDARD = set("""algorithm any array atomic bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes
climits cmath compare complex concepts condition_variable coroutine csignal cstdarg cstddef cstdint cstdio
cstdlib cstring ctime deque exception filesystem forward_list fstream functional future initializer_list
iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex semaphore set shared_mutex span sstream stack
stdexcept stop_token streambuf string string_view system_error thread tuple type_traits typeindex typeinfo
unordered_map unordered_set utility valarray variant vector version unistd.h fcntl.h poll.h dirent.h signal.h
pthread.h threads.h netdb.h sys/stat.h sys/types.h sys/socket.h sys/resource.h sys/time.h sys/wait.h netinet/in.h
arpa/inet.h""".split())
IMPURE = re.compile(
    r"::now\(|<(?:thread|mutex|shared_mutex|atomic|condition_variable|future|fstream|filesystem|random|iostream)>"
    r"|\brandom_device\b|\bgetenv\b|(?<![\w.>])time\(|\bfopen\b")
MARK = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
TYPE = re.compile(r"^(?:class|struct)\s+(?:\[\[[^\]]*\]\]\s*)?(?:alignas\([^)]*\)\s*)?(\w+(?:<[^;{]*>)?)[^;{]*\{", re.M)
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{|^\}  // namespace", re.M)
MAX_LINES = 500
# Longer files, each with its length and the reason. Entries only shrink or go.
LONGER = {"tests/golden/metrics.txt": (1540, "the complete expected metrics page")}


def read_layers(root, fail):
    layers = {}
    for path in sorted(root.glob("lib/*/CMakeLists.txt")):
        text = re.sub(r"#[^\n]*", "", path.read_text())
        call = re.search(r"guardwatch_layer\(([^)]*)\)", text)
        name, where = path.parent.name, path.relative_to(root)
        if not call or call[1].split()[0] != name:
            fail(where, 1, f"no guardwatch_layer({name} ...)")
            continue
        line, key, lists = text[:call.start()].count("\n") + 1, "", {"SOURCES": set(), "DEPS": set()}
        for word in call[1].split()[1:]:
            key = word if word.isupper() else key
            lists.setdefault(key, set()).add(word)
        deps = lists["DEPS"] - {"DEPS"}
        layers[name] = deps
        if name not in ALLOWED:
            fail(where, line, f"layer {name} is not in the floor plan")
        for dep in sorted(deps - ALLOWED.get(name, set())):
            fail(where, line, f"layer {name} must not depend on {dep}")
        for source in sorted(path.parent.rglob("*.cc")):
            if source.relative_to(path.parent).as_posix() not in lists["SOURCES"]:
                fail(source.relative_to(root), 1, f"not listed in {where}")
    return layers


def closure(deps, layers):
    seen, todo = set(), list(deps)
    while todo:
        layer = todo.pop()
        if layer not in seen:
            seen.add(layer)
            todo += layers.get(layer, ())
    return seen


def include_error(root, path, owner, visible, quote, header):
    first = header.split("/")[0]
    if quote == '"':
        if first in ALLOWED:
            options = owner == "config" and first != "app" and header.endswith("/options.h")
            return None if first in visible or options else f"{owner} must not include {header}"
        found = (path.parent / header).exists() or (root / header).exists()
        return None if found and first in (owner, header) else f"unknown header {header}"
    for prefix, owners in THIRD_PARTY.items():
        if header.startswith(prefix):
            return None if owner in owners else f"<{header}> belongs to {', '.join(sorted(owners))}"
    return None if header in STANDARD else f"<{header}> is neither standard nor in the floor plan"


def check_code(root, layers, fail):
    types = {}
    for path in sorted(p for top in ("lib", "daemon", "tools") for p in (root / top).rglob("*")
                       if p.suffix in (".h", ".cc")):
        where = path.relative_to(root)
        owner = where.parts[1] if where.parts[0] == "lib" else where.parts[0]
        visible = closure(PROGRAMS.get(owner, layers.get(owner, set())), layers) | {owner}
        if where.parts[0] == "lib" and owner not in layers:
            fail(where, 1, f"lib/{owner} declares no layer")
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            include = INCLUDE.match(line)
            error = include and include_error(root, path, owner, visible, *include.groups())
            if error:
                fail(where, number, error)
        code = NOISE.sub(lambda m: "\n" * m[0].count("\n"), text)
        if owner in BELOW_SHELL:
            for match in IMPURE.finditer(code):
                fail(where, code[:match.start()].count("\n") + 1, f"impure below the shell: {match[0]}")
        if where.parts[0] == "lib" and path.suffix == ".h":
            # Comments are gone from `code`, and with them the names at closing braces: use the text.
            for match in TYPE.finditer(text):
                scope = []
                for mark in NAMESPACE.finditer(text, 0, match.start()):
                    scope = scope + [mark[1]] if mark[1] else scope[:-1]
                number = text[:match.start()].count("\n") + 1
                name = "::".join(scope + [match[1]])
                if name in types:
                    fail(where, number, f"{name} is also defined at {types[name]}")
                types.setdefault(name, f"{where}:{number}")


def check_files(root, longer, fail):
    for path in sorted(p for top in ("lib", "daemon", "tools", "tests") for p in (root / top).rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        where = path.relative_to(root)
        limit = longer.get(where.as_posix(), (MAX_LINES,))[0]
        if len(lines) > limit:
            fail(where, limit + 1, f"{len(lines)} lines, at most {limit}")
        for number, line in enumerate(lines, 1):
            if MARK.search(line):
                fail(where, number, "unfinished work is marked here")
    for name, (limit, _) in longer.items():
        length = len((root / name).read_text().splitlines()) if (root / name).exists() else 0
        if length < limit:
            fail(name, 1, f"now {length} lines: lower or remove its entry of {limit}")


def check(root, longer):
    failures = []
    fail = lambda where, line, message: failures.append(f"{where}:{line}: {message}")
    check_code(root, read_layers(root, fail), fail)
    check_files(root, longer, fail)
    return failures


if __name__ == "__main__":
    found = check(Path(__file__).resolve().parents[2], LONGER)
    print("\n".join(found) or "layers: ok")
    sys.exit(bool(found))
