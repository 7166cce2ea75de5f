"""Changes a random but repeatable sample of expressions a crate, and counts how many of the changes the crate's own tests catch.

    python3 tests/mutants/sample.py [--again] [--wanted 40] CRATE…

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
OUTCOMES = {"CaughtMutant": CAUGHT, "Timeout": CAUGHT, "MissedMutant": MISSED, "Unviable": UNVIABLE}


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


def mutants(arguments, **how):
    return subprocess.run([MUTANTS, "mutants", "--dir", TREE, *arguments], cwd=ROOT, text=True, **how)


def sample(crate):
    """All changes of a crate in a random order that is the same for the same sources."""
    listed = mutants(["--list", "--json", "--package", crate], check=True, capture_output=True).stdout
    names = sorted(mutant["name"] for mutant in json.loads(listed))
    random.Random(f"{SEED} {crate}").shuffle(names)
    return names


def exactly(names):
    special = re.compile(r"([\\.^$*+?()\[\]{}|])")
    return "^(?:" + "|".join(special.sub(r"\\\1", name) for name in names) + ")$"


def check_baseline(crate):
    """Tests that fail anyway would catch everything."""
    subprocess.run(["cargo", "test", "--quiet", "--package", crate, "--tests"], cwd=TREE, env=environment(), check=True)


def environment():
    return os.environ | {"CARGO_TARGET_DIR": str(WORK / "build")}


def tried(crate, names):
    """What became of these changes under the crate's own tests."""
    output = WORK / "last"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    arguments = ["--in-place", "--baseline=skip", "--timeout=120", "--build-timeout=600", "--no-shuffle",
                 "--output", output, "--package", crate, "--re", exactly(names), "--", "--tests"]
    mutants(arguments, env=environment())
    outcomes = json.loads((output / "mutants.out/outcomes.json").read_text())["outcomes"]
    found = {one["scenario"]["Mutant"]["name"]: OUTCOMES[one["summary"]] for one in outcomes}
    missing = set(names) - set(found)
    assert not missing, f"not tried: {missing}"
    return found


def measure(crate, wanted, again):
    check_baseline(crate)
    kept = WORK / f"{crate}.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    order = sample(crate)
    results = {name: known[name] for name in order if name in known and again}
    survivors = [name for name, outcome in results.items() if outcome == MISSED]
    if survivors:
        results |= tried(crate, survivors)
        kept.write_text(json.dumps(results, indent=1))
    while (lacking := wanted - sum(outcome != UNVIABLE for outcome in results.values())) > 0:
        batch = [name for name in order if name not in results][: max(lacking, 2)]
        if not batch:
            break
        results |= tried(crate, batch)
        kept.write_text(json.dumps(results, indent=1))


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
    parser.add_argument("crates", nargs="+")
    parser.add_argument("--wanted", type=int, default=40, help="changes a crate that compile")
    parser.add_argument("--again", action="store_true", help="only what was not caught the last time")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    copy_tree()
    for crate in asked.crates:
        measure(crate, asked.wanted, asked.again)
        page()


main()
