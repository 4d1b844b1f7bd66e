"""The linter: `./do lint`, and the ctest entry `lint`. Exit 0 when nothing was found.

No check has a list of files that it spares: what must differ is a row in rules.py, where a reviewer sees it.
"""

import argparse
import sys
import time
from pathlib import Path

from checks import arrows, doors, links, purity, shape, sizes, words
from rules import TRUSTED_BASE
from tree import Tree

CHECKS = {
    "arrows": arrows.check,
    "links": links.check,
    "doors": doors.check,
    "purity": purity.check,
    "shape": shape.check,
    "sizes": sizes.check,
    "words": words.check,
}


def trusted_lines(tree):
    """Lines of the trusted base without its tests, and those of them that are code."""
    homes = tuple(f"src/{name}/" for name in TRUSTED_BASE)
    files = [file for file in tree.cpp if file.path.startswith(homes) and not file.is_test]
    lines = [line.strip() for file in files for line in file.lines]
    return len(lines), sum(1 for line in lines if line and not line.startswith("//"))


def main():
    parser = argparse.ArgumentParser(prog="lint")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--build", type=Path, help="a configured build folder: compile commands and the cache")
    parser.add_argument("--all", action="store_true", help="clang-tidy over everything")
    parser.add_argument("--only", choices=sorted(CHECKS), action="append")
    options = parser.parse_args()

    tree = Tree(options.root)
    count = 0
    for name, check in CHECKS.items():
        if options.only and name not in options.only:
            continue
        started = time.monotonic()
        findings = list(check(tree))
        for finding in findings:
            print(finding)
        count += len(findings)
        print(f"lint: {name}: {len(findings) or 'no'} findings ({time.monotonic() - started:.1f} s)", flush=True)
    whole, code = trusted_lines(tree)
    print(f"lint: the trusted base ({' + '.join(TRUSTED_BASE)}) has {whole} lines, {code} of them code")
    return 1 if count else 0


sys.exit(main())
