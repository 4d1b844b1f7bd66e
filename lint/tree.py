"""The tree as the checks see it: which files there are, what they contain, and what a check says about one of them.

Files come from git where there is a repository (so that ignored build folders stay out), else from a walk.
"""

import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SKIPPED_FOLDERS = {".git", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    check: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.check}: {self.text}"


@dataclass(frozen=True)
class File:
    path: str  # from the root, with forward slashes
    text: str

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def folder(self):
        return self.path.rsplit("/", 1)[0] if "/" in self.path else ""

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cc"))

    @property
    def is_header(self):
        return self.path.endswith(".h")

    @property
    def is_shell(self):
        return self.path.endswith(".sh") or self.text.startswith(("#!/usr/bin/env bash", "#!/bin/sh"))

    @property
    def is_test(self):
        return self.path.endswith(("_test.cc", "_test.h", "_test.py")) or self.path.startswith("tests/")

    @property
    def lines(self):
        return self.text.splitlines()


def git(root, *arguments):
    """What git says, or None where it cannot: no repository, no such commit."""
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def listed_paths(root):
    if (root / ".git").exists():
        listing = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listing is not None:
            return [path for path in listing.split("\0") if path and (root / path).is_file()]
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("build")]
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return paths


class Tree:
    def __init__(self, root):
        self.root = Path(root)

    @cached_property
    def files(self):
        """Text files, sorted by path; what is not UTF-8 is data and is not linted."""
        found = []
        for path in sorted(listed_paths(self.root)):
            try:
                found.append(File(path, (self.root / path).read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
        return found

    @cached_property
    def by_path(self):
        return {file.path: file for file in self.files}

    @property
    def cpp(self):
        return [file for file in self.files if file.is_cpp]
