"""Foreign headers stay behind their doors: each library in its own directories, and there in .cc files or in private
*_held.h headers alone. What no table knows is refused, so that a new dependency shows."""

import re

import cpp
from rules import COROUTINES, DOORS, STANDARD, WORLDLY, is_within
from tree import Finding

CHECK = "door"


def door_of(path):
    return next((door for door in DOORS if re.fullmatch(door[1], path)), None)


def is_inside(folder, names):
    return any(is_within(folder, name) for name in names)


def judge(file, folder, include):
    """What is wrong with one angle-bracket include, or None."""
    path = include.path
    if path in COROUTINES:
        return f"<{path}>: no coroutines with g++ 12"
    if path in STANDARD:
        return None
    if path in WORLDLY:
        if is_inside(folder, WORLDLY[path]):
            return None
        return f"<{path}> reaches outside the program; it belongs to {', '.join(WORLDLY[path])}"
    door = door_of(path)
    if door is None:
        return f"<{path}> belongs to no library that lint/rules.py knows"
    library, _, _, homes = door
    if not is_inside(folder, homes):
        return f"<{path}>: {library} has its door in {', '.join(homes) or 'tests'}"
    if file.is_header and not file.name.endswith("_held.h"):
        return f"<{path}>: foreign headers stay in .cc files and private *_held.h headers"
    return None


def check(tree):
    for file in tree.cpp:
        if not file.path.startswith("src/") or file.is_test:
            continue
        folder = file.folder.removeprefix("src/")
        for include in cpp.includes(file.text):
            wrong = judge(file, folder, include) if include.foreign else None
            if wrong:
                yield Finding(file.path, include.line, CHECK, wrong)
