"""What a disk holds after its power was cut: everything up to the last flush, and of what came later some sectors and not
others. QEMU writes down each write and flush (its driver blklogwrites, in the format of Linux's dm-log-writes); a machine that
is killed would lose nothing that the host's cache holds, so what is on the disk is made anew from what was written down.
"""

import struct
import subprocess

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD = 1, 2, 4
# How much of what no flush followed is there afterwards: nothing, everything, whole writes, single sectors.
KEPT = ("nothing", "everything", "some writes", "some sectors")


def words(folder):
    """QEMU's words for the disk in this folder, over which it lays what is written, and writes it down."""
    overlay, log = folder / "overlay", folder / "log"
    overlay.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    log.touch()
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(folder.absolute() / "disk"), "-F", "raw", str(overlay)],
                   check=True)
    return ["-blockdev", f"driver=file,filename={overlay},node-name=overlay-file",
            "-blockdev", "driver=qcow2,file=overlay-file,node-name=overlay",
            "-blockdev", f"driver=file,filename={log},node-name=log-file",
            "-blockdev", f"driver=raw,file=log-file,node-name=log",
            "-blockdev", "driver=blklogwrites,file=overlay,log=log,log-sector-size=512,node-name=disk"]


def entries(log):
    """(flags, first byte, data) of each, in their order; what was cut off in the middle is not one."""
    data = log.read_bytes()
    if len(data) < SECTOR or struct.unpack_from("<Q", data)[0] != MAGIC:
        return
    at = SECTOR
    while at + SECTOR <= len(data):
        sector, sectors, flags, length = struct.unpack_from("<QQQQ", data, at)
        at += SECTOR
        if flags == 0 and sectors == 0:
            return
        size = 0 if flags & DISCARD else sectors * SECTOR
        if at + size > len(data):
            return
        yield flags, sector * SECTOR, data[at:at + size]
        at += size


def cut(folder, random):
    """Makes the disk in the folder what a cut leaves. Returns (writes, of them behind the last flush, what became of these)."""
    written = list(entries(folder / "log"))
    durable = max((at for at, one in enumerate(written) if one[0] & FLUSH), default=-1)
    kept = random.choice(KEPT)
    with open(folder / "disk", "r+b") as disk:
        for at, (flags, begin, data) in enumerate(written):
            is_certain = at <= durable or flags & FUA or kept == "everything"
            if is_certain or (kept == "some writes" and random.random() < 0.5):
                disk.seek(begin)
                disk.write(data)
            elif kept == "some sectors":
                for sector in range(0, len(data), SECTOR):
                    if random.random() < 0.5:
                        disk.seek(begin + sector)
                        disk.write(data[sector:sector + SECTOR])
    return len(written), len(written) - 1 - durable, kept
