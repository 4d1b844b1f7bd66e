"""What decides does not act: no clock, chance, environment, output or exception below the adapters; no coroutine and no
`using namespace` in a header anywhere."""

import re

import cpp
from rules import is_within
from tree import Finding

CHECK = "purity"
DECIDES = ["base", "trust", "wire", "ports", "device", "service"]
WORLD = re.compile(
    r"\b(?:(?:system|steady|high_resolution)_clock\s*::\s*now|sleep_for|sleep_until|clock_gettime|gettimeofday"
    r"|getenv|setenv|random_device|mt19937(?:_64)?|srand|fopen|system)\b\s*\(?"
    r"|\bstd::(?:cout|cerr|cin|time|rand)\b"
)
THROWN = re.compile(r"\bthrow\b")
COROUTINE = re.compile(r"\bco_(?:await|return|yield)\b")
USING_NAMESPACE = re.compile(r"^\s*using\s+namespace\b", re.MULTILINE)


def matches(pattern, file, code, text):
    for match in pattern.finditer(code):
        yield Finding(file.path, cpp.line_at(code, match.start()), CHECK, text.format(match.group().strip(" (\n")))


def check(tree):
    for file in tree.cpp:
        if not file.path.startswith("src/") or file.is_test:
            continue
        code = cpp.code_only(file.text)
        folder = file.folder.removeprefix("src/")
        if any(is_within(folder, name) for name in DECIDES):
            yield from matches(WORLD, file, code, "{} reaches outside: take it as an argument or through a port")
            yield from matches(THROWN, file, code, "{}: errors are values here (Result)")
        yield from matches(COROUTINE, file, code, "{}: no coroutines with g++ 12")
        if file.is_header:
            yield from matches(USING_NAMESPACE, file, code, "{} in a header")
