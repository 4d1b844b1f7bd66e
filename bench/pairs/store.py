"""Where pairs are kept, and under which name."""

import hashlib
import os
import pathlib
import shutil

HERE = pathlib.Path(__file__).parent
CACHE = pathlib.Path(os.environ.get("HOLDFAST_CACHE", "/var/cache/holdfast"))
NAME_DIGITS = 16


def content_name():
    """The same for the same scripts and lists, which name every version."""
    digest = hashlib.sha256()
    for path in sorted(HERE.iterdir()):
        if path.suffix in {".py", ".packages"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:NAME_DIGITS]


def kept(name, make):
    """(old, new) of the pair: from the cache, or made now. A folder gets its name when it is whole."""
    folder = CACHE / "pairs" / content_name() / name
    if not folder.exists():
        unfinished = folder.with_name(f".{name}.{os.getpid()}")
        unfinished.mkdir(parents=True)
        try:
            make(unfinished)
            for path in unfinished.iterdir():
                if path.name not in {"old", "new"}:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder / "old", folder / "new"
