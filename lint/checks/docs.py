"""Documents tell the truth about the tree: every file that they link to or name as a path is there, and so is every test
that a list names behind its file."""

import re

from tree import Finding

CHECK = "docs"
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
NAMED = re.compile(r"`((?:src|tests|lint|bench|cmake|docs)/[\w./-]+)`")

NAMED_TESTS = re.compile(r"^- `([\w./-]+)`: (\".*\")$")
QUOTED = re.compile(r'"([^"]*)"')


def missing_tests(tree, file):
    """(line, test, path) of each test that a document names and its file does not have."""
    for number, line in enumerate(file.lines, 1):
        match = NAMED_TESTS.match(line)
        source = tree.by_path.get(match.group(1)) if match else None
        for name in QUOTED.findall(match.group(2)) if source else ():
            if f'"{name}"' not in source.text:
                yield number, name, source.path


def named_paths(file):
    """(line, path from the root) of what a document refers to."""
    for number, line in enumerate(file.lines, 1):
        for target in LINK.findall(line):
            yield number, f"{file.folder}/{target}" if file.folder else target
        for target in NAMED.findall(line):
            yield number, target


def check(tree):
    for file in tree.files:
        if not file.path.endswith(".md"):
            continue
        for line, path in named_paths(file):
            if not (tree.root / path.rstrip("/")).exists():
                yield Finding(file.path, line, CHECK, f"{path} is not in this tree")
        for line, name, path in missing_tests(tree, file):
            yield Finding(file.path, line, CHECK, f"{path} has no test '{name}'")
