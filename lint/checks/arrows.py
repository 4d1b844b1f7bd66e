"""Who includes whom: the table of arrows, no cycle between any two directories, no directory that is everybody's."""

import cpp
from rules import BANNED_FOLDERS, may_reach, row_of
from tree import Finding

CHECK = "arrow"


def own_includes(tree, file):
    """(include, its path from the root) of the project's own headers; None where there is no such file."""
    for include in cpp.includes(file.text):
        if include.foreign:
            continue
        places = [f"src/{include.path}", f"tests/{include.path}", include.path, f"{file.folder}/{include.path}"]
        yield include, next((place for place in places if place in tree.by_path), None)


def folder_findings(tree):
    for file in tree.files:
        parts = file.folder.split("/")
        if parts[0] != "src":
            continue
        for part in BANNED_FOLDERS.intersection(parts):
            yield Finding(file.path, 1, CHECK, f"there is no '{part}' here: put it where it belongs")
        if len(parts) > 1 and row_of("/".join(parts[1:])) is None:
            yield Finding(file.path, 1, CHECK, f"{file.folder} is not in the table of arrows (lint/rules.py)")


def check_file(tree, file):
    folder = file.folder.removeprefix("src/")
    for include, target in own_includes(tree, file):
        if target is None:
            yield Finding(file.path, include.line, CHECK, f"\"{include.path}\" is no file of this tree")
            continue
        if file.is_test:
            continue
        if target.startswith("tests/"):
            yield Finding(file.path, include.line, CHECK, f"only tests include {target}")
            continue
        if target != f"src/{include.path}":
            yield Finding(file.path, include.line, CHECK, f"\"{include.path}\" must be written from src/")
            continue
        if not may_reach(folder, include.path):
            yield Finding(file.path, include.line, CHECK, f"{folder} may not include {include.path}")
        held = target.endswith("_held.h") and target.rsplit("/", 1)[0] != file.folder
        if held:
            yield Finding(file.path, include.line, CHECK, f"{include.path} is private to its directory")


def graph(tree):
    """Directory → directory → (file, line) of the first include that makes the edge. Tests make no edges."""
    edges = {}
    for file in tree.cpp:
        if file.is_test or not file.path.startswith("src/"):
            continue
        source = file.folder.removeprefix("src/")
        for include, target in own_includes(tree, file):
            if target and target.startswith("src/"):
                goal = target.removeprefix("src/").rsplit("/", 1)[0]
                if goal != source:
                    edges.setdefault(source, {}).setdefault(goal, (file.path, include.line))
    return edges


def reaches(edges, start, goal):
    """A way from start to goal as a list of directories, or None."""
    came_from = {start: None}
    queue = [start]
    while queue:
        at = queue.pop(0)
        if at == goal:
            way = []
            while at is not None:
                way.append(at)
                at = came_from[at]
            return way[::-1]
        for follower in edges.get(at, {}):
            if follower not in came_from:
                came_from[follower] = at
                queue.append(follower)
    return None


def cycle_findings(tree):
    edges = graph(tree)
    seen = set()
    for source in sorted(edges):
        for goal, (path, line) in sorted(edges[source].items()):
            back = reaches(edges, goal, source)
            if back and frozenset(back) not in seen:
                seen.add(frozenset(back))
                yield Finding(path, line, CHECK, "cycle: " + " → ".join([source, *back]))


def check(tree):
    yield from folder_findings(tree)
    for file in tree.cpp:
        if file.path.startswith("src/"):
            yield from check_file(tree, file)
    yield from cycle_findings(tree)
