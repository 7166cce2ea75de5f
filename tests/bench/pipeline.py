"""Runs the whole pipeline over generated deliveries and prints time and peak memory, in one go and stage by stage.

    python3 tests/bench/pipeline.py 10000 100000

Each number is respondents a panel-wave; there are thirty panel-waves. Everything stays under target/bench.
"""

import os
import shutil
import sys
import time
from pathlib import Path

STAGES = ["ingest", "admit", "harmonise", "confront", "weight", "estimate", "publish"]
ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def measured(*command):
    """Wall seconds, CPU seconds and peak resident MiB of a child."""
    start = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        child = os.posix_spawn(command[0], [str(part) for part in command], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1)])
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def bench(respondents):
    folder = ROOT / "target" / "bench" / str(respondents)
    if not (folder / "monitor.toml").exists():
        measured(PROGRAMS / "sample", "bench", "--respondents", respondents, "--out", folder, "--config", ROOT / "config")
    delivered = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    total = 30 * respondents
    print(f"\n{total:,} respondents in 30 panel-waves, {delivered / 1e6:,.0f} MB of CSV, {os.cpu_count()} cores")
    print(f"{'':12}{'seconds':>10}{'CPU s':>10}{'peak MiB':>10}")
    pipeline = folder / "monitor.toml"
    for own in ("store", "marts"):
        shutil.rmtree(folder / own, ignore_errors=True)
    for stage in STAGES:
        until = [] if stage == "publish" else ["--until", stage]
        seconds, cpu, peak = measured(PROGRAMS / "peil", "run", pipeline, *until)
        print(f"{stage:12}{seconds:10.2f}{cpu:10.2f}{peak:10.0f}", flush=True)
    for own in ("store", "marts"):
        shutil.rmtree(folder / own, ignore_errors=True)
    seconds, cpu, peak = measured(PROGRAMS / "peil", "run", pipeline)
    print(f"{'in one go':12}{seconds:10.2f}{cpu:10.2f}{peak:10.0f}")
    again, _, _ = measured(PROGRAMS / "peil", "run", pipeline)
    print(f"{total / seconds * 60:,.0f} respondents a minute; running again with nothing to do: {again * 1000:.0f} ms")


if __name__ == "__main__":
    for number in sys.argv[1:] or ["10000"]:
        bench(int(number))
