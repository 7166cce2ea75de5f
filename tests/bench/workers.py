"""How much two workers on one object store get done beside one, each on one thread: workers.py RESPONDENTS [PROGRAM]

Thirty panel-waves of so many made-up respondents, as in `make bench`. A worker has a cache of its own, as on a machine of its own, and takes a panel-wave after
the other up to its weights; then one run with an empty cache does the rest and publishes. PROGRAM is a `peil` that knows object stores (`make cloud`). The server is
moto on this machine, in Python: it answers one request after the other, and its CPU seconds are told apart. Everything stays under target/bench.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request

from pipeline import PROGRAMS, ROOT, measured

BUCKET = "surveys"
READERS = ROOT / "target" / "readers" / "bin" / "python"
COUNTS = (1, 2)


class Server:
    """moto, which forgets everything when it ends."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [READERS, ROOT / "tests" / "cloud" / "server.py", str(self.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.1)
        who = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{BUCKET}", method="PUT", headers={"Authorization": who})
        urllib.request.urlopen(request).close()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        _, _, used = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.cpu = used.ru_utime + used.ru_stime


def at(folder, caches, name):
    """A pipeline file with the store and the marts there, and a cache of its own."""
    text = (folder / "monitor.toml").read_text()
    for place in ("store", "marts"):
        text = text.replace(f'{place} = "{place}"', f'{place} = "s3://{BUCKET}/{place}"')
    file = folder / f"worker_{name}.toml"
    file.write_text(f'cache = "{caches}/{name}"\n{text}')
    return file


def panel_waves(folder):
    blocks = (folder / "monitor.toml").read_text().split("[[delivery]]")[1:]
    for block in blocks:
        wave = re.search(r"wave = (\d+)", block)[1]
        for panel in re.findall(r'"(\w+)"', re.search(r"panels = \[(.*)\]", block)[1]):
            yield panel, wave


def shared(folder, program, count):
    """Seconds and CPU seconds of the workers, of the last run, and CPU seconds of the server."""
    caches = folder / "caches"
    shutil.rmtree(caches, ignore_errors=True)
    todo, used, lock = list(panel_waves(folder)), [], threading.Lock()
    with Server() as server:
        os.environ.update(AWS_ACCESS_KEY_ID="AKIATESTONLY", AWS_SECRET_ACCESS_KEY="a-secret-of-nobody", AWS_REGION="us-east-1",
                          AWS_ALLOW_HTTP="true", AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.port}")

        def worker(number):
            while True:
                with lock:
                    if not todo:
                        return
                    panel, wave = todo.pop(0)
                file = at(folder, caches, number)
                cpu = measured(program, "run", file, "--threads", "1", "--select", f"+weight:{panel}:{wave}")[1]
                with lock:
                    used.append(cpu)

        start = time.perf_counter()
        threads = [threading.Thread(target=worker, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
        if len(used) != len(list(panel_waves(folder))):
            sys.exit("a worker failed")
        last = measured(program, "run", at(folder, caches, "last"))
    return seconds, sum(used), last[0], last[1], server.cpu


def main():
    respondents = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    program = sys.argv[2] if len(sys.argv) > 2 else PROGRAMS / "peil"
    folder = ROOT / "target" / "bench" / str(respondents)
    if not (folder / "monitor.toml").exists():
        measured(PROGRAMS / "sample", "bench", "--respondents", respondents, "--out", folder, "--config", ROOT / "config")
    for own in ("store", "marts"):
        shutil.rmtree(folder / own, ignore_errors=True)
    seconds, cpu, _ = measured(program, "run", folder / "monitor.toml", "--threads", "1", "--until", "weight")
    print(f"{respondents:,} respondents a panel-wave; in folders, one process on one thread, up to the weights: {seconds:.1f} s, {cpu:.1f} CPU s")
    print(f"{'workers':>8}{'seconds':>10}{'CPU s':>10}{'last run s':>12}{'CPU s':>10}{'server CPU s':>14}")
    found = {}
    for count in COUNTS:
        found[count] = shared(folder, program, count)
        print(f"{count:>8}" + "".join(f"{number:>{width}.1f}" for number, width in zip(found[count], (10, 10, 12, 10, 14))), flush=True)
    one, two = (found[count] for count in COUNTS)
    print(f"two workers: {one[0] / two[0]:.2f} times the panel-waves a minute, {two[1] / one[1]:.2f} times the CPU seconds; one worker beside folders: {one[1] / cpu:.2f} times")


if __name__ == "__main__":
    main()
