"""The running holdfastd, held to api/openapi.yaml: every operation, every answer, and what breaks the document."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

try:
    import jsonschema  # noqa: F401
    import yaml  # noqa: F401
except ImportError as error:
    print(f"skipped: {error}; ./do setup installs it")
    sys.exit(77)

from document import Document
from hostile import Hostile
from service import Service
from story import Story
from transport import try_transport


def require_same_routes(document, bridge):
    """The program's table and the document name the same operations, parameters and scopes."""
    routes = json.loads(subprocess.run([bridge, "routes"], check=True, capture_output=True).stdout)
    there = {(r["method"], r["path"]): (r["scope"], set(r["queries"].split())) for r in routes}
    said = {(o.method, o.path): (o.scope, o.names("query")) for o in document.operations.values()}
    problems = [f"{method} {path} is not in api/openapi.yaml" for method, path in there.keys() - said.keys()]
    problems += [f"{method} {path} is not in the program" for method, path in said.keys() - there.keys()]
    for key in there.keys() & said.keys():
        if there[key] != said[key]:
            problems.append(f"{' '.join(key)}: the program has {there[key]}, the document {said[key]}")
    assert not problems, "\n".join(sorted(problems))
    return len(there)


def main():
    parser = argparse.ArgumentParser(prog="tests/api")
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="folder of the programs")
    parser.add_argument("--bridge", required=True, type=pathlib.Path, help="bridge.cc as a program")
    options = parser.parse_args()
    document = Document(ROOT / "api" / "openapi.yaml")
    examples = document.check_itself()
    routes = require_same_routes(document, options.bridge)
    with tempfile.TemporaryDirectory(prefix="holdfast-api.") as work:
        service = Service(options.bin, options.bridge, work)
        started = time.monotonic()
        try:
            service.start()
            story = Story(document, service)
            story.tell()
            told = time.monotonic()
            refused = Hostile(story).try_all()
            broken = try_transport(document, story)
        finally:
            service.stop()
    print(f"{routes} operations are there and documented, {examples} examples fit; {len(story.statuses)} kinds of answers fit "
          f"({told - started:.1f} s); {refused} requests against the document and {broken} against HTTP were refused "
          f"({time.monotonic() - told:.1f} s)")


if __name__ == "__main__":
    main()
