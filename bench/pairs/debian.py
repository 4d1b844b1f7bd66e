"""Packages of exact versions, fetched by apt and unpacked, never installed."""

import pathlib
import subprocess
import sys

from store import CACHE

LEFT_OUT = ["doc", "man", "locale", "info", "lintian", "i18n", "bash-completion", "zsh", "gtk-doc", "perl*"]
ROOT_WITHOUT = ([f"./usr/share/{name}{'' if name.endswith('*') else '/*'}" for name in LEFT_OUT] +
                ["./lib/udev/hwdb.d/*", "./usr/lib/locale/*", "./usr/lib/x86_64-linux-gnu/gconv/*"])


class Missing(Exception):
    """What a pair is made from cannot be had."""


def package(name, version):
    """The package's file, in the cache from then on."""
    pool = CACHE / "packages"
    pool.mkdir(parents=True, exist_ok=True)
    stem = f"{name}_{version.replace(':', '%3a')}"
    found = sorted(pool.glob(f"{stem}_*.deb"))
    if not found:
        print(f"pairs: fetching {name} {version}", file=sys.stderr)
        done = subprocess.run(["apt-get", "download", "-q=2", f"{name}={version}"], cwd=pool, capture_output=True,
                              text=True, check=False)
        found = sorted(pool.glob(f"{stem}_*.deb"))
        if not found:
            why = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise Missing(f"expected apt to see {name} {version}, saw: {why}")
    return found[0]


def unpack(name, version, into, without=(), only=()):
    pathlib.Path(into).mkdir(parents=True, exist_ok=True)
    tree = subprocess.run(["dpkg-deb", "--fsys-tarfile", package(name, version)], capture_output=True, check=True)
    command = ["tar", "-x", "-C", into, "--keep-directory-symlink", *(f"--exclude={path}" for path in without)]
    subprocess.run([*command, "--wildcards", *only] if only else command, input=tree.stdout, check=True)


def erofs(tree, image):
    """Plain EROFS: the same tree makes the same bytes."""
    subprocess.run(["mkfs.erofs", "-T0", "-U00000000-0000-0000-0000-000000000001", "--all-root", image, tree],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
