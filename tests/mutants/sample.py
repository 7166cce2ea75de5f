"""Changes a random but repeatable sample of expressions a crate, and counts how many of the changes the crate's own tests catch.

    python3 tests/mutants/sample.py [--again] [--wanted 40] [--seed 20251] [CRATE…]

Draws with a fixed seed until `--wanted` changes a crate compile, and writes docs/mutants.md. `--again` tries only those
that no test caught the last time and that survivors.txt gives no reason for. Another `--seed` draws among what no earlier
sample held: a figure that no test was written for. What was tried is kept beside this file, so that it can be tried again
when the sources have moved on; a row of the page of which nothing is kept stays as it is.
"""

import argparse
import collections
import datetime
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target/mutants"
TREE = WORK / "tree"
MUTANTS = ROOT / "target/tools/bin/cargo-mutants"
EQUIVALENT = ROOT / "tests/mutants/survivors.txt"
# A file a crate and seed: the changes that were drawn, and what became of each every time it was tried.
TRIED = ROOT / "tests/mutants/tried"
# What stands below the table.
REMARKS = ROOT / "tests/mutants/remarks.md"
PAGE = ROOT / "docs/mutants.md"
# Where tests write: a release waits for the disk some hundred times.
MEMORY = Path("/dev/shm")
CAUGHT, MISSED, UNVIABLE = "caught", "missed", "unviable"
# Tests that want more hang, or fill the memory; what waits for something that never comes ends by the clock.
CPU_SECONDS = 120
SECONDS = 900
BYTES = 12 << 30


def copy_tree():
    """A copy of the sources in one place, so that a build is incremental; equal files keep their times."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "crates", "tests", "config", "Cargo.*"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    names = {name for name in names if name and (ROOT / name).is_file()}
    for old in [path for path in TREE.rglob("*") if path.is_file()]:
        if str(old.relative_to(TREE)) not in names:
            old.unlink()
    for name in sorted(names):
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def sample(crate, seed):
    """All changes of a crate in a random order that is the same for the same sources and seed; cargo-mutants lists them."""
    command = [MUTANTS, "mutants", "--dir", TREE, "--list", "--json", "--package", crate]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    changes = sorted(listed, key=lambda change: change["name"])
    names = names_without_lines(listed)
    random.Random(f"{seed} {crate}").shuffle(changes)
    return {names[change["name"]]: change for change in changes}


def names_without_lines(listed):
    """`crates/a/src/b.rs:1:2: replace x` as `crates/a/src/b.rs: replace x`, since lines move; the second one of a name as
    `crates/a/src/b.rs: replace x (2)`."""
    place = lambda change: (change["span"]["start"]["line"], change["span"]["start"]["column"])
    seen, names = collections.Counter(), {}
    for change in sorted(listed, key=place):
        name = re.sub(r":\d+:\d+:", ":", change["name"])
        seen[name] += 1
        names[change["name"]] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def targets(crate):
    """The crate's tests, each a few arguments of cargo: those beside the code, then one file after the other."""
    folder = TREE / "crates" / crate / "tests"
    files = [*folder.glob("*.rs"), *(main.parent for main in folder.glob("*/main.rs"))]
    return [["--lib"], *(["--test", file.stem] for file in sorted(files))]


def cargo_test(crate, arguments, limit=None):
    command = ["cargo", "test", "--quiet", "--package", crate, *arguments]
    environment = os.environ | {"CARGO_TARGET_DIR": str(WORK / "build"), "CARGO_PROFILE_DEV_DEBUG": "0"}
    if MEMORY.is_dir():
        environment["TMPDIR"] = str(MEMORY)
    # A group to end as a whole, and no session of its own: it keeps the priority of who runs this.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "process_group": 0}
    return subprocess.Popen(command, cwd=TREE, env=environment, preexec_fn=limit, **quiet)


def builds(crate, target):
    return cargo_test(crate, [*target, "--no-run"]).wait() == 0


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def passes(crate, target):
    """Whether tests that are built already pass; one that hangs does not."""
    process = cargo_test(crate, target, limit)
    try:
        return process.wait(timeout=SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def changed(text, change):
    lines = text.splitlines(keepends=True)
    at = lambda place: sum(map(len, lines[: place["line"] - 1])) + place["column"] - 1
    start, end = at(change["span"]["start"]), at(change["span"]["end"])
    return text[:start] + change["replacement"] + text[end:]


def tried(crate, change):
    """What becomes of a change under the crate's own tests."""
    path = TREE / change["file"]
    before = path.read_text()
    path.write_text(changed(before, change))
    try:
        for target in targets(crate):
            if not builds(crate, target):
                return UNVIABLE
            if not passes(crate, target):
                return CAUGHT
        return MISSED
    finally:
        path.write_text(before)


def measure(crate, wanted, seed, again):
    sound = all(builds(crate, target) and passes(crate, target) for target in targets(crate))
    assert sound, f"{crate}: tests that fail anyway would catch everything"
    kept = TRIED / f"{crate}.{seed}.json"
    known = json.loads(kept.read_text())["changes"] if again and kept.exists() else {}
    others = [path for path in TRIED.glob(f"{crate}.*.json") if path != kept]
    spent = {name for path in others for name in json.loads(path.read_text())["changes"]}
    changes = {name: change for name, change in sample(crate, seed).items() if name not in spent}
    # name: what became of it each time it was tried
    results = dict(known)

    def attempt(name):
        results[name] = [*results.get(name, []), tried(crate, changes[name])]
        kept.write_text(json.dumps({"on": str(datetime.date.today()), "changes": results}, indent=1) + "\n")
        print(f"{datetime.datetime.now():%H:%M:%S} {results[name][-1]:8} {name}", flush=True)

    why = reasons()
    for name in [name for name, outcomes in results.items() if outcomes[-1] == MISSED]:
        # One that the sources no longer hold stays what it was.
        if name not in why and name in changes:
            attempt(name)
    untried = (name for name in changes if name not in results)
    while sum(outcomes[-1] != UNVIABLE for outcomes in results.values()) < wanted and (name := next(untried, None)):
        attempt(name)


def reasons():
    lines = EQUIVALENT.read_text().splitlines() if EQUIVALENT.exists() else []
    return dict(line.split(" | ", 1) for line in lines if line and not line.startswith("#"))


def page():
    samples = {tuple(path.stem.split(".")): json.loads(path.read_text()) for path in sorted(TRIED.glob("*.json"))}
    why = reasons()
    before = PAGE.read_text().splitlines() if PAGE.exists() else []
    cells = lambda line: [cell.strip() for cell in line.strip("|").split("|")]
    rows = [cells(line) for line in before if line.startswith("| ") and not line.startswith("| crate ")]
    rows = [row for row in rows if tuple(row[:2]) not in samples]
    crates = {crate for crate, _ in samples}
    survivors = [line for line in before if line.startswith("* `") and line[3:].split("/")[0] not in crates]
    for (crate, seed), sample in samples.items():
        viable = {name: outcomes for name, outcomes in sample["changes"].items() if outcomes[-1] != UNVIABLE}
        first, now = (sum(outcomes[at] == CAUGHT for outcomes in viable.values()) for at in (0, -1))
        share = f"{100 * now / max(len(viable), 1):.0f} %"
        rows.append([crate, seed, sample["on"], str(len(viable)), str(first), str(now), share])
        for name in (name for name, outcomes in viable.items() if outcomes[-1] == MISSED):
            survivors.append(f"* `{name.removeprefix('crates/')}`: {why.get(name, 'no reason given')}")
    remarks = REMARKS.read_text().splitlines() if REMARKS.exists() else []
    lines = [
        "# Changes that the tests must catch",
        "",
        f"Made by `make mutants`, {run('rustc', '--version')}, {run(MUTANTS, 'mutants', '--version')}: one change of one expression at a",
        "time, drawn at random with a fixed seed, the dev profile, the crate's own tests only. *At first*: by the tests that stood when",
        "the sample was drawn. *Now*: after tests were written for what it had shown; so *at first* is the fair estimate for the whole crate.",
        "",
        "| crate | seed | tried on | changes that compile | caught at first | caught now | share now |",
        "|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in sorted(rows)),
        "",
        *remarks,
        "",
        "## Not caught",
        "",
        *sorted(survivors),
    ]
    PAGE.write_text("\n".join(lines) + "\n")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split(" (")[0].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crates", nargs="*", help="none: writes the page only")
    parser.add_argument("--wanted", type=int, default=40, help="changes a crate that compile")
    parser.add_argument("--seed", type=int, default=20251, help="another one draws changes that no earlier sample held")
    parser.add_argument("--again", action="store_true", help="only what was not caught the last time")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    TRIED.mkdir(exist_ok=True)
    copy_tree()
    for crate in asked.crates:
        measure(crate, asked.wanted, asked.seed, asked.again)
        page()
    page()


main()
