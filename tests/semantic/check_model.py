"""Loads an exported model with Microsoft's TMDL serialiser, then with mistakes planted in copies: each must be placed.

usage: check_model.py MODEL CHECKER LIBRARIES
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

model, checker, libraries = (pathlib.Path(argument) for argument in sys.argv[1:])
(definition,) = model.glob("*.SemanticModel/definition")


def check(folder):
    environment = os.environ | {"MONO_PATH": str(libraries)}
    done = subprocess.run(["mono", str(checker), str(folder)], capture_output=True, text=True, env=environment, timeout=300)
    return done.returncode, (done.stdout + done.stderr).strip()


def line_of(path, text):
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


code, said = check(definition)
print(said)
if code != 0:
    sys.exit(1)

# File, what is replaced by what, and whether the serialiser itself can say the line.
MISTAKES = [
    ("tables/estimate.tmdl", "dataType: string", "dataTyp: string", True),
    ("tables/estimate.tmdl", "summarizeBy: none", "summarizeBy: nothing", True),
    ("relationships.tmdl", "fromColumn: estimate.panel", "fromColumn: estimate.panels", False),
    ("tables/measures.tmdl", "column placeholder", "column Figure", False),
    ("relationships.tmdl", "toColumn: dim_wave.wave", "toColumn: dim_panel.panel", False),
]
failed = 0
for file, right, wrong, has_line in MISTAKES:
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "definition"
        shutil.copytree(definition, copy)
        path = copy / file
        line = line_of(path, right)
        path.write_text(path.read_text().replace(right, wrong, 1))
        code, said = check(copy)
        place = f"{file.removesuffix('.tmdl')}, line {line}:"
        is_found = code != 0 and (not has_line or place in said)
        failed += not is_found
        print(f"{'found' if is_found else 'NOT FOUND'}: {wrong} in {file}: {said.splitlines()[0] if said else 'nothing said'}")
sys.exit(1 if failed else 0)
