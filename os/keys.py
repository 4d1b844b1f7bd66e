"""Keys for development: whoever ships devices has their own, and keeps them elsewhere."""

from pathlib import Path

from tool import run

NAMES = ["platform", "exchange", "boot"]


def make(folder):
    """NAME.key and NAME.pem in `folder`, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        if not certificate.exists():
            run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", 3650, "-subj",
                f"/CN=Holdfast development {name}", "-keyout", key, "-out", certificate)
    return Path(folder)
