"""What a device's operating system is made of: python3 os kernel [--again].

Prints where it is and how large. --again makes it once more, without ccache and beside the cache, and compares.
"""

import os
import sys
import tempfile

import kernel


def same_again(first):
    with tempfile.TemporaryDirectory(prefix="holdfast-kernel.") as empty:
        os.environ["HOLDFAST_CACHE"] = empty
        second = kernel.build(compiler="gcc")
        if (second / "bzImage").read_bytes() == (first / "bzImage").read_bytes():
            print("the same bytes again")
            return 0
        print("os: expected the same kernel from an empty cache, saw another", file=sys.stderr)
        return 1


def main(arguments):
    if arguments[:1] != ["kernel"] or arguments[1:] not in ([], ["--again"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        made = kernel.build()
        print(f"{made / 'bzImage'}\t{(made / 'bzImage').stat().st_size}")
        return same_again(made) if "--again" in arguments else 0
    except kernel.Failed as failed:
        print(f"os: {failed}", file=sys.stderr)
        return 1


sys.exit(main(sys.argv[1:]))
