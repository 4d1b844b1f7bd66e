"""Every C++ file is laid out as clang-format-19 and .clang-format say."""

import re

from cache import digest
from tools import run, run_all
from tree import Finding

CHECK = "format"
TOOL = "clang-format-19"
FILES_PER_RUN = 20
COMPLAINT = re.compile(r"^(.*?):(\d+):\d+: error: ", re.MULTILINE)


def check(tree, cache):
    settings = tree.by_path[".clang-format"].text
    keys = {file.path: digest(TOOL, settings, file.text) for file in tree.cpp}
    paths = [path for path, key in keys.items() if not cache.has(key)]
    bundles = [paths[at : at + FILES_PER_RUN] for at in range(0, len(paths), FILES_PER_RUN)]

    def work(bundle):
        return run([TOOL, "--dry-run", "-Werror", *bundle], cwd=tree.root)

    for bundle, result in run_all(bundles, work):
        first = {}
        for path, line in COMPLAINT.findall(result.stderr):
            first.setdefault(path, int(line))
        for path, line in first.items():
            yield Finding(path, line, CHECK, f"run {TOOL} -i {path}")
        if result.returncode != 0 and not first:
            yield Finding(bundle[0], 1, CHECK, result.stderr.strip())
        elif result.returncode == 0 or first:
            for path in set(bundle) - set(first):
                cache.add(keys[path])
