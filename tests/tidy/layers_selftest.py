#!/usr/bin/env python3
"""One violation of each kind in a small tree: each must be found, and the clean tree must pass."""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import layers

CLEAN = {
    "lib/base/CMakeLists.txt": "guardwatch_layer(base SOURCES a.cc)\n",
    "lib/base/a.h": "namespace guardwatch {\nstruct A {\n};\n}  // namespace guardwatch\n",
    "lib/base/a.cc": '#include "base/a.h"\n#include <vector>\n',
    "lib/net/CMakeLists.txt": "guardwatch_layer(net DEPS base)\n",
    "lib/net/n.h": '#include "base/a.h"\n#include <zlib.h>\n'}
MARK = "TO" "DO"
CASES = [
    ({"lib/base/b.h": '#include "net/n.h"\n'}, "lib/base/b.h:1: base must not include net/n.h"),
    ({"lib/base/CMakeLists.txt": "guardwatch_layer(base SOURCES a.cc DEPS net)\n"},
     "lib/base/CMakeLists.txt:1: layer base must not depend on net"),
    ({"lib/base/b.h": "\n#include <zlib.h>\n"}, "lib/base/b.h:2: <zlib.h> belongs to net"),
    ({"lib/base/b.h": "#include <curl/curl.h>\n"}, "lib/base/b.h:1: <curl/curl.h> is neither"),
    ({"lib/base/b.cc": ""}, "lib/base/b.cc:1: not listed in"),
    ({"lib/net/b.h": CLEAN["lib/base/a.h"]}, "lib/net/b.h:2: guardwatch::A is also defined at lib/base/a.h:2"),
    ({"tests/long.txt": "x\n" * 501}, "tests/long.txt:501: 501 lines"),
    ({"daemon/main.cc": f"// {MARK}: later\n"}, "daemon/main.cc:1: unfinished"),
] + [({"lib/base/b.h": f"{code}\n"}, "lib/base/b.h:1: impure") for code in (
    "auto t = Clock::now();", "#include <thread>", "#include <mutex>", "#include <shared_mutex>",
    "#include <atomic>", "#include <condition_variable>", "#include <future>", "#include <fstream>",
    "#include <filesystem>", "#include <random>", "#include <iostream>", "std::random_device d;",
    'auto e = getenv("A");', "auto t = std::time(nullptr);", 'auto f = fopen("a", "r");')]


def failures_of(files, longer=None):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **files}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return layers.check(Path(folder), longer or {})


assert failures_of({}) == [], failures_of({})
for files, expected in CASES:
    found = failures_of(files)
    assert any(failure.startswith(expected) for failure in found), (expected, found)
assert failures_of({}, {"lib/base/a.h": (600, "was long")}), "an entry longer than its file must fail"
print(f"layers_selftest: {len(CASES) + 2} ok")
