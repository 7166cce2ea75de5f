"""Raking, 720 estimates and the bootstrap beside R and Python, in one run: statistics_run.py PROGRAM PYTHON [full]

PROGRAM is peil's `bench_statistics`, PYTHON the interpreter with the peers. `full` adds R's estimates at n = 1,000,000
(about four minutes and 6 GB), svy's and R's bootstrap at n = 100,000. What a peer cannot do, or what fails, is said in its line.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

program, python, full = sys.argv[1], sys.argv[2], sys.argv[3:] == ["full"]
here = Path(__file__).parent
folder = Path("target/bench/statistics")
LIMIT_SECONDS = 1800


def start(command):
    """The JSON line of a process, or why there is none; its peak memory in MB."""
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            output, complaint = process.communicate(timeout=LIMIT_SECONDS)
            if process.returncode:
                return {"failed": " ".join(complaint.strip().splitlines()[-3:]) or "no message"}
            return json.loads(output.strip().splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return {"failed": str(error)}


def peil(work, rows, *more, threads=None):
    environment = ["env", f"RAYON_NUM_THREADS={threads}"] if threads else []
    command = [*environment, program, work, str(folder), str(rows), *map(str, more)]
    return start(["/usr/bin/env", *command]) | {"name": f"peil{f', {threads} thread' if threads else ''}"}


def python_peer(name, work, rows, *more):
    return start([python, here / "statistics_peers.py", name, work, folder, str(rows), *map(str, more)]) | {"name": name}


def r_survey(work, rows, *more, name="R survey"):
    command = ["Rscript", here / "statistics_peers.R", work, folder, str(rows), *map(str, more)]
    return start(command) | {"name": name}


def table(path):
    with open(path, encoding="utf-8") as file:
        key = lambda row: (row["breakdown"], row["level"], row["indicator"])
        return {key(row): (float(row["estimate"]), float(row["error"])) for row in csv.DictReader(file)}


def agreement(ours, theirs, work):
    """How far two tables of figures are apart."""
    try:
        ours, theirs = table(ours), table(theirs)
    except OSError:
        return ""
    missing = len(ours.keys() ^ theirs.keys())
    if missing:
        return f"{missing} figures in one table only"
    apart = lambda place: max(abs(theirs[key][place] / ours[key][place] - 1) for key in ours)
    if work == "bootstrap":
        ratio = statistics.median(theirs[key][1] / ours[key][1] for key in ours)
        return f"estimates {apart(0):.0e}; errors (other random numbers) in median × {ratio:.3f}"
    return f"estimates {apart(0):.0e}, errors {apart(1):.0e}"


def show(work, rows, lines):
    print(f"\n{work}, n = {rows:,}", flush=True)
    print(f"{'':24}{'wall s':>9}{'CPU s':>9}{'× wall':>9}{'× CPU':>9}{'peak MB':>9}  agreement with peil")
    ours = lines[0]
    for line in lines:
        if "failed" in line:
            print(f"{line['name']:24}  not measured: {line['failed']}")
            continue
        version = f" {line['version']}" if "version" in line else ""
        peak = f"{line['peak_mb']:9.0f}" if "peak_mb" in line else f"{'':9}"
        ratio = lambda of: f"{line[of] / ours[of]:9.1f}" if "failed" not in ours else f"{'':9}"
        name = line["name"] + version
        print(f"{name:24}{line['wall']:9.3f}{line['cpu']:9.3f}{ratio('wall')}{ratio('cpu')}{peak}  {line.get('agreement', '')}", flush=True)


def raking(rows):
    lines = [peil("raking", rows)]
    lines += [python_peer(name, "raking", rows) for name in ("ipfn", "ipfn_labels", "weightipy", "svy")]
    if rows <= 100_000:
        lines += [python_peer("samplics", "raking", rows)]
    lines += [r_survey("raking", rows, name="R rake"), r_survey("raking_calibrate", rows, name="R calibrate")]
    ours = lines[0].get("sum_of_squares")
    for line in lines[1:]:
        if line["name"] == "weightipy":
            line["agreement"] = "takes no base weights"
        elif line["name"] == "ipfn" and "failed" not in line:
            line["agreement"] = "fits the table only; rows coded beforehand, as for peil"
        elif ours and "sum_of_squares" in line:
            apart = abs(line["sum_of_squares"] / ours - 1)
            line["agreement"] = f"sum of squared weights {apart:.0e}; its largest miss {line['miss']:.0e}"
    show("Raking of five margins (2,016 cells)", rows, lines)


def clustered(rows):
    ours, theirs = folder / f"clustered_peil_{rows}.csv", folder / f"clustered_R_{rows}.csv"
    lines = [peil("clustered", rows, ours), r_survey("clustered", rows, theirs)]
    lines[1]["agreement"] = agreement(ours, theirs, "clustered")
    show("The same 720 means from 12 strata of 40 clusters", rows, lines)


def estimates(rows):
    ours = folder / f"estimates_peil_{rows}.csv"
    lines = [peil("estimates", rows, ours), python_peer("polars", "estimates", rows)]
    lines[1]["agreement"] = "points and sums only: no error, no calibration"
    peers = [("svy", python_peer)] if rows <= 100_000 or full else []
    peers += [("R survey", r_survey)] if rows <= 100_000 or full else []
    for name, run in peers:
        out = folder / f"estimates_{name.split()[0]}_{rows}.csv"
        line = python_peer(name, "estimates", rows, out) if run is python_peer else r_survey("estimates", rows, out)
        line["agreement"] = agreement(ours, out, "estimates")
        lines.append(line)
    show("720 means with errors that account for the calibration", rows, lines)


def bootstrap(rows):
    ours, weights = folder / f"bootstrap_peil_{rows}.csv", folder / f"weights_{rows}.csv"
    more = [ours, weights] if rows <= 10_000 else [ours]
    lines = [peil("bootstrap", rows, *more), peil("bootstrap", rows, threads=1)]
    if rows <= 10_000 or full:
        for name in ["svy", "R survey"]:
            out = folder / f"bootstrap_{name.split()[0]}_{rows}.csv"
            line = r_survey("bootstrap", rows, out) if name != "svy" else python_peer(name, "bootstrap", rows, out)
            line["agreement"] = agreement(ours, out, "bootstrap")
            lines.append(line)
    if rows <= 10_000:
        out = folder / f"svrepdesign_{rows}.csv"
        line = r_survey("svrepdesign", rows, out, weights, name="R, peil's replicates")
        line["agreement"] = agreement(ours, out, "errors of the same replicates")
        lines.append(line)
    show("500 bootstrap replicates, each raked again, 720 means", rows, lines)


if __name__ == "__main__":
    for rows in (10_000, 100_000, 1_000_000):
        if not (folder / f"sample_{rows}.csv").exists():
            subprocess.run([python, here / "statistics_data.py", folder, str(rows)], check=True)
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}; wall seconds are medians where a run is short")
    for rows in (100_000, 1_000_000):
        raking(rows)
    for rows in (100_000, 1_000_000):
        estimates(rows)
    clustered(100_000)
    for rows in (10_000, 100_000):
        bootstrap(rows)
