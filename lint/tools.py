"""Runs the tools that read C++ themselves: two at a time, with the compile commands of a configured build."""

import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 2
LAUNCHERS = ("ccache",)


class Build:
    """A configured build folder."""

    def __init__(self, folder, root):
        self.folder = folder
        self.commands = {}
        for entry in json.loads((folder / "compile_commands.json").read_text(encoding="utf-8")):
            path = entry["file"].removeprefix(f"{root}/")
            self.commands[path] = shlex.split(entry["command"])

    def flags(self, path, forced=False):
        """How the build compiles a unit, without what goes in and comes out; with forced, what it includes unasked."""
        words = self.commands[path]
        while words[0].rsplit("/", 1)[-1] in LAUNCHERS:
            words = words[1:]
        kept, skip = [], False
        for word in words[1:]:
            if skip:
                skip = False
            elif word in ("-o", "-c", "-MF", "-MT") or (word == "-include" and not forced):
                skip = word != "-c"
            elif word not in ("-MD", "-Winvalid-pch", "-fpch-preprocess", path) and not word.endswith(".cc"):
                kept.append(word)
        return kept

    def flags_near(self, path):
        """The flags of a unit in the same folder, else in the nearest one above, else of any."""
        folder = path
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            near = next((unit for unit in sorted(self.commands) if unit.startswith(folder + "/")), None)
            if near:
                return self.flags(near)
        return self.flags(sorted(self.commands)[0])


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def run_all(jobs, work):
    """work(job) for every job, a few at a time; yields (job, result) in the order of the jobs."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(jobs, pool.map(work, jobs))


def version_of(tool):
    return run([tool, "--version"]).stdout
