"""Words that tell of something else: names that say nothing, work left undone, product code that knows it is played.

The patterns are written so that they do not match themselves: this file is linted too.
"""

import re

import cpp
from tree import Finding

CHECK = "word"
EMPTY_WORDS = {"Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Impl", "Data", "Context", "Misc"}
DECLARED = re.compile(
    r"\b(?:class|struct|union|concept|enum(?:\s+class)?)\s+(?:\[\[[^\]]*\]\]\s*)?([A-Z]\w*)\s*(?=[{:;=]|final\b)"
    r"|\busing\s+([A-Z]\w*)\s*="
)
CAMEL_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")
UNDONE = re.compile(
    r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b|\b[f]or now\b|\b[n]ot (?:yet )?implemented\b|\b[p]laceholder\b"
    r"|\b[s]tub(?:bed)?\b|\b[h]ard-?coded\b|\b[t]emporary workaround\b",
    re.IGNORECASE,
)
PLAYED = re.compile(r"[s]imulated", re.IGNORECASE)
PRODUCT = ("src/", "os/", "realtime/", "console/", "api/")
CODE_SUFFIXES = (".h", ".cc", ".c", ".py", ".sh", ".cmake", ".ts", ".js", ".svelte", ".json", ".yaml", ".txt")


def name_findings(file):
    stem = file.name.split(".")[0]
    for part in re.split(r"[_-]", stem):
        if part.capitalize() in EMPTY_WORDS:
            yield Finding(file.path, 1, CHECK, f"a file named '{part}' says nothing: name what is in it")
    if not file.is_cpp:
        return
    code = cpp.code_only(file.text)
    for match in DECLARED.finditer(code):
        name = match.group(1) or match.group(2)
        for part in EMPTY_WORDS.intersection(CAMEL_PART.findall(name)):
            line = cpp.line_at(code, match.start())
            yield Finding(file.path, line, CHECK, f"{name}: '{part}' says nothing: name what it is")


def text_findings(file):
    product = file.path.startswith(PRODUCT) and not file.path.startswith("src/sim/") and not file.is_test
    for number, line in enumerate(file.lines, 1):
        match = UNDONE.search(line)
        if match:
            yield Finding(file.path, number, CHECK, f"'{match.group()}': finish it or file it")
        if product and PLAYED.search(line):
            yield Finding(file.path, number, CHECK, f"'{PLAYED.search(line).group()}' is for src/sim and tests alone")


def check(tree):
    for file in tree.files:
        if file.path.endswith(CODE_SUFFIXES) or file.is_shell:
            yield from name_findings(file)
            yield from text_findings(file)
