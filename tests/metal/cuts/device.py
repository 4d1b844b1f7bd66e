"""A virtual device whose power is cut again and again, and what it has said before that must still be so."""

import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "os"))

import disk_log
import machine

UP = re.compile(r"init: (\S+) (\S+) is up, boot (\d+)")
AT_FIRST = ("cannot begin", "state was made anew", "the sealed storage is open, and new")
LATEST = 90  # seconds in which a device has to be up, and to have checked in


class Broken(Exception):
    """What a device acknowledged is not so any more, or it does not come up."""


class Device:
    def __init__(self, folder, random, direct=None):
        self.folder, self.random, self.direct = folder, random, direct
        self.boots = 0        # the number of the last boot that said so
        self.is_enrolled = False
        self.cuts = 0
        self.version = None

    def begin(self):
        self.console = open(self.folder / "console", "wb")
        self.tpm, self.machine = machine.start(self.folder, direct=self.direct, disk=disk_log.words(self.folder),
                                               console=self.console, memory=64 if self.direct else machine.MEMORY_MIB)
        self.began = time.monotonic()

    def said(self):
        return (self.folder / "console").read_bytes().decode(errors="replace").replace("\r", "")

    def wait(self, pattern, until=LATEST):
        while not re.search(pattern, self.said()):
            if self.machine.poll() is not None:
                raise Broken("the machine ended")
            if time.monotonic() - self.began > until:
                raise Broken(f"expected '{pattern}' within {until} seconds")
            time.sleep(0.1)

    def judge(self):
        """Of one run: what it said against what it had said before. What is made at the first boot may be made by a later one,
        where none before it came up."""
        said = self.said()
        was_up = self.boots > 0
        for component, version, boot in UP.findall(said):
            if int(boot) <= self.boots:
                raise Broken(f"expected a boot after number {self.boots}, saw number {boot}")
            self.boots, self.version = int(boot), version
        if "event=enroll " in said:
            if self.is_enrolled:
                raise Broken("it enrolled although it was enrolled")
            self.is_enrolled = True
        for word in ("record-damaged", "Kernel panic", *AT_FIRST):
            is_first = not was_up and word in AT_FIRST and said.count(word) == 1
            if word in said and not is_first:
                raise Broken(f"it said: {next(line for line in said.splitlines() if word in line)}")

    def cut(self):
        """Its power goes, and its TPM's."""
        self.end()
        self.console.close()
        self.cuts += 1
        self.judge()
        return disk_log.cut(self.folder, self.random)

    def end(self):
        machine.end(self.machine, self.tpm)
