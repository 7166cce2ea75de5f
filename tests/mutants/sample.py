"""Changes a random but repeatable sample of expressions a crate, and counts how many of the changes the crate's own tests catch.

    python3 tests/mutants/sample.py [--again] [--wanted 40] [CRATE…]

Draws with a fixed seed until `--wanted` changes a crate compile, and writes docs/mutants.md. `--again` tries only those
that no test caught the last time. What was tried is kept in target/mutants.
"""

import argparse
import datetime
import json
import os
import random
import re
import shutil
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target/mutants"
TREE = WORK / "tree"
MUTANTS = ROOT / "target/tools/bin/cargo-mutants"
EQUIVALENT = ROOT / "tests/mutants/survivors.txt"
PAGE = ROOT / "docs/mutants.md"
SEED = 20251
CAUGHT, MISSED, UNVIABLE = "caught", "missed", "unviable"
# What builds or tests longer hangs.
SECONDS = 120


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


def sample(crate):
    """All changes of a crate in a random order that is the same for the same sources; cargo-mutants lists them."""
    command = [MUTANTS, "mutants", "--dir", TREE, "--list", "--json", "--package", crate]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    changes = sorted(listed, key=lambda change: change["name"])
    random.Random(f"{SEED} {crate}").shuffle(changes)
    return {change["name"]: change for change in changes}


def cargo_test(crate, *arguments):
    """Whether the crate's own tests pass; a test that hangs does not."""
    command = ["cargo", "test", "--quiet", "--package", crate, "--tests", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen(command, cwd=TREE, env=os.environ | {"CARGO_TARGET_DIR": str(WORK / "build")}, **quiet)
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
        if not cargo_test(crate, "--no-run"):
            return UNVIABLE
        return MISSED if cargo_test(crate) else CAUGHT
    finally:
        path.write_text(before)


def measure(crate, wanted, again):
    assert cargo_test(crate), f"{crate}: tests that fail anyway would catch everything"
    kept = WORK / f"{crate}.json"
    known = json.loads(kept.read_text()) if again and kept.exists() else {}
    changes = sample(crate)
    results = {name: known[name] for name in changes if name in known}

    def attempt(name):
        results[name] = tried(crate, changes[name])
        kept.write_text(json.dumps(results, indent=1))
        print(f"{datetime.datetime.now():%H:%M:%S} {results[name]:8} {name}", flush=True)

    for name in [name for name, outcome in results.items() if outcome == MISSED]:
        attempt(name)
    untried = (name for name in changes if name not in results)
    while sum(outcome != UNVIABLE for outcome in results.values()) < wanted:
        attempt(next(untried))


def without_line(name):
    """`crates/a/src/b.rs:1:2: replace x` as `crates/a/src/b.rs: replace x`: lines move."""
    return re.sub(r":\d+:\d+:", ":", name)


def reasons():
    lines = EQUIVALENT.read_text().splitlines() if EQUIVALENT.exists() else []
    return dict(line.split(" | ", 1) for line in lines if line and not line.startswith("#"))


def page():
    crates = {path.stem: json.loads(path.read_text()) for path in sorted(WORK.glob("*.json"))}
    why = reasons()
    lines = [
        "# Changes that the tests must catch",
        "",
        f"Made by `make mutants` on {datetime.date.today()}, {run('rustc', '--version')}, {run(MUTANTS, 'mutants', '--version')}: one change of one expression at a",
        "time, drawn at random with a fixed seed, the dev profile, the crate's own tests only.",
        "",
        "| crate | changes that compile | caught | share |",
        "|---|---|---|---|",
    ]
    survivors = []
    for crate, results in crates.items():
        viable = [name for name, outcome in results.items() if outcome != UNVIABLE]
        caught = [name for name in viable if results[name] == CAUGHT]
        lines.append(f"| {crate} | {len(viable)} | {len(caught)} | {100 * len(caught) / max(len(viable), 1):.0f} % |")
        survivors += [name for name in viable if results[name] == MISSED]
    lines += ["", "## Not caught", ""]
    for name in survivors:
        reason = why.get(without_line(name), "no reason given")
        lines.append(f"* `{without_line(name).removeprefix('crates/')}`: {reason}")
    PAGE.write_text("\n".join(lines) + "\n")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split(" (")[0].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crates", nargs="*", help="none: writes the page only")
    parser.add_argument("--wanted", type=int, default=40, help="changes a crate that compile")
    parser.add_argument("--again", action="store_true", help="only what was not caught the last time")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    copy_tree()
    for crate in asked.crates:
        measure(crate, asked.wanted, asked.again)
        page()
    page()


main()
