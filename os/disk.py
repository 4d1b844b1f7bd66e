"""A virtual device's disk: two places for systems, what the factory gave it, and what it keeps, open and sealed."""

import json
import subprocess

from failed import Failed

SECTOR = 512
MIB = 1024 * 1024
PLACE_BYTES = 40 * MIB
# name, size, and the partition's own id: the same on each device, so that what firmware measures of it is, too.
PARTITIONS = [
    ("slot-a", PLACE_BYTES, "5ec0de00-0000-4000-8000-00000000000a"),
    ("slot-b", PLACE_BYTES, "5ec0de00-0000-4000-8000-00000000000b"),
    ("factory", 1 * MIB, "5ec0de00-0000-4000-8000-00000000000f"),
    ("record", 1 * MIB, "5ec0de00-0000-4000-8000-00000000000e"),
    ("state", 64 * MIB, "5ec0de00-0000-4000-8000-00000000000c"),
    ("data", 32 * MIB, "5ec0de00-0000-4000-8000-00000000000d"),
]
TYPE = "0fc63daf-8483-4772-8e79-3d69d8477de4"  # Linux file system data
DISK_ID = "5ec0de00-0000-4000-8000-000000000001"


def layout():
    """{name: (number, first sector, sectors, id)}"""
    out, at = {}, MIB // SECTOR
    for number, (name, size, own_id) in enumerate(PARTITIONS, 1):
        out[name] = (number, at, size // SECTOR, own_id)
        at += size // SECTOR
    return out


def boot_places():
    """As holdfast-image variables takes them."""
    places = layout()
    return [":".join(str(part) for part in places[name]) for name in ("slot-a", "slot-b")]


def partition(out, size, table):
    """A disk of `size` bytes with this table, as sfdisk has it."""
    with open(out, "wb") as disk:
        disk.truncate(size)
    done = subprocess.run(["sfdisk", "-q", str(out)], input="\n".join(table), capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"sfdisk failed: {done.stderr.strip()}")


def make_reset(out):
    """What somebody puts into a device to have it reset: its partition's name says so."""
    partition(out, 4 * MIB, ["label: gpt", f"type={TYPE}, name=holdfast-reset"])


def make(out, place, given):
    """Place A holds the file `place`, the factory's partition the object `given`."""
    table = [f"label: gpt\nlabel-id: {DISK_ID}\nfirst-lba: 34"]
    for name, (_, begin, sectors, own_id) in layout().items():
        table.append(f"start={begin}, size={sectors}, type={TYPE}, uuid={own_id}, name={name}")
    partition(out, 2 * MIB + sum(size for _, size, _ in PARTITIONS), table)
    content = place.read_bytes()
    if len(content) > PLACE_BYTES:
        raise Failed(f"expected a place of at most {PLACE_BYTES} bytes, saw {len(content)}")
    with open(out, "r+b") as disk:
        disk.seek(layout()["slot-a"][1] * SECTOR)
        disk.write(content)
        disk.seek(layout()["factory"][1] * SECTOR)
        disk.write(json.dumps(given).encode())
