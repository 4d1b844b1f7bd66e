"""Every header compiles alone. What a unit of the build includes before anything else is proven by building it, and so
is what that header includes first in its turn; the others are compiled here, each by itself. What precompiled headers
hide from that proof is left to the check `standard`."""

import re

import cpp
from tools import run, run_all
from tree import Finding

CHECK = "header"
COMPILER = "g++"
ERROR = re.compile(r"error: (.*)")


def first_include(tree, path):
    """The header of ours that a file includes before anything else, or None."""
    first = cpp.includes(tree.by_path[path].text)[:1]
    target = f"src/{first[0].path}" if first else None
    return target if target in tree.by_path and not first[0].foreign else None


def proven_headers(tree, build):
    proven = set()
    for unit in build.commands:
        header = first_include(tree, unit) if unit in tree.by_path else None
        while header and header not in proven:
            proven.add(header)
            header = first_include(tree, header)
    return proven


def check(tree, build, reach, cache):
    proven = proven_headers(tree, build)
    unproven = [file for file in tree.cpp if file.is_header and file.path not in proven]
    flags = {file.path: build.flags_near(file.path) for file in unproven}
    keys = {file.path: reach.key(file.path, COMPILER, flags[file.path]) for file in unproven}
    paths = [path for path in flags if not cache.has(keys[path])]

    def work(path):
        unit = f'#include "{tree.root}/{path}"\n'
        command = [COMPILER, *flags[path], f"-I{tree.root}/src", "-fsyntax-only", "-x", "c++", "-"]
        return run(command, input=unit, cwd=build.folder)

    for path, result in run_all(paths, work):
        if result.returncode == 0:
            cache.add(keys[path])
        else:
            reason = ERROR.search(result.stderr)
            text = reason.group(1) if reason else result.stderr.strip()
            yield Finding(path, 1, CHECK, f"does not compile alone: {text}")
