"""The TypeScript client: made from the document as it is, sound as types, and understood by a running holdfastd."""

import argparse
import base64
import hashlib
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile

from service import Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENT = ROOT / "console" / "client"


def run(*command, **more):
    done = subprocess.run([str(one) for one in command], cwd=CLIENT, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def require_tools():
    tools = CLIENT / "node_modules" / ".bin"
    missing = None if shutil.which("node") else "node"
    missing = missing or next((name for name in ("openapi-typescript", "tsc") if not (tools / name).exists()), None)
    if missing:
        print(f"skipped: there is no {missing}; ./do setup installs it")
        sys.exit(77)


def service_ca(service, link):
    """The CA whose digest the owner's link names, as a PEM file, which Node is given beside its own."""
    shown = subprocess.run(["openssl", "s_client", "-showcerts", "-connect", f"127.0.0.1:{service.port}"],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    digest = re.search("#ca=([0-9a-f]{64})", link).group(1)
    for pem in re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown, re.DOTALL):
        if hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == digest:
            return pem
    raise AssertionError("the service does not show the CA that its link names")


def talk(options, script, work):
    service = Service(options.bin, options.bridge, work)
    service.start()
    try:
        service.run("holdfast", "owner", "init", "--dir", service.work / "owner")
        link = (service.work / "service" / "owner-link").read_text().strip()
        ca = service.work / "ca.pem"
        ca.write_text(service_ca(service, link))
        root = base64.b64encode((service.work / "owner" / "1.root.json").read_bytes()).decode()
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(ca)}
        url = f"https://127.0.0.1:{service.port}"
        return run("node", script, url, link.rsplit("secret=", 1)[1], root, env=environment)
    finally:
        service.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--bridge", required=True, type=pathlib.Path)
    options = parser.parse_args()
    require_tools()
    run("npm", "run", "--silent", "check")
    with tempfile.TemporaryDirectory(prefix="holdfast-client.") as work:
        made = pathlib.Path(work) / "made"
        run("node", "node_modules/typescript/bin/tsc", "--outDir", made)
        (made / "package.json").write_text('{"type": "module"}')
        print(talk(options, made / "test" / "against_service.js", work))


if __name__ == "__main__":
    main()
