"""./do ha: a service of two holdfastd on three PostgreSQL nodes loses its primary and then one holdfastd under load.

Each trial compares what clients were told is done with what the database has. A control run with asynchronous commit
must show a loss, or the comparison would prove nothing.
"""

import argparse
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
from typing import NamedTuple

import processes
from addresses import require_true_addresses
from cluster import ROLE, Cluster
from processes import Failure, say
from services import Front, Load

DEVICES, OPERATORS = 6, 3
HELD_BACK_S = 1.5
# Where the database keeps what the ledger names, by its kind.
STORED = """
SELECT 'product', name FROM products WHERE catalog = 'acme'
UNION ALL SELECT 'policy', name FROM policies WHERE catalog = 'acme'
UNION ALL SELECT 'operator', name FROM operators
UNION ALL SELECT 'ticket', encode(secret_sha256, 'hex') FROM claim_tickets WHERE catalog = 'acme'
UNION ALL SELECT 'certificate', encode(sha256, 'hex') FROM certificates WHERE catalog = 'acme'
"""
HEADINGS = ("trial", "standbys", "primary", "acknowledged", "lost", "gap", "devices back", "holdfastd", "gap",
            "devices back")
WIDTHS = (5, 9, 18, 12, 5, 8, 12, 11, 8, 12)


class Trial(NamedTuple):
    """What happened; times in milliseconds."""

    number: int
    held_back: bool
    primary: str
    acknowledged: int  # since the first trial
    lost: int
    gap: int
    devices: int
    service: str
    service_gap: int
    service_devices: int

    def cells(self):
        held_back = "held back" if self.held_back else "at pace"
        return (self.number, held_back, self.primary, self.acknowledged, self.lost, *map(in_seconds, self[5:7]),
                self.service, *map(in_seconds, self[8:]))


def in_seconds(ms):
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms / 1000:.2f} s"


class Stage:
    """Everything that runs, in one folder."""

    def __init__(self, programs, synchronous):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-ha."))
        self.folder.chmod(0o755)
        self.cluster = Cluster(self.folder, synchronous)
        self.front = Front(self.folder, programs, self.cluster.url())
        self.load = Load(self.folder, programs, self.front, DEVICES, OPERATORS)

    def start(self):
        kind = "synchronous" if self.cluster.synchronous else "asynchronous"
        say(f"etcd, and three PostgreSQL nodes with Patroni ({kind} commit) in {self.folder}")
        self.cluster.start()
        say(f"the primary is {self.cluster.primary().name}; two holdfastd and HAProxy before them")
        self.front.start()
        require_true_addresses(self.front)
        say(f"an owner, a catalog and {DEVICES} devices, all through HAProxy")
        self.load.start()

    def end(self):
        for part in (self.load, self.front, self.cluster):
            try:
                part.end()
            except (Failure, OSError) as error:
                processes.warn(f"while ending: {error}")

    def lost(self):
        """What was acknowledged and is not in the database."""
        there = {tuple(line.split("\t", 1)) for line in self.cluster.primary().ask(STORED, ROLE)}
        return [one for one in self.load.acknowledged() if one not in there]


def hold_back(primary):
    """What it commits from now on reaches no standby, as on a slow network."""
    for pid in primary.senders():
        processes.kill_if_there(pid, signal.SIGSTOP)
    time.sleep(HELD_BACK_S)


def kill_primary(stage, held_back):
    """Kills it, and says who it was, the gap and how long devices took to come back, in milliseconds."""
    old = stage.cluster.primary()
    if held_back:
        hold_back(old)
    died = time.monotonic_ns()
    pid = old.die()
    say(f"killed {old.name}: postmaster {pid} and its Patroni")
    stage.load.tell(f"died {died}", "marked")
    gap, devices, operators = stage.load.returned()
    say(f"served again by {stage.cluster.primary().name}: nobody was answered for {gap / 1000:.1f} s, "
        f"operators back after {operators / 1000:.1f} s, all devices after {devices / 1000:.1f} s")
    return old, gap, devices


def kill_service(stage, service):
    died = time.monotonic_ns()
    service.server.kill()
    say(f"killed {service.name}")
    stage.load.tell(f"died {died}", "marked")
    gap, devices, operators = stage.load.returned()
    say(f"the other serves: nobody was answered for {gap / 1000:.2f} s, operators back after {operators / 1000:.1f} s, "
        f"all devices after {devices / 1000:.1f} s")
    return gap, devices


def trial(stage, number, held_back):
    say(f"trial {number}: load on")
    stage.load.tell("begin", "loaded")
    time.sleep(2 + random.random())
    old, gap, devices = kill_primary(stage, held_back)
    new = stage.cluster.primary()
    if new is old:
        raise Failure(f"expected another primary than {old.name}, saw the same")
    service = stage.front.services[number % 2]
    time.sleep(random.random())
    service_gap, service_devices = kill_service(stage, service)
    acknowledged = int(stage.load.tell("end", "acknowledged")[0])
    lost = stage.lost()
    for kind, name in lost[:5]:
        say(f"lost: {kind} {name}")
    stage.load.holdfast("audit", "verify", "--catalog", "acme")
    say(f"{acknowledged} writes acknowledged so far, {len(lost)} lost; the audit chain verifies; the dead come back")
    old.patroni.start()
    service.start()
    stage.cluster.wait_until_whole()
    return Trial(number, held_back, f"{old.name} > {new.name}", acknowledged, len(lost), gap, devices, service.name,
                 service_gap, service_devices)


def print_table(trials):
    for cells in (HEADINGS, *(one.cells() for one in trials)):
        print("  ".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)), flush=True)


def spread(values):
    values = sorted(values)
    if len(values) == 1:
        return in_seconds(values[0])
    return f"{in_seconds(values[0])} to {in_seconds(values[-1])} (median {in_seconds(values[len(values) // 2])})"


def summary(trials):
    if len(trials) > 1:
        print_table(trials)
    say(f"trials: {len(trials)}; {trials[-1].acknowledged} writes acknowledged, {sum(one.lost for one in trials)} lost")
    say(f"the primary dies: nobody is answered for {spread([one.gap for one in trials])}, "
        f"all devices are back after {spread([one.devices for one in trials])}")
    say(f"a holdfastd dies: nobody is answered for {spread([one.service_gap for one in trials])}, "
        f"all devices are back after {spread([one.service_devices for one in trials])}")


def run_trials(stage, count):
    stage.start()
    trials = []
    for number in range(1, count + 1):
        trials.append(trial(stage, number, held_back=number % 2 == 1))
        print_table(trials[-1:])
        if trials[-1].lost:
            raise Failure(f"expected every acknowledged write in the database, saw {trials[-1].lost} missing")
    summary(trials)


def run_control(stage):
    """The trial with asynchronous commit, up to the comparison.

    Devices are not waited for: a device that remembers an audit record which the service has lost refuses to go on.
    """
    stage.start()
    say("control: load on")
    stage.load.tell("begin", "loaded")
    time.sleep(2 + random.random())
    old = stage.cluster.primary()
    hold_back(old)
    old.die()
    died = time.monotonic_ns()
    say(f"killed {old.name}")
    stage.load.tell(f"died {died}", "marked")
    stage.load.returned("operator-")
    acknowledged = int(stage.load.tell("end", "acknowledged")[0])
    lost = len(stage.lost())
    say(f"served again by {stage.cluster.primary().name}: {acknowledged} writes acknowledged, {lost} lost")
    if not lost:
        raise Failure("expected asynchronous commit to lose acknowledged writes, saw none lost: trials prove nothing")
    say("control: with asynchronous commit acknowledged writes are lost, and the comparison sees it")


def stay(stage):
    front, cluster = stage.front, stage.cluster
    print(f"""
It runs until Ctrl-C. To look at it:
  HOLDFAST_CONFIG={stage.load.folder}/operator.json {stage.load.programs}/bin/holdfast device list --catalog acme
  patronictl -c {cluster.nodes[0].folder}/patroni.yml list
  psql '{cluster.url()}?target_session_attrs=read-write'
  devices at https://127.0.0.1:{front.device_port}, management at https://127.0.0.1:{front.management_port}
  logs in {stage.folder}""", flush=True)
    signal.pause()


def play(programs, synchronous, act):
    """Whether it went as it should. What ran is ended, and its folder removed unless something failed."""
    stage = Stage(programs, synchronous)
    keep = False
    try:
        act(stage)
        return True
    except Failure as error:
        keep = True
        processes.warn(f"\nnot as it should be: {error}\nlogs are in {stage.folder}")
        return False
    finally:
        stage.end()
        if not keep:
            shutil.rmtree(stage.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="./do ha", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--once", action="store_true", help="one trial and the control, then end with their status")
    parser.add_argument("--trials", type=int, metavar="N", help="N trials, then end")
    parser.add_argument("--control", action="store_true", help="the run that must lose writes: asynchronous commit")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.trials is not None and given.trials < 1:
        parser.error("--trials takes a whole number from 1")
    programs = pathlib.Path(given.build).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def trials_then_stay(stage):
        run_trials(stage, 1)
        stay(stage)

    try:
        done = True
        if given.trials is not None or given.once:
            done = play(programs, True, lambda stage: run_trials(stage, given.trials or 1))
        if done and (given.control or given.once):
            done = play(programs, False, run_control)
        if given.trials is None and not given.once and not given.control:
            done = play(programs, True, trials_then_stay)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if done else 1)


if __name__ == "__main__":
    main()
