"""clang-tidy-19 with .clang-tidy: over the units that changed, or over all of them. A changed header is read through
the unit of its name, else through the first that includes it. Units that passed are not read again until they, or a
header of ours that they reach, change. All of them are read in batches (decision 11), whose word counts there alone."""

import re
import time

from batches import Batch, batches_of, that_compile
from tools import run, run_all, version_of
from tree import Finding, git

CHECK = "tidy"
TOOL = "clang-tidy-19"  # reads the headers that g++ precompiled themselves
DEADLINE_S = 35  # no changed unit is begun this long after the linter's start; how many were left is said
COMPLAINT = re.compile(r"^(/.*?):(\d+):\d+: (?:warning|error): (.*)$", re.MULTILINE)


def changed_paths(tree):
    """What is not committed, and what the newest commits brought: since the merge base with origin, else since HEAD~."""
    listing = git(tree.root, "status", "--porcelain", "--no-renames", "--untracked-files=all") or ""
    paths = {line[3:] for line in listing.splitlines()}
    base = (git(tree.root, "merge-base", "HEAD", "origin/HEAD") or "").strip()
    head = (git(tree.root, "rev-parse", "HEAD") or "").strip()
    if not base or base == head:
        base = "HEAD~1"
    paths.update((git(tree.root, "diff", "--name-only", base, "HEAD") or "").splitlines())
    return paths


def units_for(paths, build, reach):
    """The units to read for a set of changed files."""
    units = {path for path in paths if path in build.commands and path in reach.tree.by_path}
    for header in (path for path in paths if path.endswith(".h") and path in reach.tree.by_path):
        own = header.removesuffix(".h") + ".cc"
        readers = [own] if own in build.commands else sorted(build.commands)
        units.update([unit for unit in readers if unit in reach.tree.by_path and header in reach.paths(unit)][:1])
    return units


def check(tree, build, reach, cache, everything, started):
    version, settings = version_of(TOOL), tree.by_path[".clang-tidy"].text
    known = {unit for unit in build.commands if unit in tree.by_path}
    units = known if everything else units_for(changed_paths(tree), build, reach)
    keys = {unit: reach.key(unit, version, settings, build.flags(unit), options_for(tree, unit)) for unit in units}
    in_batch = {unit: f"{key}-in-batch" for unit, key in keys.items()}
    waiting = [one for one in sorted(keys) if not (cache.has(keys[one]) or (everything and cache.has(in_batch[one])))]
    batches = batches_of(waiting, tree, build) if everything else [Batch((unit,)) for unit in waiting]

    def work(batch):
        if not everything and time.monotonic() - started > DEADLINE_S:
            return None
        return [finding for part in that_compile(batch, tree, build) for finding in confirmed(part, tree, build)]

    seen, count, left = set(), 0, 0
    for batch, findings in run_all(batches, work):
        if findings is None:
            left += 1
            continue
        if not findings:
            for unit in batch.units:
                cache.add(in_batch[unit] if len(batch.units) > 1 else keys[unit])
        yield from (finding for finding in findings if finding not in seen)
        seen.update(findings)
        count += len(batch.units)
        if everything:
            print(f"lint: tidy has read {count} of {len(waiting)} units", flush=True)
    print(f"lint: tidy read {count} units; {len(keys) - len(waiting)} had passed before", flush=True)
    if left:
        print(f"lint: tidy left {left} changed units unread, to end within a minute: ./do lint --all reads them")


def options_for(tree, unit):
    """Paths through a test are followed within one function: each CHECK doubles them, and they end in the test."""
    shallow = ["-Xclang", "-analyzer-config", "-Xclang", "ipa=none"] if tree.by_path[unit].is_test else []
    return [f"--extra-arg={word}" for word in ("-Wno-ignored-gch", *shallow)]


def confirmed(batch, tree, build):
    """A batch's findings as its units have them alone: names of one may hide behind those of another."""
    findings = read(batch, tree, build)
    if not findings or len(batch.units) == 1:
        return findings
    named = {finding.path for finding in findings}
    suspects = batch.units if named - set(batch.units) else [unit for unit in batch.units if unit in named]
    return [finding for unit in suspects for finding in read(Batch((unit,)), tree, build)]


def read(batch, tree, build):
    """What clang-tidy finds in a batch, told of the units' own lines."""
    first, path = batch.units[0], batch.write(tree, build)
    config = f"--config-file={tree.root}/.clang-tidy"  # a batch may lie elsewhere
    command = [TOOL, "--quiet", config, *options_for(tree, first), str(path), "--", *batch.flags(tree, build)]
    result = run(command, cwd=tree.root)
    findings = []
    for where, line, text in COMPLAINT.findall(result.stdout):
        unit, at = batch.place(tree, int(line)) if where == str(path) else (where, int(line))
        text = text.replace(",-warnings-as-errors", "")
        findings.append(Finding(unit.removeprefix(f"{tree.root}/"), at, CHECK, text))
    if result.returncode != 0 and not findings:
        findings.append(Finding(first, 1, CHECK, (result.stderr.strip() or "failed")[-400:]))
    return list(dict.fromkeys(findings))
