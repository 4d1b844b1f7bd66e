"""docs/api.md does what it says: its commands run in order, and print what stands below them."""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile

from service import Service

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
MARK = "--- the next block"


def prepare(service):
    """An operator with a catalog, as somebody who read README."""
    service.config = service.work / ".config" / "holdfast" / "config.json"
    for arguments in (("owner", "init", "--dir", service.work / "owner"),
                      ("login", "--link-file", service.work / "service" / "owner-link", "--name", "ada"),
                      ("catalog", "create", "fleet", "--owner", service.work / "owner")):
        service.run("holdfast", *arguments)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    options = parser.parse_args()
    blocks = BLOCK.findall(PAGE.read_text())
    assert len(blocks) >= 6, f"{PAGE} has {len(blocks)} blocks of commands"
    with tempfile.TemporaryDirectory(prefix="holdfast-docs.") as work:
        service = Service(options.bin, None, work)
        service.start()
        try:
            prepare(service)
            script = "set -euo pipefail\n" + f"echo '{MARK}'\n".join(commands for commands, _ in blocks)
            script = script.replace("127.0.0.1:8444", f"127.0.0.1:{service.port}")
            done = subprocess.run(["bash", "-c", script], cwd=work, env={**os.environ, "HOME": work},
                                  capture_output=True, text=True)
        finally:
            service.stop()
    assert done.returncode == 0, f"the commands failed:\n{done.stdout}{done.stderr}"
    printed = done.stdout.split(MARK + "\n")
    for (commands, expected), seen in zip(blocks, printed, strict=True):
        # curl ends no line.
        lines = [line for line in re.sub(r"\}(?=[{\d\"])", "}\n", seen).splitlines() if line]
        assert not expected or lines == expected.splitlines(), f"{commands}printed\n{seen}instead of\n{expected}"
    print(f"{len(blocks)} blocks of {PAGE.name} did what they say")


if __name__ == "__main__":
    main()
