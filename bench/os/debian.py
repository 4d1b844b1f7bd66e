"""Debian's own minimal system, for comparison: debootstrap's minbase with an init and the cloud kernel, started directly on the
same machine. Made once, and kept in the cache.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("HOLDFAST_CACHE", "/var/cache/holdfast")) / "debian-minimal"
PACKAGES = "linux-image-cloud-amd64,systemd-sysv"
DISK_BYTES = 1024 * 1024 * 1024


def mirror():
    """Where this machine's packages come from."""
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], check=True,
                            capture_output=True, text=True).stdout.split()
    return listed[0]


def make():
    """A folder with disk, kernel and initrd."""
    if (CACHE / "disk").exists():
        return CACHE
    work = Path(tempfile.mkdtemp(prefix="holdfast-debian."))
    root = work / "root"
    try:
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", root, mirror()], check=True,
                       stdout=subprocess.DEVNULL)
        compile_observer(root / "first", next_one="/sbin/init")
        out = work / "out"
        out.mkdir()
        for name in ("vmlinuz", "initrd.img"):
            shutil.copy(next(root.glob(f"boot/{name}-*")), out / name)
        used = subprocess.run(["du", "-sb", "--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists", "."], cwd=root,
                              check=True, capture_output=True, text=True).stdout.split()[0]
        (out / "bytes").write_text(used)
        with open(out / "disk", "wb") as disk:
            disk.truncate(DISK_BYTES)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, out / "disk"], check=True)
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(out, CACHE)
    finally:
        shutil.rmtree(work)
    return CACHE


def compile_observer(out, next_one):
    source = Path(__file__).parent / "observer.c"
    subprocess.run(["gcc", "-O1", "-static", f'-DNEXT="{next_one}"', source, "-o", out], check=True)


def words(memory):
    """QEMU's, for a machine of so many MiB."""
    made = make()
    return ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "max", "-machine", "q35", "-m", str(memory), "-smp", "1",
            "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-snapshot",
            "-drive", f"if=virtio,format=raw,file={made / 'disk'}", "-kernel", str(made / "vmlinuz"), "-initrd",
            str(made / "initrd.img"), "-append", "console=ttyS0 root=/dev/vda rw init=/first", "-device", "virtio-rng-pci"]
