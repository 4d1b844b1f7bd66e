"""The pairs that are made of Debian's packages."""

import hashlib
import shutil
import struct
import subprocess
import zlib

from debian import ROOT_WITHOUT, Missing, erofs, unpack
from store import HERE

KERNEL_LZ4 = bytes([0x02, 0x21, 0x4C, 0x18])  # a legacy LZ4 frame, what a vmlinuz of this configuration holds
KERNELS = {"old": ("linux-image-6.1.0-53-cloud-amd64", "6.1.187-1"),
           "new": ("linux-image-6.1.0-54-cloud-amd64", "6.1.190-1")}
CONTAINERD = {"old": "1.6.20~ds1-1+deb12u2", "new": "1.6.20~ds1-1+deb12u3"}
MEDIA = {"adwaita-icon-theme": "43-1", "desktop-base": "12.0.6+nmu1~deb12u1", "fonts-dejavu-core": "2.37-6",
         "sound-theme-freedesktop": "0.8-2"}
MEDIA_KINDS = {".png", ".ttf", ".oga", ".ogg"}


def root_versions(which):
    """(package, version) of a root: old, new, or five (packages new)."""
    for line in (HERE / "root.packages").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, old, new, *marks = line.split()
        is_new = which == "new" or (which == "five" and "5" in marks)
        yield name, old if new == "=" or not is_new else new


def root(folder, which, image):
    tree = folder / f"tree-{which}"
    for name, version in root_versions(which):
        unpack(name, version, tree, without=ROOT_WITHOUT)
    erofs(tree, folder / image)


def root_36(folder):
    root(folder, "old", "old")
    root(folder, "new", "new")


def root_5(folder):
    root(folder, "old", "old")
    root(folder, "five", "new")


def kernel(folder):
    for image, (name, version) in KERNELS.items():
        unpack(name, version, folder / f"tree-{image}", only=["./boot/vmlinuz*"])
        packed = next((folder / f"tree-{image}/boot").iterdir()).read_bytes()
        at = packed.find(KERNEL_LZ4)
        if at < 0:
            raise Missing(f"expected a kernel packed with LZ4, saw another in {name}")
        # What follows the payload makes lz4 complain after it has unpacked all of it.
        vmlinux = subprocess.run(["lz4", "-d", "-c"], input=packed[at:], capture_output=True, check=False).stdout
        (folder / image).write_bytes(vmlinux)


def go(folder):
    for image, version in CONTAINERD.items():
        unpack("containerd", version, folder / f"tree-{image}", only=["./usr/bin/containerd"])
        shutil.move(folder / f"tree-{image}/usr/bin/containerd", folder / image)


def media(folder):
    """Pictures, fonts and sounds; in the new image one in twenty was edited, one in forty is gone, and one is there
    that is like nothing else."""
    tree = folder / "packages"
    for name, version in MEDIA.items():
        unpack(name, version, tree)
    old, new = folder / "tree-old", folder / "tree-new"
    files = sorted(path for path in tree.rglob("*") if path.suffix in MEDIA_KINDS and not path.is_symlink())
    for number, path in enumerate(files):
        place = path.relative_to(tree)
        for image in (old, new):
            (image / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, old / place)
        if number % 40 == 7:
            continue
        content = path.read_bytes()
        (new / place).write_bytes(edited(content) if number % 20 == 3 else content)
    (new / "usr/share/new.bin").write_bytes(incompressible(300_000))
    erofs(old, folder / "old")
    erofs(new, folder / "new")


def edited(content):
    """A picture with a line drawn through it, packed again; of another file, some bytes of its middle."""
    if not content.startswith(b"\x89PNG"):
        middle = len(content) // 2
        return content[:middle] + bytes(byte ^ 0x55 for byte in content[middle:middle + 64]) + content[middle + 64:]
    out, pixels, at = [content[:8]], b"", 8
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at:at + 8])
        if kind == b"IDAT":
            pixels += content[at + 8:at + 8 + size]
        elif kind == b"IEND":
            raw = bytearray(zlib.decompress(pixels))
            middle = len(raw) // 2
            raw[middle:middle + 16] = bytes(16)
            out.append(chunk(b"IDAT", zlib.compress(bytes(raw), 9)))
        if kind != b"IDAT":
            out.append(content[at:at + 12 + size])
        at += 12 + size
    return b"".join(out)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def incompressible(size):
    return b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(size // 32 + 1))[:size]
