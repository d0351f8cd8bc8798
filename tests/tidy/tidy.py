#!/usr/bin/env python3
"""Reads the repository and fails when it breaks a rule of its own: layers, names, lengths, leftovers.

    python3 tests/tidy/tidy.py          prints one line per finding, then "N passed, N failed"
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Folder -> folders whose headers it may include. docs/architecture.md, "Folders".
LAYERS = {
    "core": set(),
    "format": {"core"},
    "transform": {"core"},
    "kafka": {"core"},
    "sources/postgres": {"core"},
    "sources/mongodb": {"core"},
    "sources": {"core", "sources/postgres", "sources/mongodb"},
    "connect": {"core", "format", "transform", "kafka", "sources"},
    "rest": {"core", "connect", "sources"},
    "": {"core", "connect", "rest"},
}
# A test that takes a source's records through the real converters has no place below both.
TEST_LAYERS = {"connect": {"sources/mongodb", "sources/postgres"}}
DATABASES = re.compile(r"postgres|mongo", re.IGNORECASE)
EMPTY_NAMES = re.compile(r"(^|/)(utils?|common|helpers?|manager|misc)(\b|_)")
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SLEEPS = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(")
LINES_MAX = 600   # "about 500"


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in out.stdout.splitlines() if (ROOT / line).is_file()]


def folder_of(path):
    """src/sources/postgres/x.cc -> sources/postgres; src/main.cc -> ''."""
    return str(pathlib.PurePosixPath(path).parent.relative_to("src")).replace(".", "")


def layers(path, text):
    own = folder_of(path)
    allowed = LAYERS.get(own, set()) | (TEST_LAYERS.get(own, set()) if path.endswith("_test.cc") else set())
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'#include "([^"]+)"', line)
        if not match:
            continue
        other = str(pathlib.PurePosixPath(match[1]).parent).replace(".", "")
        if other != own and other not in allowed:
            yield f"{path}:{number}: {own or 'main'} must not include {match[1]}"


def names_of_databases(path, text):
    """Only src/sources knows that there are databases; elsewhere a comment may give an example."""
    if folder_of(path).startswith("sources") or path.endswith("_test.cc") or "/fake_" in path:
        return
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("//")[0]
        if DATABASES.search(code):
            yield f"{path}:{number}: a database is named outside src/sources"


def findings():
    rules = {"layers": [], "databases": [], "names": [], "lengths": [], "leftovers": [], "sleeps": [], "headers": []}
    for path in tracked():
        if EMPTY_NAMES.search(path):
            rules["names"].append(f"{path}: a name that says nothing")
        if not path.endswith((".cc", ".h", ".py", ".sh", "CMakeLists.txt")) or path.startswith("tests/golden/"):
            continue
        text = (ROOT / path).read_text(errors="replace")
        lines = text.count("\n")
        code = path.endswith((".cc", ".h"))
        if path.startswith("src/") and code:
            rules["layers"] += layers(path, text)
            rules["databases"] += names_of_databases(path, text)
            if lines > LINES_MAX and not path.endswith("_test.cc"):
                rules["lengths"].append(f"{path}: {lines} lines, at most {LINES_MAX}")
            if path.endswith(".h") and not text.startswith("//"):
                rules["headers"].append(f"{path}: a header opens with what it is")
        for number, line in enumerate(text.splitlines(), 1):
            if path != "tests/tidy/tidy.py" and LEFTOVERS.search(line):
                rules["leftovers"].append(f"{path}:{number}: said to be unfinished")
            if path.endswith("_test.cc") and SLEEPS.search(line):
                rules["sleeps"].append(f"{path}:{number}: sleeps instead of waiting for a state")
    return rules


def main():
    rules = findings()
    for rule, found in rules.items():
        for line in found:
            print(f"{rule}: {line}")
    failed = sum(1 for found in rules.values() if found)
    print(f"{len(rules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
