"""Version pairs that deltas are measured on, made from Debian's packages and from source: python3 bench/pairs [NAME]...

Prints a line for each: its name, the old image, the new one. What it takes minutes to make is kept in $HOLDFAST_CACHE
(/var/cache/holdfast), in a folder named after everything that it is made from. Exits 1, saying which and why, where one
could not be made: a version that apt no longer sees, say."""

import sys

from application import application
from debian import Missing
from images import go, kernel, media, root_36, root_5
from store import kept

PAIRS = {"os-36": root_36, "os-5": root_5, "application": application, "kernel": kernel, "go": go, "media": media}


def main(names):
    unknown = [name for name in names if name not in PAIRS]
    if unknown:
        print(f"pairs: expected one of {', '.join(PAIRS)}, saw {unknown[0]}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or PAIRS:
        try:
            old, new = kept(name, PAIRS[name])
            print(f"{name}\t{old}\t{new}", flush=True)
        except Missing as missing:
            print(f"pairs: {name} was not made: {missing}", file=sys.stderr)
            failed = 1
    return failed


sys.exit(main(sys.argv[1:]))
