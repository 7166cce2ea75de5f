"""Counts the instructions of the serial kernels and holds them to tests/bench/instructions.csv: `instructions.py [--write]`.

A count does not move with the load of the machine. It moves with the compiler and with the libraries, too: after such a
change, look at what moved and write the counts again.
"""

import csv
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
KNOWN = ROOT / "tests/bench/instructions.csv"
# More than this part more than is known fails.
MORE = 0.02

runner = ROOT / "target/tools/bin/gungraun-runner"
command = ["cargo", "bench", "--locked", "--manifest-path", ROOT / "tests/bench/instructions/Cargo.toml", "--target-dir", ROOT / "target/bench/instructions"]
environment = os.environ | {"GUNGRAUN_RUNNER": str(runner), "GUNGRAUN_COLOR": "never", "GUNGRAUN_HOME": str(ROOT / "target/bench/gungraun")}
run = subprocess.run(command, env=environment, capture_output=True, text=True)
if run.returncode:
    sys.exit(run.stdout + run.stderr)
found, name = {}, None
for line in run.stdout.splitlines():
    if match := re.match(r"instructions::kernels::(\w+)", line):
        name = match[1]
    elif match := re.match(r"\s+Instructions:\s+([\d,]+)\|", line):
        found[name] = int(match[1].replace(",", ""))
if not found:
    sys.exit(f"no counts in what gungraun says:\n{run.stdout}")
if "--write" in sys.argv:
    with open(KNOWN, "w", newline="") as file:
        csv.writer(file).writerows([("kernel", "instructions"), *sorted(found.items())])
    sys.exit()
with open(KNOWN, newline="") as file:
    known = {row["kernel"]: int(row["instructions"]) for row in csv.DictReader(file)}
problems = [f"{kernel}: not measured" for kernel in known.keys() - found.keys()]
for kernel, count in sorted(found.items()):
    before = known.get(kernel)
    change = "new" if before is None else f"{count / before - 1:+.2%}"
    print(f"{kernel:16} {count:>15,} {change}")
    if before is not None and count > before * (1 + MORE):
        problems.append(f"{kernel}: {count:,} instructions, {before:,} are known: {change}")
sys.exit("\n".join(problems) or 0)
