"""Puts units that compile alike into one file each few, so that clang-tidy reads the headers that they share once.

A batch is the units' texts one after another, each include of ours or of a library once. Units stay apart whose names at
file scope would meet, and those with macros of their own; what still does not compile together is halved until it does.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from cache import digest
from cpp import INCLUDE, code_only
from tools import run

COMPILER = "clang++-19"
MOST = 10  # units in one batch: more save little
OWN_MACRO = re.compile(r"^[ \t]*#[ \t]*(?:define|undef|pragma)\b", re.MULTILINE)
DECLARATION = re.compile(r"^(?![#}/ ]|namespace\b|using [\w: ]+;|template\b)[^(={;\n]*", re.MULTILINE)
TYPE = re.compile(r"^(?:struct|class|union|enum(?: class)?)\s+(\w+)")
LAST_NAME = re.compile(r"([\w:~]+)\W*$")
TEST_MACROS = {"TEST_CASE", "TEST_CASE_TEMPLATE", "TEST_SUITE"}


def names(text):
    """The names that a unit declares at file scope, near enough: they stand at the beginning of a line."""
    found = set()
    for declaration in DECLARATION.findall(code_only(text)):
        if name := TYPE.match(declaration) or LAST_NAME.search(declaration):
            found.add(name.group(1))
    return found - TEST_MACROS


@dataclass(frozen=True)
class Batch:
    units: tuple[str, ...]

    def halves(self):
        middle = len(self.units) // 2
        return [Batch(self.units[:middle]), Batch(self.units[middle:])]

    def text(self, tree):
        """The units' texts with every line where it was, but for includes that an earlier unit has."""
        known, texts = set(), []
        for unit in self.units:
            text = tree.by_path[unit].text
            texts.append(INCLUDE.sub(lambda match: "" if match.group() in known else match.group(), text))
            known.update(match.group() for match in INCLUDE.finditer(text))
        return "".join(texts)

    def place(self, tree, line):
        """Where a line of the batch's text comes from: (unit, its line)."""
        for unit in self.units:
            length = tree.by_path[unit].text.count("\n")
            if line <= length:
                return unit, line
            line -= length
        return self.units[-1], 1

    def flags(self, tree, build):
        """How all of its units compile, also those that include a neighbour by its name alone."""
        folders = sorted({str(tree.root / Path(unit).parent) for unit in self.units})
        return [*build.flags(self.units[0], forced=True), *(f"-iquote{folder}" for folder in folders)]

    def write(self, tree, build):
        """The path of the batch's text: a unit alone is its own file, more are written into the build folder."""
        if len(self.units) == 1:
            return tree.root / self.units[0]
        folder = build.folder / "lint-batches"
        folder.mkdir(exist_ok=True)
        path = folder / (digest(self.units)[:16] + Path(self.units[0]).suffix)
        path.write_text(self.text(tree), encoding="utf-8")
        return path


def batches_of(units, tree, build):
    """Batches for these units: each joins the first that has room and none of its names."""
    made, open_ones = [], {}
    for unit in units:
        text = tree.by_path[unit].text
        if OWN_MACRO.search(text) or not text.endswith("\n"):
            made.append(Batch((unit,)))
            continue
        own = names(text)
        kind = (*build.flags(unit, forced=True), tree.by_path[unit].is_test)
        growing = open_ones.setdefault(kind, [])
        fitting = next((one for one in growing if len(one[0]) < MOST and not own & one[1]), None)
        if not fitting:
            fitting = ([], set())
            growing.append(fitting)
        fitting[0].append(unit)
        fitting[1].update(own)
    return made + [Batch(tuple(members)) for growing in open_ones.values() for members, _ in growing]


def that_compile(batch, tree, build):
    """The batch, or as many smaller ones as it takes for each to compile."""
    if len(batch.units) == 1:
        return [batch]
    command = [COMPILER, *batch.flags(tree, build), "-w", "-fsyntax-only", str(batch.write(tree, build))]
    if run(command, cwd=tree.root).returncode == 0:
        return [batch]
    return [part for half in batch.halves() for part in that_compile(half, tree, build)]
