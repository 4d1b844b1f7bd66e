"""A device's kernel, from Debian's source package, kernel.config and patches/.

It is made once for each combination of fragment, patches, source version and compiler, and kept in the cache under their digest.
The same combination gives the same bytes: the build knows no time, no user and no machine.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from failed import Failed

PACKAGE = "linux-source-6.1"
ARCHIVE = Path(f"/usr/src/{PACKAGE}.tar.xz")
FRAGMENT = Path(__file__).with_name("kernel.config")
PATCHES = sorted(Path(__file__).with_name("patches").glob("*.patch"))
REPRODUCIBLE = {
    "KBUILD_BUILD_TIMESTAMP": "1970-01-01 00:00:00 UTC",
    "KBUILD_BUILD_USER": "holdfast",
    "KBUILD_BUILD_HOST": "holdfast",
    "KBUILD_BUILD_VERSION": "1",
    "LC_ALL": "C",
}


def options_of(text):
    """{option: value} of a fragment; 'n' for one that is to be off."""
    return dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.MULTILINE))


def sections_of(text):
    """{section: [option…]} by the lines "## NAME"."""
    out, name = {}, None
    for line in text.splitlines():
        if line.startswith("## "):
            name = line[3:]
            out[name] = []
        elif line.startswith("CONFIG_"):
            out[name].append(line.split("=")[0])
    return out


def effective(config):
    """{option: value} of a .config that make wrote."""
    return options_of(config) | {name: "n" for name in re.findall(r"^# (CONFIG_\w+) is not set$", config, re.MULTILINE)}


def unmet(wanted, config):
    """What was asked for and did not take effect; an option that the configuration does not name is off."""
    have = effective(config)
    return [f"{name}={value}, saw {have.get(name, 'n')}" for name, value in wanted.items() if have.get(name, "n") != value]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def source_version():
    if not ARCHIVE.exists():
        raise Failed(f"expected {ARCHIVE}, saw none; the package {PACKAGE} has it (./do setup)")
    return output_of("dpkg-query", "-W", "-f", "${Version}", PACKAGE)


def key():
    ours = [path.read_text() for path in (FRAGMENT, Path(__file__), *PATCHES)]
    parts = [*ours, source_version(), output_of("gcc", "--version")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def cache():
    return Path(os.environ.get("HOLDFAST_CACHE", "/var/cache/holdfast")) / "kernel"


def make(tree, out, *targets, compiler="gcc"):
    command = ["make", "-C", str(tree), f"O={out}", f"CC={compiler}", f"-j{os.cpu_count()}", *targets]
    process = subprocess.Popen(
        command, env=os.environ | REPRODUCIBLE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    last, compiled = [], 0
    for line in process.stdout:
        last = [*last[-30:], line]
        compiled += line.lstrip().startswith("CC ")
        if line.lstrip().startswith("CC ") and compiled % 200 == 0:
            print(f"kernel: {compiled} of about 1700 files compiled", file=sys.stderr, flush=True)
    if process.wait() != 0:
        raise Failed("make " + " ".join(targets) + " failed:\n" + "".join(last))


def configure(tree, out):
    make(tree, out, "tinyconfig")
    config = out / ".config"
    config.write_text(config.read_text() + FRAGMENT.read_text())
    make(tree, out, "olddefconfig")
    missing = unmet(options_of(FRAGMENT.read_text()), config.read_text())
    if missing:
        raise Failed("expected every option of kernel.config to take effect: " + "; ".join(missing))


def build(compiler=None):
    """The folder with bzImage and config, made where it is not there yet."""
    done = cache() / key()
    if (done / "bzImage").exists():
        return done
    if compiler is None:
        compiler = "ccache gcc" if shutil.which("ccache") else "gcc"
    done.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="making-", dir=done.parent) as work:
        print("kernel: unpacking the source", file=sys.stderr, flush=True)
        subprocess.run(["tar", "-xf", str(ARCHIVE), "-C", work, "--strip-components=1"], check=True)
        for patch in PATCHES:
            subprocess.run(["patch", "-s", "-p1", "-d", work, "-i", str(patch)], check=True)
        out = Path(work) / "out"
        out.mkdir()
        configure(work, out)
        print("kernel: compiling (some ten minutes of two cores)", file=sys.stderr, flush=True)
        make(work, out, "bzImage", compiler=compiler)
        made = Path(work) / "made"
        made.mkdir()
        shutil.copy(out / "arch/x86/boot/bzImage", made / "bzImage")
        shutil.copy(out / ".config", made / "config")
        try:
            made.rename(done)
        except OSError:  # somebody else was faster, with the same bytes
            pass
    return done
