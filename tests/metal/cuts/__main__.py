"""Cuts the power of virtual devices at random moments, many times, and looks each time whether they come up, say the truth,
and have lost nothing that they acknowledged. Run by tests/metal/cuts.sh, which has a service and images ready.
"""

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

from device import Broken, Device

START = {False: (4, 14), True: (1, 7)}  # seconds of a start in which something is written; whether it begins with the kernel
BUSY = {False: 25, True: 8}  # seconds in which somebody cuts what is up: an update, or what it checks in
DEVICES = 2  # at a time
PATIENCE = 60  # seconds in which a deployment is to reach them
ENOUGH = 20  # cuts, among which an update has to come through
DIRECT_LIFE = 12  # cuts after which a device that starts directly is replaced by a new one


def holdfast(options, *words):
    done = subprocess.run([options.bin / "holdfast", *words, "--catalog", "acme"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def say(words):
    print(f"         {words}", flush=True)


class Steward(threading.Thread):
    """Deploys one version after the other, for as long as devices' power is cut."""

    def __init__(self, options):
        super().__init__(daemon=True)
        self.options, self.number, self.confirmed, self.since, self.ended = options, 0, 0, 0, threading.Event()

    def confirmed_of_last(self):
        shown = holdfast(self.options, "rollout", "show", str(self.number), "--output", "json") if self.number else None
        return json.loads(shown)["progress"]["confirmed"] if shown else 0

    def run(self):
        while not self.ended.wait(1):
            done = self.confirmed_of_last()
            if self.number and done < DEVICES and time.monotonic() - self.since < PATIENCE:
                continue
            self.confirmed += done
            self.since = time.monotonic()
            version = self.options.versions[(self.number + 1) % len(self.options.versions)]
            made = holdfast(self.options, "deployment", "create", f"os/{version}/image", "--product", "gateway", "--device-group",
                            "field", "--wave", "100")
            self.number += made is not None


def one_cut(device, is_early):
    """How long after what the power went, and what became of the disk."""
    device.begin()
    direct = device.direct is not None
    if is_early:
        time.sleep(device.random.uniform(*START[direct]))
        return "while starting", device.cut()
    device.wait("event=check-in")
    time.sleep(device.random.uniform(0, BUSY[direct]))
    return "while up", device.cut()


def campaign(device, count, fresh=None):
    for number in range(count):
        if fresh and number and number % DIRECT_LIFE == 0:
            device = fresh(device)
        when, (writes, behind, kept) = one_cut(device, device.random.random() < 0.5)
        say(f"{device.folder.name} cut {device.cuts}: {when}, {writes} writes, of the last {behind} {kept}; boot {device.boots}"
            f" of {device.version}")
    device.begin()
    device.wait("event=check-in")
    device.cut()


class Campaign(threading.Thread):
    """Of one device, or of several one after the other; `device` is the one that it is at."""

    def __init__(self, device, count, fresh=None):
        super().__init__()
        self.device, self.count, self.fresh, self.broken = device, count, fresh, None

    def run(self):
        try:
            campaign(self.device, self.count, self.fresh and self.renew)
        except Exception as broken:  # whatever it was, this device was not cut as often as it was to be
            self.broken = f"{self.device.folder.name} after cut {self.device.cuts}: {broken!r}"
            self.device.end()

    def renew(self, before):
        self.device = self.fresh(before)
        return self.device


def shares(count):
    return [count // DEVICES + (number < count % DEVICES) for number in range(DEVICES)]


def play(campaigns):
    for one in campaigns:
        one.start()
    for one in campaigns:
        one.join()
    broken = [one.broken for one in campaigns if one.broken]
    if broken:
        sys.exit("\n".join(broken))


def make_device(options, name, image):
    """Out of the factory, with a claim ticket."""
    folder = options.work / name
    ticket = options.work / f"{name}.ticket.json"
    holdfast(options, "claim", "create", "--product", "gateway", "--device-group", "field", "--out", str(ticket))
    subprocess.run(["python3", "os", "--bin", options.bin, "device", "--dir", folder, "--image", image, "--keys", options.keys,
                    "--ticket", ticket, "--maker-ca", options.work / "maker"], check=True)
    return folder


def seeded(options, name):
    return random.Random(f"{options.seed} {name}")


def direct_device(options, name, image):
    return Device(make_device(options, name, image), seeded(options, name), direct=image)


def find_planted(options):
    """A system that syncs nothing has to be found out, or the campaign proves nothing."""
    device = direct_device(options, "forgetful", options.forgetful)
    try:
        for _ in range(40):
            one_cut(device, False)
    except Broken as broken:
        device.end()
        if not device.cuts:
            sys.exit(f"a system that syncs nothing did not even come up: {broken}")
        say(f"found after {device.cuts} cuts: {broken}")
        return
    sys.exit("a system that syncs nothing was not found out in 40 cuts")


def through_firmware(options, count):
    names = [f"firmware-{number}" for number in range(DEVICES)]
    image = options.work / f"os-{options.versions[0]}"
    steward = Steward(options)
    steward.start()
    devices = [Device(make_device(options, name, image), seeded(options, name)) for name in names]
    campaigns = [Campaign(one, share) for one, share in zip(devices, shares(count))]
    play(campaigns)
    steward.ended.set()
    steward.join()
    boots = sum(one.device.boots for one in campaigns)
    say(f"{count} cuts through firmware: {boots} boots, {steward.confirmed} updates confirmed in {steward.number} deployments")
    if count >= ENOUGH and not steward.confirmed:
        sys.exit("no update was confirmed: nothing was cut in the middle of one")
    tell_truth(options, campaigns)


def tell_truth(options, campaigns):
    """What the service says that devices run is what they said on their consoles."""
    listed = holdfast(options, "device", "list", "--output", "json")
    for one in campaigns:
        if listed.count(one.device.version) < sum(other.device.version == one.device.version for other in campaigns):
            sys.exit(f"expected a device that runs {one.device.version}, saw:\n{listed}")


def directly(options, count):
    image = options.work / f"os-{options.versions[0]}"
    made = 0
    lock = threading.Lock()

    def fresh(_=None):
        nonlocal made
        with lock:
            made += 1
            return direct_device(options, f"direct-{made}", image)

    campaigns = [Campaign(fresh(), share, fresh) for share in shares(count)]
    play(campaigns)
    say(f"{count} cuts of kernels that were started directly: {made} devices")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--forgetful", type=Path, required=True)
    parser.add_argument("--versions", nargs="+", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", default=str(time.time_ns()))
    options = parser.parse_args()
    say(f"seed {options.seed}")
    find_planted(options)
    firmware = min(options.count, max(60, options.count // 2))
    through_firmware(options, firmware)
    if options.count > firmware:
        directly(options, options.count - firmware)


main()
