"""What a device's operating system is made of, and virtual devices that run it. See `python3 os help`."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import disk
import factory
import image
import kernel
import keys
import machine
from failed import Failed

BIN = Path(__file__).resolve().parent.parent / "build" / "bin"


def same_again(first):
    with tempfile.TemporaryDirectory(prefix="holdfast-kernel.") as empty:
        os.environ["HOLDFAST_CACHE"] = empty
        second = kernel.build(compiler="gcc")
        if (second / "bzImage").read_bytes() != (first / "bzImage").read_bytes():
            raise Failed("expected the same kernel from an empty cache, saw another")
    print("the same bytes again")


def make_kernel(options):
    made = kernel.build()
    print(f"{made / 'bzImage'}\t{(made / 'bzImage').stat().st_size}")
    if options.again:
        same_again(made)


def make_image(options):
    replaced = {place: Path(file) for place, file in (one.split("=", 1) for one in options.replace)}
    system = image.System(options.component, options.version, options.security_version, options.more, replaced,
                          options.owner, options.firmware)
    image.make(system, options.bin, keys.make(options.keys), options.out)
    for name in ("image", "place", "root.erofs", "boot.efi", "reference-values.json"):
        print(f"{options.out / name}\t{(options.out / name).stat().st_size}")
    print(f"{image.VOLUME_BYTES}\twhere the root begins in the image")


def make_device(options):
    given = {name: json.loads(file.read_text()) for name, file in (("ticket", options.ticket), ("network", options.network)) if file}
    machine.make(options.dir, options.bin, options.image, keys.make(options.keys), given, options.maker_ca)


def make_many(options):
    return factory.Factory(options, keys.make(options.keys)).make()


def run_device(options):
    more = machine.attached_words(options.attach) if options.attach else []
    if options.rtc:
        more += ["-rtc", f"base={options.rtc}"]
    return machine.power(options.dir, options.memory, options.direct, options.tap, more)


def make_reset_medium(options):
    disk.make_reset(options.out)


def arguments():
    parser = argparse.ArgumentParser(prog="python3 os", description=__doc__)
    parser.add_argument("--bin", type=Path, default=BIN, help="our programs (default: build/bin)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("kernel", help="build the kernel, or find it in the cache")
    one.add_argument("--again", action="store_true", help="once more without any cache, and compare")
    one.set_defaults(run=make_kernel)

    one = commands.add_parser("image", help="make a system as it is released, signed with the boot key")
    one.add_argument("--out", type=Path, required=True, help="folder for it")
    one.add_argument("--keys", type=Path, required=True, help="folder of boot.key and boot.pem; made where it is empty")
    one.add_argument("--component", default="os")
    one.add_argument("--version", required=True)
    one.add_argument("--security-version", type=int, required=True)
    one.add_argument("--replace", action="append", default=[], metavar="PLACE=FILE", help="another program, or one more file, as usr/bin/x=FILE")
    one.add_argument("--more", default="", help="more words for the kernel's command line")
    one.add_argument("--owner", type=Path, metavar="DIR", help="owner's folder: devices seal what they keep for this system's boots")
    one.add_argument("--firmware", action="append", default=[], metavar="PCR7",
                     help="also for boots by this firmware (default: one that has the keys of --keys)")
    one.set_defaults(run=make_image)

    one = commands.add_parser("device", help="make a virtual device with this image in its first place")
    one.add_argument("--dir", type=Path, required=True, help="folder for it")
    one.add_argument("--image", type=Path, required=True, help="folder that `image` made")
    one.add_argument("--keys", type=Path, required=True)
    one.add_argument("--ticket", type=Path, help="claim ticket for its factory partition")
    one.add_argument("--network", type=Path, help="network settings for its factory partition (docs/os.md)")
    one.add_argument("--maker-ca", type=Path, help="folder of the TPM maker's CA, made at its first use")
    one.set_defaults(run=make_device)

    one = commands.add_parser("reset-medium", help="make a disk that has a device reset when it is attached")
    one.add_argument("--out", type=Path, required=True)
    one.set_defaults(run=make_reset_medium)

    one = commands.add_parser("factory", help="make many virtual devices side by side, and check each at the end of the line")
    one.add_argument("--dir", type=Path, required=True, help="folder for them, their records, report.csv and factory-list.csv")
    one.add_argument("--count", type=int, required=True)
    one.add_argument("--side-by-side", type=int, default=2, metavar="N", help="how many at a time (default: 2)")
    one.add_argument("--image", type=Path, required=True, help="folder that `image` made")
    one.add_argument("--keys", type=Path, required=True)
    one.add_argument("--maker-ca", type=Path, required=True, help="folder of the TPM maker's CA, made at its first use")
    one.add_argument("--product", required=True, help="for the factory list")
    one.add_argument("--device-group", required=True, help="for the factory list")
    one.set_defaults(run=make_many)

    one = commands.add_parser("run", help="run a virtual device; its console is on standard output")
    one.add_argument("--dir", type=Path, required=True)
    one.add_argument("--memory", type=int, default=machine.MEMORY_MIB, help="MiB")
    one.add_argument("--direct", type=Path, metavar="IMAGE", help="start this image's kernel without firmware")
    one.add_argument("--tap", metavar="NAME", help="a TAP device to connect it to (default: a network of its own)")
    one.add_argument("--attach", type=Path, metavar="FILE", help="another disk")
    one.add_argument("--rtc", metavar="DATE", help="what its clock says when it is switched on (default: the time)")
    one.set_defaults(run=run_device)
    return parser.parse_args()


def main():
    options = arguments()
    try:
        return options.run(options) or 0
    except Failed as failed:
        print(f"os: {failed}", file=sys.stderr)
        return 1


sys.exit(main())
