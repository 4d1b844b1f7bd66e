"""The root of a device: our programs, the libraries that they load, and nothing else; no shell, no login, no tool.

The same programs and packages give the same bytes: files in the order of their names, owned by root, of no time.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from failed import Failed

# By its place in the root: one of ours, or a file of a Debian package.
PROGRAMS = {
    "init": "holdfast-init",
    "usr/bin/holdfast-agent": "holdfast-agent",
    "usr/bin/holdfast-crash": "holdfast-crash",
    "usr/bin/holdfast-lease": "holdfast-lease",
}
DEBIAN = ["usr/sbin/dhcpcd", "usr/sbin/e2fsck", "usr/sbin/mke2fs", "usr/sbin/rdate"]
# What programs load by name while they run: the way to the TPM.
LOADED = ["usr/lib/x86_64-linux-gnu/libtss2-tcti-device.so.0"]
FOLDERS = ["data", "dev", "etc", "proc", "run", "state", "sys", "usr/bin", "usr/lib", "usr/sbin", "var/lib/dpkg"]
LINKS = {
    "bin": "usr/bin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "sbin": "usr/sbin",
    "etc/resolv.conf": "../run/network/resolv.conf",
    "var/lib/dhcpcd": "../../state/network",
    "var/run": "../run",
}
# No modules of its own, which are not here; no waiting for what is on most networks the server's to look after: whether
# an address is in use.
DHCP = """nodev
nodelay
noarp
duid
slaac private
option domain_name_servers, interface_mtu, classless_static_routes, ntp_servers
option rapid_commit
"""
FILES = {
    # Numbers that processes run as (docs/os.md); nobody has a password, nor a shell.
    "etc/passwd": "root:x:0:0::/:/\nagent:x:100:100::/:/\nnetwork:x:101:101::/:/\ntime:x:102:102::/:/\ncrash:x:103:103::/:/\n",
    "etc/group": "root:x:0:\nagent:x:100:\nnetwork:x:101:\ntime:x:102:\ncrash:x:103:\ntpm:x:110:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/services": "ntp 123/udp\n",
    "etc/dhcpcd.conf": DHCP,
}
EROFS_UUID = "00000000-0000-4000-8000-000000000000"  # the verity root says which one it is


def libraries_of(program):
    """The files that the loader maps for it, by their paths; none where it stands alone."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    if "not a dynamic executable" in done.stderr:
        return set()
    listed = done.stdout
    if done.returncode != 0 or "not found" in listed:
        raise Failed(f"expected every library of {program}, saw:\n{listed}{done.stderr}")
    return set(re.findall(r"(/\S+\.so\S*)", listed))


def place_of(library):
    """Where it lies in a root whose /lib is a link to /usr/lib."""
    return re.sub(r"^/(lib|lib64)/", r"usr/\1/", library).lstrip("/")


def put(source, target):
    """Without its symbols, where it has any: they stay with whoever built it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    if target.read_bytes()[:4] == b"\x7fELF":
        subprocess.run(["strip", "--strip-unneeded", str(target)], check=True)
    target.chmod(0o755)


def package_of(path):
    """The Debian package that a file came with; paths may be from before /lib became a link."""
    for one in (str(path), re.sub(r"^/usr/", "/", str(path)), re.sub(r"^/(lib|sbin|bin)", r"/usr/\1", str(path))):
        found = subprocess.run(["dpkg-query", "-S", one], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0]
    raise Failed(f"expected {path} in a Debian package, saw none")


def status_of(packages):
    """As dpkg keeps it: what `holdfast release publish --sbom-from` reads."""
    out = []
    for name in sorted(packages):
        fields = subprocess.run(["dpkg-query", "-s", name], check=True, capture_output=True, text=True).stdout
        kept = [line for line in fields.splitlines() if re.match(r"(Package|Status|Architecture|Source|Version|Maintainer): ", line)]
        out.append("\n".join(kept) + "\n")
    return "\n".join(out)


def fill(root, bin_folder, replaced):
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for link, target in LINKS.items():
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    for name, text in FILES.items():
        (root / name).write_text(text)
    libraries, debian = set(), set()
    for place, name in PROGRAMS.items():
        program = replaced.get(place, bin_folder / name)
        put(program, root / place)
        libraries |= libraries_of(program)
    for place, file in replaced.items():
        if place not in PROGRAMS and place not in DEBIAN:
            put(file, root / place)
    for place in [*DEBIAN, *LOADED]:
        put(replaced.get(place, Path("/") / place), root / place)
        libraries |= libraries_of(Path("/") / place)
        debian.add("/" + place)
    for library in libraries:
        put(Path(library).resolve(), root / place_of(library))
    packages = {package_of(Path(one).resolve()) for one in libraries | debian}
    (root / "var/lib/dpkg/status").write_text(status_of(packages))


def make(bin_folder, out, replaced):
    """Writes the EROFS image `out`. `replaced`: other programs in the places of ours, or more files, {place: file}."""
    with tempfile.TemporaryDirectory(prefix="holdfast-root.") as work:
        root = Path(work) / "root"
        root.mkdir(mode=0o755)
        fill(root, bin_folder, replaced)
        for one in [root, *root.rglob("*")]:
            if one.is_dir() and not one.is_symlink():
                one.chmod(0o755)
        out.unlink(missing_ok=True)
        subprocess.run(["mkfs.erofs", "-T0", "--all-root", "-U", EROFS_UUID, str(out), str(root)], check=True,
                       stdout=subprocess.DEVNULL)
