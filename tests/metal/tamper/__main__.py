"""Changes one bit of what a device is made of, and looks what happens: the table in docs/os.md. Run by tests/metal/tamper.sh,
which has a healthy device, switched off, and its service.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "os"))

import disk
import image
import machine
from failed import Failed

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/os.md"
BEGIN, END = "<!-- tests/metal/tamper.sh writes this table -->", "<!-- until here -->"
LATEST = 90  # seconds
PASSWORDS_AT = 540  # in swtpm's file, in which nothing tells that a bit changed: owner's, endorsement's, lockout's; then the seed
SEED_BYTES = 64


def flip(file, at, bit=0):
    with open(file, "r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)[0]
        opened.seek(at)
        opened.write(bytes([byte ^ (1 << bit)]))


def at_partition(name):
    return disk.layout()[name][1] * disk.SECTOR


def find(file, words, begin=0):
    data = Path(file).read_bytes()
    at = data.find(words, begin)
    if at < 0:
        raise Failed(f"expected {words[:40]} in {file}, saw none")
    return at


def seed_in(file):
    data, at = file.read_bytes(), PASSWORDS_AT
    sized = lambda: int.from_bytes(data[at:at + 2])
    for _ in range(3):
        at += 2 + sized()
    if sized() != SEED_BYTES:
        raise Failed(f"expected a seed of {SEED_BYTES} bytes at {at} of {file}, saw {sized()}")
    return at + 2


class Matrix:
    def __init__(self, options):
        self.options, self.rows = options, []
        self.whole = options.work / "field"
        place = (self.whole / "disk").read_bytes()[at_partition("slot-a"):][:disk.PLACE_BYTES]
        self.program = at_partition("slot-a") + place.find(b"MZ")
        self.root = at_partition("slot-a") + image.VOLUME_BYTES

    def copy(self):
        folder = self.options.work / "tampered"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cp", "-r", "--sparse=always", self.whole, folder], check=True)
        return folder

    def boots(self, folder, said, never, more):
        """Runs the device until it said it; what it must never say."""
        console = folder / "console"
        with open(console, "wb") as opened:
            tpm, one = machine.start(folder, console=opened, more=more)
            try:
                until = time.monotonic() + LATEST
                while True:
                    words = console.read_bytes().decode(errors="replace").replace("\r", "")
                    if never and re.search(never, words):
                        raise Failed(f"it said '{never}'")
                    if re.search(said, words):
                        return
                    if time.monotonic() > until or (one.poll() is not None and tpm.poll() is not None):
                        raise Failed(f"expected '{said}', saw:\n{words[-1500:]}")
                    time.sleep(0.2)
            finally:
                machine.end(one, tpm)

    def row(self, what, change, said, happens, never=None, more=()):
        """One bit of `what`: it says `said`, and so the sentence is true."""
        if self.options.only not in what:
            return
        folder = self.copy()
        change(folder)
        try:
            self.boots(folder, said, never, list(more))
        except Failed as failed:
            sys.exit(f"one bit of {what}: {failed}")
        self.note(what, happens)

    def note(self, what, happens):
        self.rows.append((what, happens))
        print(f"         {what}: {happens}", flush=True)

    def table(self):
        return "\n".join(["| one bit of | what happens |", "|---|---|", *(f"| {what} | {how} |" for what, how in self.rows)])


RUNS = r"Run /init"


def in_disk(at):
    return lambda folder: flip(folder / "disk", at(folder) if callable(at) else at)


def play(one):
    options = one.options
    refused = "firmware refuses it (`Access Denied`); nothing of it runs"
    one.row("the boot program's kernel", in_disk(one.program + 2_000_000), "Access Denied", refused, never=RUNS)
    one.row("the command line", in_disk(lambda folder: find(folder / "disk", b"panic_on_corruption", one.program)), "Access Denied",
            refused, never=RUNS)
    one.row("the root's first block", in_disk(one.root + 1024), "dm-verity device corrupted",
            "the kernel stops before the first process, and boots again", never=RUNS)
    one.row("a program in the root", in_disk(lambda folder: find(folder / "disk", b"expected a claim ticket, saw none", one.root)),
            "dm-verity device corrupted", "the kernel stops when it is read, and boots again", never="event=check-in")
    tree = one.root + (options.image / "root.erofs").stat().st_size
    one.row("the root's verity tree", in_disk(tree + 100), "dm-verity device corrupted", "the kernel stops, and boots again",
            never="event=check-in")
    one.row("the words for its boots", in_disk(one.root - image.WORDS_BYTES + 300), "sealed storage is closed",
            "the sealed storage stays closed, its certificate's key does not sign; it is judged by what it measured, and can be repaired")
    one.row("what the first process keeps", in_disk(lambda _: at_partition("record") + 200), "sealed storage is open, as it was",
            "the copy before counts; nothing is lost")
    one.row("the certificate of the boot key in `db`",
            lambda folder: flip(folder / "variables", find(folder / "variables", options.certificate) + 500), "Access Denied",
            refused, never=RUNS)
    one.row("the platform key",
            lambda folder: flip(folder / "variables", find(folder / "variables", options.platform) + 500),
            "closed: expected firmware keys", "the firmware's keys are measured: storage and certificate's key stay closed, and it is to "
            "be repaired")

    def flip_seed(folder):
        state = folder / "chip/tpm/tpm2-00.permall"
        flip(state, seed_in(state))

    one.row("the TPM's endorsement seed", flip_seed, r"storage is open, and new[\s\S]*event=forgot-enrolment",
            "no key of before is one of this chip: what was sealed is gone, and the device is nobody until it is claimed again",
            never="event=check-in")
    one.row("the clock's year (32 years ahead)", lambda _: None, "event=check-in certificate=client",
            "it is told the time, and goes by no clock that may be ahead", more=["-rtc", "base=2058-11-28T08:00:00"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--repository-row", nargs=2, action="append", default=[], metavar=("WHAT", "HAPPENS"))
    parser.add_argument("--only", default="", help="rows with this in their name; the table is not looked at")
    parser.add_argument("--write", action="store_true", help="put the table into docs/os.md")
    options = parser.parse_args()
    for name, key in (("certificate", "boot"), ("platform", "platform")):
        der = subprocess.run(["openssl", "x509", "-in", options.keys / f"{key}.pem", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        setattr(options, name, der[:200])
    one = Matrix(options)
    play(one)
    for what, happens in options.repository_row:
        one.note(what, happens)
    if options.only:
        return
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    behind = rest.split(END)[1]
    now = f"{before}{BEGIN}\n{one.table()}\n{END}{behind}"
    if options.write:
        DOCUMENT.write_text(now)
    elif now != text:
        sys.exit(f"docs/os.md has another table; write it with tests/metal/tamper.sh --write:\n{one.table()}")


main()
