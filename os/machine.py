"""A virtual device that is a machine: a disk, a firmware's variables, a TPM, and QEMU to run them.

Its folder is made by make(); power() runs it, and returns when the machine ends.
"""

import signal
import subprocess
import time
from pathlib import Path

import disk
from failed import Failed
from tool import run

FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd")
VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
MEMORY_MIB = 128


def need():
    for one in (FIRMWARE, VARIABLES):
        if not one.exists():
            raise Failed(f"expected {one}, saw none (./do setup)")


def make(folder, bin_folder, image_folder, keys, given=None, maker=None):
    """A device that has never run: place A holds the image, its firmware starts what the keys signed and no more. `given`: by the
    factory, as docs/os.md has it."""
    need()
    folder.mkdir(parents=True, exist_ok=True)
    tpm = ["--maker-ca", maker] if maker else []
    run(bin_folder / "holdfast-virtual-device", "manufacture", "--dir", folder / "chip", *tpm)
    disk.make(folder / "disk", image_folder / "place", given or {})
    places = [word for place in disk.boot_places() for word in ("--place", place)]
    run(bin_folder / "holdfast-image", "variables", "--template", VARIABLES, "--platform-key", keys / "platform.pem",
        "--exchange-key", keys / "exchange.pem", "--allow", keys / "boot.pem", *places, "--out", folder / "variables")


def firmware_words(folder):
    return [
        "-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on",
        "-global", "ICH9-LPC.disable_s3=1",
        "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}",
        "-drive", f"if=pflash,format=raw,unit=1,file={folder / 'variables'}",
    ]


def direct_words(image_folder):
    """The kernel without a firmware's verification, in a machine that begins at once: nothing of it is measured."""
    import kernel

    place = f"PARTUUID={disk.layout()['slot-a'][3]}"
    line = (image_folder / "command-line").read_text().replace("PARTUUID=loader", place)
    return ["-machine", "q35", "-kernel", str(kernel.build() / "bzImage"), "-append", line]


def network_words(tap):
    """A router at 10.0.2.2 that is this machine's loopback, or the other end of a TAP device."""
    network = f"tap,id=net,ifname={tap},script=no,downscript=no" if tap else "user,id=net"
    return ["-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="]


def disk_words(folder):
    """The disk, or what somebody laid over it in this folder (tests/metal/cuts)."""
    return ["-drive", f"if=none,id=disk,format=raw,file={folder / 'disk'}"]


def attached_words(disk):
    """Another disk, as somebody plugs it in."""
    return ["-drive", f"if=none,id=attached,format=raw,file={disk}", "-device", "virtio-blk-pci,drive=attached"]


def machine_words(folder, memory, chip, disk):
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "max", "-m", str(memory), "-smp", "1", "-nodefaults",
        "-no-user-config", "-display", "none", "-monitor", f"unix:{folder / 'monitor'},server=on,wait=off",
        "-serial", "stdio", *disk, "-device", "virtio-blk-pci,drive=disk", "-chardev", f"socket,id=chip,path={chip}",
        "-tpmdev", "emulator,id=tpm,chardev=chip", "-device", "tpm-crb,tpmdev=tpm", "-device", "virtio-rng-pci",
        "-device", "i6300esb", "-action", "watchdog=reset",
    ]


def start(folder, memory=MEMORY_MIB, direct=None, tap=None, disk=None, console=None, more=()):
    """Its TPM and itself, as processes; `disk`: the words of another disk, `console`: a file for what it says, `more`: words."""
    folder = folder.absolute()
    chip = folder / "chip.sock"
    chip.unlink(missing_ok=True)
    tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder / 'chip' / 'tpm'}", "--ctrl",
                            f"type=unixio,path={chip}", "--terminate"])
    words = machine_words(folder, memory, chip, disk or disk_words(folder)) + network_words(tap)
    words += direct_words(direct) if direct else firmware_words(folder)
    words += more
    while not chip.exists() and tpm.poll() is None:
        time.sleep(0.01)
    return tpm, subprocess.Popen(words, stdout=console, stderr=console)


def end(*processes):
    """Its power goes, and its TPM's."""
    for one in processes:
        one.kill()
    for one in processes:
        one.wait()


def power(folder, memory=MEMORY_MIB, direct=None, tap=None, more=()):
    """Runs until the machine ends or this process is told to; its console is this process's standard input and output."""
    tpm, machine = start(folder, memory, direct, tap, more=more)
    try:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: machine.kill())
        return machine.wait()
    finally:
        tpm.terminate()
        tpm.wait()
        (folder / "chip.sock").unlink(missing_ok=True)
