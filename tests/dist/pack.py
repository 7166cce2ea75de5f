"""Packs the program for release: the binary, completions, manual pages, our licence, and those of all packages that are in it.

    python3 pack.py PROGRAM OUT

Writes OUT/peil-VERSION-HOST.tar.gz; the same program gives the same bytes.
"""

import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ["bash", "zsh", "fish"]


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def licences():
    """The licence texts of every package that the program is built from, one file a package."""
    metadata = json.loads(run("cargo", "metadata", "--format-version", "1", "--locked"))
    tree = run("cargo", "tree", "--locked", "--workspace", "--features", "cli/cloud", "--edges", "normal", "--prefix", "none", "--format", "{p}")
    used = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
    for package in metadata["packages"]:
        if package["source"] is None or (package["name"], f"v{package['version']}") not in used:
            continue
        folder = Path(package["manifest_path"]).parent
        texts = sorted(path for path in folder.iterdir() if re.match(r"(LICEN[CS]E|COPYING|NOTICE|UNLICENSE)", path.name, re.I) and path.is_file())
        said = f"{package['name']} {package['version']}: {package['license'] or 'see the text below'}\n{package['repository'] or ''}\n\n"
        yield f"licences/{package['name']}-{package['version']}.txt", said + "\n\n".join(path.read_text(errors="replace") for path in texts)


def main(program, out):
    version = run(program, "--version").split()[1]
    host = re.search(r"host: (\S+)", run("rustc", "-vV")).group(1)
    files = {"peil": (Path(program).read_bytes(), 0o755)}
    for name in ["LICENSE", "README.md", "CHANGELOG.md"]:
        files[name] = ((ROOT / name).read_bytes(), 0o644)
    for shell in SHELLS:
        files[f"completions/peil.{shell}"] = (run(program, "completions", shell).encode(), 0o644)
    with tempfile.TemporaryDirectory() as pages:
        run(program, "man", pages)
        for page in sorted(Path(pages).iterdir()):
            files[f"man/{page.name}"] = (page.read_bytes(), 0o644)
    for name, text in licences():
        files[name] = (text.encode(), 0o644)
    folder = f"peil-{version}-{host}"
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{folder}.tar.gz"
    path.write_bytes(packed.getvalue())
    print(f"{path}: {len(packed.getvalue()) / 2**20:.1f} MiB, {len(files)} files")


main(*sys.argv[1:3])
