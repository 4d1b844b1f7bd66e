"""Remembers what passed, so that a repeat costs nothing. An entry's name is a digest of everything that the result
depends on: the tool, its settings, the file, and every header of ours that it reaches. Failures are never remembered.
"""

import hashlib
import json

from checks.arrows import own_includes


def digest(*parts):
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Cache:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, key):
        return (self.folder / key).exists()

    def add(self, key):
        (self.folder / key).touch()


class Reach:
    """What a C++ file includes of this tree, directly or through others."""

    def __init__(self, tree):
        self.tree = tree
        self.direct = {}

    def direct_paths(self, path):
        if path not in self.direct:
            found = own_includes(self.tree, self.tree.by_path[path])
            self.direct[path] = [target for _, target in found if target]
        return self.direct[path]

    def paths(self, path):
        seen, queue = {path}, [path]
        while queue:
            for target in self.direct_paths(queue.pop()):
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return sorted(seen)

    def key(self, path, *settings):
        return digest(settings, [(one, self.tree.by_path[one].text) for one in self.paths(path)])
