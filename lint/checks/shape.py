"""How every C++ file begins: a header says what it is for and guards itself, and the namespace is the directory."""

import re

import cpp
from rules import HEADER_COMMENT_LINES_MAX
from tree import Finding

CHECK = "shape"
NAMESPACE = re.compile(r"^\s*(?:inline\s+)?namespace\s+(holdfast[\w:]*)\s*\{", re.MULTILINE)


def header_findings(file):
    comment = 0
    while comment < len(file.lines) and file.lines[comment].startswith("//"):
        comment += 1
    if comment == 0:
        yield Finding(file.path, 1, CHECK, "a header begins by saying what it is for, promises and refuses")
    if comment > HEADER_COMMENT_LINES_MAX:
        yield Finding(file.path, 1, CHECK, f"{comment} lines of introduction, at most {HEADER_COMMENT_LINES_MAX}")
    rest = [line for line in file.lines[comment:] if line.strip()]
    if not rest or rest[0] != "#pragma once":
        yield Finding(file.path, comment + 1, CHECK, "#pragma once follows the introduction")


def allowed_namespaces(folder):
    """holdfast, and the directory's path as far as one likes; base is holdfast itself. Below its own, a file is free."""
    parts = [part for part in folder.split("/") if part != "base"]
    return ["::".join(["holdfast", *parts[:count]]) for count in range(len(parts) + 1)]


def namespace_findings(file):
    folder = file.folder.removeprefix("src/")
    code = cpp.code_only(file.text)
    allowed = allowed_namespaces(folder)
    opened = list(NAMESPACE.finditer(code))
    if any(match.group(1) in allowed or match.group(1).startswith(f"{allowed[-1]}::") for match in opened):
        return
    if opened:
        line = cpp.line_at(code, opened[0].start(1))
        yield Finding(file.path, line, CHECK, f"expected namespace {allowed[-1]}, saw {opened[0].group(1)}")
    elif file.is_header:
        yield Finding(file.path, 1, CHECK, f"expected namespace {allowed[-1]}")


def check(tree):
    for file in tree.cpp:
        if file.is_header:
            yield from header_findings(file)
        if file.path.startswith("src/") and not file.path.startswith("src/programs/"):
            yield from namespace_findings(file)
