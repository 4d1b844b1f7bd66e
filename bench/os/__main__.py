"""The figures of the operating system of a device, in the form of all figures, and beside them what Debian's own minimal system
takes on the same virtual machine.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import debian

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build/bin"
KEYS = Path(os.environ.get("HOLDFAST_CACHE", "/var/cache/holdfast")) / "development-keys"
ROW = "{:<42} {:<32} {:>7.2f} {:>7.2f} {:<7} {}"
MIB = 1024 * 1024
LATEST = 120  # seconds in which a machine has to say what is waited for
missed = 0


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=ROOT, **more)
    if done.returncode != 0:
        sys.exit(f"{words[0]} failed: {done.stderr.strip()}")
    return done.stdout


def figure(what, value, bound, unit, at_least=False):
    global missed
    is_met = value >= bound if at_least else value <= bound
    missed += not is_met
    print(ROW.format(what, "at least" if at_least else "at most", value, bound, "met" if is_met else "MISSED", unit), flush=True)


class Console:
    """A machine's lines, with when they came."""

    def __init__(self, words):
        self.began = time.monotonic()
        self.lines = []
        self.machine = subprocess.Popen([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL)
        os.set_blocking(self.machine.stdout.fileno(), False)
        self.rest = b""

    def wait(self, pattern, times=1):
        """When it was said so often, and the line."""
        while True:
            found = [one for one in self.lines if re.search(pattern, one[1])]
            if len(found) >= times:
                return found[times - 1]
            if time.monotonic() - self.began > LATEST or self.machine.poll() is not None:
                sys.exit(f"expected '{pattern}' on the console, saw:\n" + "\n".join(line for _, line in self.lines[-20:]))
            chunk = self.machine.stdout.read() or b""
            *whole, self.rest = (self.rest + chunk).split(b"\n")
            self.lines += [(time.monotonic(), line.decode(errors="replace").strip("\r")) for line in whole]
            time.sleep(0.005)

    def end(self):
        self.machine.terminate()
        self.machine.wait()


class Service:
    """With a catalog, and devices that are machines."""

    def __init__(self, work):
        self.work = work
        self.process = None

    def holdfast(self, *words):
        return run(BIN / "holdfast", *words, env=os.environ | {"HOLDFAST_CONFIG": str(self.work / "operator.json")})

    def begin(self):
        work = self.work
        self.holdfast("owner", "init", "--dir", work / "owner")
        self.holdfast("release", "init", "--repository", work / "images", "--dir", work / "owner")
        port, management = free_port(), free_port()
        self.process = subprocess.Popen(
            [BIN / "holdfastd", "--data", work / "service", "--device-address", f"127.0.0.1:{port}", "--management-address",
             f"127.0.0.1:{management}", "--name", "10.0.2.2", "--name", "127.0.0.1", "--management-url",
             f"https://127.0.0.1:{management}"], stdout=open(work / "holdfastd.log", "w"), stderr=subprocess.STDOUT)
        while "holdfastd: ready" not in (work / "holdfastd.log").read_text():
            time.sleep(0.1)
        self.holdfast("login", "--link-file", work / "service/owner-link", "--name", "ada")
        self.holdfast("catalog", "create", "acme", "--owner", work / "owner")
        self.holdfast("product", "create", "gateway", "--catalog", "acme")
        self.holdfast("device-group", "create", "field", "--product", "gateway", "--catalog", "acme")

    def device(self, name, image):
        ticket = self.work / f"{name}.json"
        self.holdfast("claim", "create", "--catalog", "acme", "--product", "gateway", "--device-group", "field", "--out", ticket)
        run("python3", "os", "device", "--dir", self.work / name, "--image", image, "--keys", KEYS, "--ticket", ticket, "--maker-ca",
            self.work / "maker")
        if not (self.work / "has-root").exists():
            (self.work / "has-root").touch()
            self.holdfast("tpm-root", "add", self.work / "maker/swtpm-localca-rootca-cert.pem", "--catalog", "acme", "--owner",
                          self.work / "owner")
        return self.work / name

    def end(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def free_port():
    return run("python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])").strip()


def image(work, name, *more):
    out = work / name
    run("python3", "os", "image", "--out", out, "--keys", KEYS, "--version", "1.0", "--security-version", "1", "--owner", work / "owner",
        *more)
    return out


def machine(folder, *more):
    return Console(["python3", "os", "run", "--dir", folder, *more])


def sizes(made):
    released = run("sh", "-c", f"zstd -q -19 -c {made / 'image'} | wc -c")
    figure("release of the whole system, zstd", int(released) / MIB, 16, "MiB")
    figure("a place for it, plain", (made / "place").stat().st_size / MIB, 40, "MiB")


def seen_by_observer(console):
    """Of an idle machine: the third look after it has checked in."""
    since = len(console.lines)
    console.wait("event=check-in")
    looks = len([one for one in console.lines if "observer:" in one[1]])
    line = console.wait("observer:", looks + 3)[1]
    return [int(one) for one in re.findall(r"\d+", line)]


def memory(service, watched):
    console = machine(service.device("observed", watched), "--memory", "64", "--direct", watched)
    available, processes = seen_by_observer(console)
    console.end()
    figure("64 MiB, attested and idle: available", available / 1024, 24, "MiB", at_least=True)
    figure("processes when idle", processes, 5, "processes")
    return available, processes


def small(service, made):
    console = machine(service.device("small", made), "--memory", "48", "--direct", made)
    console.wait("event=check-in")
    console.end()
    figure("memory in which it boots, attests, checks in", 48, 48, "MiB, by direct kernel boot")


def speed(service, made):
    """Of the second boot and those after it: the first one makes what the others find. The best of three: this is how long it takes,
    not what else the machine does."""
    folder = service.device("quick", made)
    console = machine(folder)
    console.wait("event=check-in")
    console.end()
    to_init, to_service = [], []
    for _ in range(3):
        console = machine(folder)
        kernel = console.wait("UEFI Secure Boot is enabled")[0]
        first = console.wait("Run /init as init process")[0]
        checked = console.wait("event=check-in")[0]
        console.end()
        to_init.append(first - kernel)
        to_service.append(checked - first)
    figure("kernel start to PID 1, whole secure chain", min(to_init), 2.5, f"s, {min(to_init):.2f} to {max(to_init):.2f}")
    figure("PID 1 to attested and checked in", min(to_service), 3.0, f"s, {min(to_service):.2f} to {max(to_service):.2f}")
    return min(to_init)


def rebuild(work):
    (ROOT / "src/programs/holdfast_agent/run.cc").touch()
    began = time.monotonic()
    run("ninja", "-C", "build", "holdfast-agent", env=os.environ | {"CCACHE_DISABLE": "1"})
    image(work, "again")
    figure("image after a change of the agent", time.monotonic() - began, 60, "s, kernel cached")


def compare(made, available, processes, to_init):
    """Debian's own, in the memory that it needs."""
    console = Console(debian.words(256))
    first = console.wait(r"Run /init as init process")[0]
    start = console.wait(r"Linux version")[0]
    console.wait("login:|observer: .*", 1)
    line = console.wait("observer:", 12)[1]
    console.end()
    theirs_available, theirs_processes = [int(one) for one in re.findall(r"\d+", line)]
    bytes_used = int((debian.CACHE / "bytes").read_text())
    boot = sum((debian.CACHE / name).stat().st_size for name in ("vmlinuz", "initrd.img"))
    print("\n{:<42} {:>16} {:>16}".format("the same machine", "this system", "Debian minbase"))
    rows = [("files of the root, MiB", (made / "root.erofs").stat().st_size / MIB, bytes_used / MIB),
            ("kernel, and what starts it, MiB", (made / "boot.efi").stat().st_size / MIB, boot / MIB),
            ("memory that is not available, MiB", 64 - available / 1024, 256 - theirs_available / 1024),
            ("processes", processes, theirs_processes),
            ("kernel start to its first process, s", to_init, first - start)]
    for name, ours, theirs in rows:
        print(f"{name:<42} {ours:>16.2f} {theirs:>16.2f}")


def main():
    print(f"{'what':<42} {'against':<32} {'value':>7} {'bound':>7}")
    with tempfile.TemporaryDirectory(prefix="holdfast-figures.") as folder:
        work = Path(folder)
        work.chmod(0o700)
        service = Service(work)
        try:
            service.begin()
            made = image(work, "system")
            debian.compile_observer(work / "observer", "/usr/bin/first-process")
            watched = image(work, "watched", "--replace", f"init={work / 'observer'}", "--replace",
                            f"usr/bin/first-process={BIN / 'holdfast-init'}")
            sizes(made)
            available, processes = memory(service, watched)
            small(service, made)
            to_init = speed(service, made)
            rebuild(work)
            compare(made, available, processes, to_init)
        finally:
            service.end()
    sys.exit(1 if missed else 0)


main()
