"""The linter: `./do lint`, and the ctest entry `lint`. Exit 0 when nothing was found.

No check has a list of files that it spares: what must differ is a row in rules.py, where a reviewer sees it.
"""

import argparse
import sys
import time
from pathlib import Path

from cache import Cache, Reach
from checks import arrows, braces, docs, doors, headers, layout, links, purity, shape, sizes, standard, tidy, words
from rules import TRUSTED_BASE
from tools import Build
from tree import Tree


def checks_of(tree, options):
    """Name → a call that gives findings, the quick ones first."""
    build = Build(options.build, tree.root)
    cache = Cache(options.build / "lint-passed")
    started = time.monotonic()
    reach = Reach(tree)
    return {
        "arrows": lambda: arrows.check(tree),
        "links": lambda: links.check(tree),
        "doors": lambda: doors.check(tree),
        "purity": lambda: purity.check(tree),
        "shape": lambda: shape.check(tree),
        "sizes": lambda: sizes.check(tree),
        "braces": lambda: braces.check(tree),
        "standard": lambda: standard.check(tree, reach),
        "words": lambda: words.check(tree),
        "docs": lambda: docs.check(tree),
        "format": lambda: layout.check(tree, cache),
        "headers": lambda: headers.check(tree, build, reach, cache),
        "tidy": lambda: tidy.check(tree, build, reach, cache, options.all, started),
    }


def trusted_lines(tree):
    """Lines of the trusted base without its tests, and those of them that are code."""
    homes = tuple(f"src/{name}/" for name in TRUSTED_BASE)
    files = [file for file in tree.cpp if file.path.startswith(homes) and not file.is_test]
    lines = [line.strip() for file in files for line in file.lines]
    return len(lines), sum(1 for line in lines if line and not line.startswith("//"))


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(prog="lint")
    parser.add_argument("--build", type=Path, default=root / "build", help="a configured build folder")
    parser.add_argument("--all", action="store_true", help="clang-tidy over everything, not only over what changed")
    parser.add_argument("--only", action="append", metavar="CHECK", help="run this check alone; may be repeated")
    options = parser.parse_args()
    options.build = options.build.resolve()

    tree = Tree(root)
    checks = checks_of(tree, options)
    if unknown := set(options.only or []) - set(checks):
        parser.error(f"expected {', '.join(checks)}, saw {', '.join(unknown)}")
    count = 0
    for name in options.only or checks:
        started = time.monotonic()
        found = 0
        for finding in checks[name]():
            print(finding, flush=True)
            found += 1
        count += found
        print(f"lint: {name}: {found or 'no'} findings ({time.monotonic() - started:.1f} s)", flush=True)
    whole, code = trusted_lines(tree)
    print(f"lint: the trusted base ({' + '.join(TRUSTED_BASE)}) has {whole} lines, {code} of them code")
    return 1 if count else 0


sys.exit(main())
