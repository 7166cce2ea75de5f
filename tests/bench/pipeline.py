"""Runs the whole pipeline over generated deliveries and prints time and peak memory, in one go and stage by stage; then
what running again costs with nothing to do and after one delivery changed, and how fast files are hashed. Beside each stands what it
read and wrote, and the time in which this machine only reads and writes as much: on one thread, out of and into the cache of files.

    python3 tests/bench/pipeline.py 10000 100000

Each number is respondents a panel-wave; there are thirty panel-waves. Everything stays under target/bench. Where Python has
`blake3` (make bench installs it), hashing is held against it on one thread, else against reading the files only.
"""

import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

try:
    import blake3
except ImportError:
    blake3 = None

STAGES = ["ingest", "admit", "harmonise", "confront", "weight", "estimate", "publish"]
ROOT = Path(__file__).resolve().parents[2]
BUFFER = bytearray(1 << 20)
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def measured(*command):
    """Wall seconds, CPU seconds and peak resident MiB of a child."""
    return measured_with_words(*command)[:3]


def measured_with_words(*command):
    """As `measured`, with what the child says on its error stream, and the MB that it read and wrote."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said, open(os.devnull, "w") as nothing:
        actions = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
        child = os.posix_spawn(command[0], [str(part) for part in command], os.environ, file_actions=actions)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - start
        # Only while nobody has waited for it.
        io = dict(line.split(": ") for line in Path(f"/proc/{child}/io").read_text().splitlines())
        _, status, used = os.wait4(child, 0)
        said.seek(0)
        words = said.read()
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{words}{' '.join(map(str, command))} ended with {os.waitstatus_to_exitcode(status)}")
    moved = int(io["rchar"]) / 1e6, int(io["wchar"]) / 1e6
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, words, moved


class Machine:
    """How fast this machine reads and writes files that stay in its cache, in MB/s."""

    def __init__(self, folder):
        path = folder / "only_written"
        size = 512
        with open(path, "wb", buffering=0) as file:
            start = time.perf_counter()
            for _ in range(size):
                file.write(BUFFER)
            self.writes = size * len(BUFFER) / 1e6 / (time.perf_counter() - start)
        with open(path, "rb", buffering=0) as file:
            start = time.perf_counter()
            while file.readinto(BUFFER):
                pass
            self.reads = size * len(BUFFER) / 1e6 / (time.perf_counter() - start)
        path.unlink()

    def seconds(self, read, written):
        return read / self.reads + written / self.writes


def bench(respondents):
    folder = ROOT / "target" / "bench" / str(respondents)
    if not (folder / "monitor.toml").exists():
        measured(PROGRAMS / "sample", "bench", "--respondents", respondents, "--out", folder, "--config", ROOT / "config")
    delivered = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    total = 30 * respondents
    print(f"\n{total:,} respondents in 30 panel-waves, {delivered / 1e6:,.0f} MB of CSV, {os.cpu_count()} cores")
    machine = Machine(folder)
    print(f"the machine only reads {machine.reads:,.0f} MB/s and only writes {machine.writes:,.0f} MB/s")
    print(f"{'':12}{'seconds':>10}{'CPU s':>10}{'peak MiB':>10}{'read MB':>10}{'written MB':>12}{'only moved s':>14}")

    def line(name, seconds, cpu, peak, _, moved):
        print(f"{name:12}{seconds:10.2f}{cpu:10.2f}{peak:10.0f}{moved[0]:10,.0f}{moved[1]:12,.0f}{machine.seconds(*moved):14.2f}", flush=True)

    pipeline = folder / "monitor.toml"
    for own in ("store", "marts"):
        shutil.rmtree(folder / own, ignore_errors=True)
    for stage in STAGES:
        until = [] if stage == "publish" else ["--until", stage]
        line(stage, *measured_with_words(PROGRAMS / "peil", "run", pipeline, *until))
    for own in ("store", "marts"):
        shutil.rmtree(folder / own, ignore_errors=True)
    whole = measured_with_words(PROGRAMS / "peil", "run", pipeline)
    line("in one go", *whole)
    seconds, cpu = whole[:2]
    print(f"{total / seconds * 60:,.0f} respondents a minute")
    again = min(measured(PROGRAMS / "peil", "run", pipeline)[0] for _ in range(5))
    print(f"nothing to do: {again * 1000:.0f} ms (the best of five)")
    one_delivery(folder, pipeline, seconds, cpu)
    hashing(folder, pipeline)


def one_delivery(folder, pipeline, full_seconds, full_cpu):
    """The last row of one delivery goes; what the run then costs beside the full one."""
    changed = sorted(folder.rglob("*.csv"))[-1]
    whole = changed.read_bytes()
    try:
        changed.write_bytes(whole[: whole.rstrip(b"\r\n").rfind(b"\n") + 1])
        seconds, cpu, _, said, moved = measured_with_words(PROGRAMS / "peil", "run", pipeline)
    finally:
        changed.write_bytes(whole)
    steps = re.search(r"(\d+) of (\d+) steps", said)
    print(
        f"one delivery of {len(whole) / 1e6:,.1f} MB changed: {steps[0]}, {seconds:.2f} s and {cpu:.2f} CPU s,"
        f" {seconds / full_seconds:.0%} and {cpu / full_cpu:.0%} of the full run; {moved[0]:,.0f} MB read, {moved[1]:,.0f} MB written"
    )
    measured(PROGRAMS / "peil", "run", pipeline)


def hashing(folder, pipeline):
    """Every delivery and every hand-off is hashed anew; the same files by blake3 on one thread, and only read."""
    files = sorted(folder.rglob("*.csv")) + sorted((folder / "store" / "objects").iterdir())
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    idle = min(measured(PROGRAMS / "peil", "plan", pipeline)[0] for _ in range(3))
    seconds, cpu = min(measured(PROGRAMS / "peil", "plan", pipeline, "--rehash")[:2] for _ in range(3))
    start = time.perf_counter()
    for path in files:
        with open(path, "rb", buffering=0) as file:
            while file.readinto(BUFFER):
                pass
    reading = time.perf_counter() - start
    line = f"hashing {len(files)} files of {megabytes:,.0f} MB: {megabytes / (seconds - idle):,.0f} MB/s by `peil plan --rehash` on all threads ({cpu:.2f} CPU s)"
    if blake3:
        start = time.perf_counter()
        for path in files:
            hasher = blake3.blake3(max_threads=1)
            with open(path, "rb", buffering=0) as file:
                while count := file.readinto(BUFFER):
                    hasher.update(memoryview(BUFFER)[:count])
            hasher.digest()
        line += f", {megabytes / (time.perf_counter() - start):,.0f} MB/s by blake3 on one thread"
    print(f"{line}, {megabytes / reading:,.0f} MB/s only read")


if __name__ == "__main__":
    for number in sys.argv[1:] or ["10000"]:
        bench(int(number))
