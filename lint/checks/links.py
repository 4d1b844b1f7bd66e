"""CMake says the same as the table: each directory is one library named by its path, links only what it may include,
and links, directly or through others, everything that it does include."""

import re

from checks.arrows import graph
from checks.doors import is_inside
from rules import DOORS, may_reach
from tree import Finding

CHECK = "link"
CALL = re.compile(r"holdfast_library\(\s*([^\s)]+)([^)]*)\)")
SECTIONS = {"LINKS", "DOOR", "TEST_LINKS"}


def target_of(folder):
    return folder.replace("/", "_")


def parse(words):
    sections = {name: [] for name in SECTIONS}
    current = None
    for word in words:
        if word in SECTIONS:
            current = word
        elif current:
            sections[current].append(word)
    return sections


def libraries(tree):
    """(file, line, folder under src/, target, sections) of every holdfast_library call."""
    for file in tree.files:
        if file.name != "CMakeLists.txt" or not file.path.startswith("src/"):
            continue
        text = re.sub(r"#[^\n]*", "", file.text)
        for match in CALL.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield file, line, file.folder.removeprefix("src/"), match.group(1), parse(match.group(2).split())


def door_findings(file, line, folder, doors):
    homes = {target: door[3] for door in DOORS for target in door[2]}
    for target in doors:
        if target not in homes:
            yield Finding(file.path, line, CHECK, f"DOOR {target} is in no table of lint/rules.py")
        elif not is_inside(folder, homes[target]):
            yield Finding(file.path, line, CHECK, f"{folder} has no door to {target}")


def closure(links, start):
    seen, queue = {start}, [start]
    while queue:
        for follower in links.get(queue.pop(), []):
            if follower not in seen:
                seen.add(follower)
                queue.append(follower)
    return seen


def check(tree):
    found = list(libraries(tree))
    folders = {target: folder for _, _, folder, target, _ in found}
    links = {target: sections["LINKS"] for _, _, _, target, sections in found}
    edges = graph(tree)
    for file, line, folder, target, sections in found:
        if target != target_of(folder):
            yield Finding(file.path, line, CHECK, f"the library of src/{folder} is called {target_of(folder)}")
        for link in sections["LINKS"]:
            if link not in folders:
                yield Finding(file.path, line, CHECK, f"{target} links {link}, which is no library of this tree")
            elif not may_reach(folder, folders[link]):
                yield Finding(file.path, line, CHECK, f"{folder} may not link {link}")
        yield from door_findings(file, line, folder, sections["DOOR"])
        reached = closure(links, target)
        for goal, (path, at) in sorted(edges.get(folder, {}).items()):
            if target_of(goal) in folders and target_of(goal) not in reached:
                yield Finding(path, at, CHECK, f"{target} includes {goal} and does not link {target_of(goal)}")
