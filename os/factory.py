"""A line that makes virtual devices side by side, and says of each what it is and whether it is as it should be.

Each gets a TPM with an endorsement certificate, a firmware with the owner's keys, a disk with the system in its first place, and
a birth record. At the end of the line its certificate is verified, its disk read back, and it is switched on: it has to
come up by its own firmware and seal its storage. What passed is in factory-list.csv, as `holdfast claim factory-list add` takes it.
"""

import csv
import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import disk
import machine
from failed import Failed
from tool import run

UP_WITHIN = 60  # seconds
COLUMNS = ["device", "result", "seconds", "endorsement_key", "system_sha256", "firmware_keys", "made_at", "why"]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Factory:
    def __init__(self, options, boot_keys):
        self.options, self.keys = options, boot_keys
        self.maker = threading.Lock()  # whose CA makes one certificate after the other
        self.place = (options.image / "place").read_bytes()
        self.firmware_keys = run(options.bin / "holdfast-image", "firmware-keys", "--platform-key", boot_keys / "platform.pem",
                                 "--exchange-key", boot_keys / "exchange.pem", "--allow", boot_keys / "boot.pem").strip()

    def make(self):
        """0 where every device passed."""
        self.options.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        names = [f"device-{number:04}" for number in range(1, self.options.count + 1)]
        with ThreadPoolExecutor(self.options.side_by_side) as line:
            records = list(line.map(self.make_one, names))
        self.report(records)
        failed = [one for one in records if one["result"] != "passed"]
        print(f"{len(records) - len(failed)} of {len(records)} passed; the report is {self.options.dir / 'report.csv'}")
        return 1 if failed else 0

    def make_one(self, name):
        folder = self.options.dir / name
        began = time.monotonic()
        record = dict.fromkeys(COLUMNS, "") | {"device": name, "result": "failed", "firmware_keys": self.firmware_keys,
                                               "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        try:
            with self.maker:
                machine.make(folder, self.options.bin, self.options.image, self.keys, maker=self.options.maker_ca)
            record["endorsement_key"] = self.verified_key(folder)
            record["system_sha256"] = self.verified_place(folder)
            self.switch_on(folder)
            record["result"] = "passed"
        except (Failed, OSError) as failed:
            record["why"] = str(failed)
        record["seconds"] = f"{time.monotonic() - began:.1f}"
        folder.mkdir(exist_ok=True)
        (folder / "birth.json").write_text(json.dumps(record, indent=2) + "\n")
        print("\t".join(record[column] for column in ("device", "result", "seconds", "endorsement_key", "why")), flush=True)
        return record

    def verified_key(self, folder):
        certificate = folder / "endorsement.der"
        said = run(self.options.bin / "holdfast-virtual-device", "endorsement", "--dir", folder / "chip", "--certificate", certificate)
        maker = self.options.maker_ca
        # Its critical extensions are the TPM's own (EK Credential Profile), which openssl does not know.
        run("openssl", "verify", "-ignore_critical", "-CAfile", maker / "swtpm-localca-rootca-cert.pem", "-untrusted",
            maker / "issuercert.pem", certificate)
        return said.split()[-1]

    def verified_place(self, folder):
        with open(folder / "disk", "rb") as opened:
            opened.seek(disk.layout()["slot-a"][1] * disk.SECTOR)
            read = sha256(opened.read(len(self.place)))
        if read != sha256(self.place):
            raise Failed(f"expected the system {sha256(self.place)} on the disk, saw {read}")
        return read

    def switch_on(self, folder):
        console = folder / "console"
        with open(console, "wb") as opened:
            chip, one = machine.start(folder, console=opened)
            try:
                until = time.monotonic() + UP_WITHIN
                while b"the sealed storage is open, and new" not in console.read_bytes():
                    if time.monotonic() > until or one.poll() is not None:
                        raise Failed(f"expected it to come up and seal its storage within {UP_WITHIN} seconds, saw {console}")
                    time.sleep(0.2)
            finally:
                machine.end(one, chip)

    def report(self, records):
        with open(self.options.dir / "report.csv", "w", newline="") as opened:
            table = csv.DictWriter(opened, COLUMNS)
            table.writeheader()
            table.writerows(records)
        passed = [one for one in records if one["result"] == "passed"]
        lines = [f"{one['endorsement_key']},{self.options.product},{self.options.device_group},{one['device']}" for one in passed]
        (self.options.dir / "factory-list.csv").write_text("\n".join(["# ek_sha256,product,device_group,label", *lines]) + "\n")
