"""A system as it is released: a volume with the boot program, which firmware reads, and behind it the root.

All of it is one file of whole blocks, the same bytes from the same kernel, programs and packages, but for the time in the boot key's
signature; what that signs is the kernel, its command line, and in that the root's digest.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import kernel
import root
from failed import Failed
from tool import run

# What systemd puts around a kernel: it measures what it carries, and starts it (the package systemd-boot-efi).
FRAMES = Path("/usr/lib/systemd/boot/efi")
# What every system of this hardware leaves for the boot program: the next one may be larger.
VOLUME_BYTES = 8 * 1024 * 1024
# Of that, its last part: words of the system's authority for its boots, which nothing measures (docs/decisions/0022).
WORDS_BYTES = 64 * 1024
BOOT_PROGRAM = "HOLDFAST.EFI"
CONSOLE = "console=ttyS0"
PAGE = 4096


def frame():
    for one in FRAMES.glob("linuxx64.efi.*"):
        return one
    raise Failed(f"expected linuxx64.efi.* in {FRAMES}, saw none (./do setup)")


def end_of(program):
    """Where its own sections end in memory: ours come behind them."""
    ends = [0]
    for line in run("objdump", "-h", program).splitlines():
        fields = line.split()
        if len(fields) == 7 and fields[0].isdigit():
            ends.append(int(fields[2], 16) + int(fields[3], 16))
    return max(ends)


def forget_time(program):
    """Of its making, which objcopy writes into the header (PE format, COFF header, TimeDateStamp)."""
    with open(program, "r+b") as file:
        file.seek(0x3C)
        at = int.from_bytes(file.read(4), "little")
        file.seek(at + 8)
        file.write(bytes(4))


def boot_program(command_line, system, keys, out):
    """Kernel and command line in one program, signed."""
    with tempfile.TemporaryDirectory(prefix="holdfast-boot.") as work:
        release = Path(work) / "osrel"
        release.write_text(f"ID=holdfast\nNAME=Holdfast\nIMAGE_ID={system.component}\nIMAGE_VERSION={system.version}\n")
        line = Path(work) / "cmdline"
        line.write_text(command_line)
        sections = [(".osrel", release), (".cmdline", line), (".linux", kernel.build() / "bzImage")]
        words, at = [], end_of(frame())
        for name, file in sections:
            at = (at + PAGE - 1) // PAGE * PAGE
            words += ["--add-section", f"{name}={file}", "--change-section-vma", f"{name}={at:#x}"]
            at += file.stat().st_size
        unsigned = Path(work) / "unsigned.efi"
        run("objcopy", *words, frame(), unsigned)
        forget_time(unsigned)
        run("sbsign", "--key", keys / "boot.key", "--cert", keys / "boot.pem", "--output", out, unsigned)


def volume(program, out):
    """A FAT file system with one file and no time."""
    out.unlink(missing_ok=True)
    with open(out, "wb") as file:
        file.truncate(VOLUME_BYTES - WORDS_BYTES)
    run("mkfs.vfat", "--invariant", "-F", "16", "-s", "1", "-n", "HOLDFAST", out)
    os.utime(program, (315532800, 315532800))  # 1980, where FAT begins
    environment = os.environ | {"TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    subprocess.run(["mcopy", "-m", "-i", str(out), str(program), f"::{BOOT_PROGRAM}"], check=True, env=environment)
    with open(out, "r+b") as file:
        file.truncate(VOLUME_BYTES)


def authority_words(system, bin_folder):
    """What the command line says of whose words tell good boots, where the system has an owner."""
    if system.owner is None:
        return []
    shown = json.loads(run(bin_folder / "holdfast", "release", "authority", "--dir", system.owner, "--output", "json"))
    return ["--authority", shown["authority"]]


def seal(system, bin_folder, keys, out):
    """Words for its boots by firmware that has these keys, and by any other that is named."""
    if system.owner is None:
        return
    firmware = [run(bin_folder / "holdfast-image", "firmware-keys", "--platform-key", keys / "platform.pem", "--exchange-key",
                    keys / "exchange.pem", "--allow", keys / "boot.pem").strip(), *system.firmware]
    run(bin_folder / "holdfast", "release", "seal", out / "image", "--reference-values", out / "reference-values.json",
        "--at", VOLUME_BYTES - WORDS_BYTES, "--dir", system.owner, *[word for one in firmware for word in ("--firmware", one)])


def make(system, bin_folder, keys, out):
    """Fills the folder `out`: root.erofs, command-line, boot.efi, image, reference-values.json."""
    out.mkdir(parents=True, exist_ok=True)
    name = ["--component", system.component, "--version", system.version]
    tool = bin_folder / "holdfast-image"
    root.make(bin_folder, out / "root.erofs", system.replaced)
    line = run(tool, "command-line", out / "root.erofs", "--from", VOLUME_BYTES, *name, "--security-version",
               system.security_version, "--more", f"{CONSOLE} {system.more}".strip(), *authority_words(system, bin_folder))
    (out / "command-line").write_text(line)
    boot_program(line, system, keys, out / "boot.efi")
    volume(out / "boot.efi", out / "volume")
    (out / "image").write_bytes((out / "volume").read_bytes() + (out / "root.erofs").read_bytes())
    (out / "volume").unlink()
    values = run(tool, "reference-values", out / "boot.efi", *name, "--security-version", system.security_version)
    (out / "reference-values.json").write_text(values)
    seal(system, bin_folder, keys, out)
    run(tool, "place", out / "image", "--from", VOLUME_BYTES, *name, "--out", out / "place")


class System:
    """`owner`: the folder whose floor keys vouch for its boots, by development firmware and by what is in `firmware`."""

    def __init__(self, component, version, security_version, more="", replaced=None, owner=None, firmware=()):
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", component) or not re.fullmatch(r"[A-Za-z0-9.+~_-]+", version):
            raise Failed(f"expected a component and its version, saw {component} {version}")
        self.component = component
        self.version = version
        self.security_version = security_version
        self.more = more
        self.replaced = replaced or {}
        self.owner = owner
        self.firmware = firmware
