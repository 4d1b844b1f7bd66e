"""Documents tell the truth about the tree: every file that they link to or name as a path is there."""

import re

from tree import Finding

CHECK = "docs"
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
NAMED = re.compile(r"`((?:src|tests|lint|bench|cmake|docs)/[\w./-]+)`")


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
