"""Servers of a trial: started as somebody who is not root, ended by their ids, gone with this program at the latest."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

SERVER_USER = "postgres"  # Debian's package makes it; PostgreSQL refuses to run as root
STARTED = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", flush=True)


class Failure(Exception):
    """Not as it should be: what was expected and what was seen."""


def until(seconds, expected, condition):
    """Waits until the condition holds, and returns what it said. What it last said otherwise is in the failure."""
    end = time.monotonic() + seconds
    while True:
        seen = condition()
        if seen is True or (seen and not isinstance(seen, str)):
            return seen
        if time.monotonic() > end:
            raise Failure(f"expected {expected} within {seconds} s, saw {seen or 'nothing of it'}")
        time.sleep(0.1)


PORTS = iter(range(20_000 + os.getpid() % 8_000, 32_000))


def free_ports(count):
    """Ports that nobody listens at, below those that the kernel gives to clients; none is given twice."""
    out = []
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        out.append(port)
        if len(out) == count:
            return out
    raise Failure(f"expected {count} free ports, saw {len(out)}")


def dying_with_us(death_signal, as_server_user):
    """In front of a command: an end when we end, and another user where we are root and that is asked for."""
    words = ["setpriv", "--pdeathsig", death_signal]
    if as_server_user and os.geteuid() == 0:
        words += ["--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups"]
    return words + ["--"]


def server_folder(path):
    """A folder that the servers' user owns."""
    path.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(path, SERVER_USER, pwd.getpwnam(SERVER_USER).pw_gid)
    return path


def is_alive(pid):
    """Whether it runs; one that ended and was not waited for yet does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill_if_there(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def children_of(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.glob("*/children") for child in task.read_text().split()]


class Server:
    """One program, which may be killed and started again; what it says is kept in one file."""

    def __init__(self, name, command, log, death_signal="KILL", as_server_user=True):
        self.name, self.log = name, log
        self.command = dying_with_us(death_signal, as_server_user) + command
        self.process = None

    def start(self, environment=None):
        with open(self.log, "ab") as log:
            # In a session of its own, so that Ctrl-C reaches us alone and we end things in order.
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
            )

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def require_running(self):
        if not self.is_running():
            raise Failure(f"expected {self.name} to run, saw it end; its last words:\n{self.last_words()}")

    def last_words(self):
        with open(self.log, "rb") as log:
            return b"".join(log.readlines()[-15:]).decode(errors="replace")

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self, number=signal.SIGKILL):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait()
        self.process = None


def run(command, **options):
    """What a command printed; a failure says what it said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"expected {command[0]} to succeed, saw: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def warn(text):
    print(text, file=sys.stderr, flush=True)
