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
OWN_NAME = re.compile(
    r"(?:class|struct|union|enum class|enum) (?P<type>\w+)(?: final)?(?: ?[:{].*)?$"
    r"|(?:using|namespace) (?P<alias>\w+) ="
    r"|(?!return\b|using\b|friend\b|TEST|INSTANTIATE|RC_GTEST)[A-Za-z][\w:<>,*& ()]*?[ *&>](?P<value>\w+)(?:\(|\[|\{| =|;)")
CONSTANTS = re.compile(r"\b(k_\w+)(?: =|\{|\[)")
NO_NAMES = {"operator", "if", "for", "while", "switch", "requires", "decltype"}
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


def own_names(text):
    """What a source file keeps to itself: the names that its anonymous namespaces declare, with their lines' numbers and texts."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("namespace {"):
            inside = True
        elif line.startswith("}  // namespace"):
            inside = False
        elif inside and (match := OWN_NAME.match(line)):
            for name in {match["type"] or match["alias"] or match["value"], *CONSTANTS.findall(line)} - NO_NAMES:
                yield name, number, line


def namespace_of(text):
    match = re.search(r"^namespace (\w[\w:]*) \{", text, re.MULTILINE)
    return match[1] + "::" if match else ""


def shared_names(headers):
    """Name -> the headers that declare it outside of classes."""
    out = {}
    for path, text in headers:
        for line in text.splitlines():
            match = OWN_NAME.match(line.removeprefix("inline "))
            name = match and (match["type"] or match["alias"] or match["value"])
            if name and name not in NO_NAMES:
                out.setdefault(name, []).append((path, namespace_of(text)))
    return out


def names_kept_apart(sources, headers):
    """Several files of a folder are compiled as one (CMakePresets.json): what each keeps to itself has a name of its own there,
    and hides nothing from the others that a header declares. Two aliases of one thing do no harm."""
    seen = {}
    shared = shared_names(headers)
    for path, text in sources:
        folder, namespace = folder_of(path), namespace_of(text)
        visible = LAYERS.get(folder, set()) | {folder}
        for name, number, line in own_names(text):
            for header, outer in shared.get(name, []):
                if namespace.startswith(outer) and folder_of(header) in visible:
                    yield f"{path}:{number}: {name} is also declared by {header}"
            first, same = seen.setdefault((folder, path.endswith("_test.cc"), name), (path, line))
            if first != path and not (line == same and line.startswith(("using ", "namespace "))):
                yield f"{path}:{number}: {name} is also {first}'s own"


def findings():
    rules = {"layers": [], "databases": [], "names": [], "lengths": [], "leftovers": [], "sleeps": [], "headers": [], "own names": []}
    sources, headers = [], []
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
            if path.endswith(".cc"):
                sources.append((path, text))
            else:
                headers.append((path, text))
        for number, line in enumerate(text.splitlines(), 1):
            if path != "tests/tidy/tidy.py" and LEFTOVERS.search(line):
                rules["leftovers"].append(f"{path}:{number}: said to be unfinished")
            if path.endswith("_test.cc") and SLEEPS.search(line):
                rules["sleeps"].append(f"{path}:{number}: sleeps instead of waiting for a state")
    rules["own names"] += names_kept_apart(sources, headers)
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
