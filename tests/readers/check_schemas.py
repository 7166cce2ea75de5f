"""Editors underline mistakes in the settings: tombi finds each planted one on its line, and tombi and taplo accept the files that ship.

    python check_schemas.py ROOT
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(sys.executable).parent
PARTS = ["config/monitor.toml", "config/panels", "config/exports", "config/rules", "config/figures.toml", "config/schemas", "pipelines"]
# File, what is replaced in it, and by what: a key, a word, a type, a range or a table that is wrong.
PLANTED = [
    ("config/monitor.toml", "waves =", "wave ="),
    ("config/monitor.toml", "languages = [", "languages = [3, "),
    ("config/monitor.toml", "level = 0.05", "level = 0.9"),
    ("config/monitor.toml", "confidence = 0.95", 'confidence = "0.95"'),
    ("config/monitor.toml", '"benjamini_hochberg"', '"benjamini"'),
    ("config/monitor.toml", "equal_when_rounded_is_stable = true", "equal_when_rounded_is_stable = 1"),
    ("config/monitor.toml", "minimum_cell = 5", "minimum_cell = 0"),
    ("config/monitor.toml", 'quality = "minimum_base"', 'quality = "minimum"'),
    ("config/monitor.toml", "unknown_answer_percent = 1.0", "unknown_answer_percent = 101.0"),
    ("config/monitor.toml", "speeder_share_of_median = 0.3", "speeder_share_of_median = 1.3"),
    ("config/panels/gp.toml", "label =", "labels ="),
    ("config/panels/gp.toml", "label = {", "label = [] # {"),
    ("config/panels/gp.toml", 'missing_auxiliary = "', 'missing_auxiliary = "x'),
    ("config/panels/gp.toml", 'method = "', 'method = "x'),
    ("config/exports/qualtrics_csv.toml", 'container = "csv"', 'container = "tsv"'),
    ("config/exports/qualtrics_csv.toml", "rows = 3", "rows = 0"),
    ("config/rules/answers.toml", "condition =", "conditions ="),
    ("config/rules/answers.toml", 'severity = "', 'severity = "x'),
    ("pipelines/monitor.toml", "wave = 2021", 'wave = "2021"'),
    ("pipelines/monitor.toml", "profile =", "profil ="),
]


def lint(folder, tool, *arguments):
    run = subprocess.run([TOOLS / tool, "lint", *arguments], cwd=folder, capture_output=True, text=True)
    return run.returncode, re.sub(r"\x1b\[[0-9;]*m", "", run.stdout + run.stderr)


def main(root):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for part in PARTS:
            copy = shutil.copytree if (root / part).is_dir() else shutil.copy
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy(root / part, folder / part)
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.toml"))
        for tool, arguments in [("tombi", ["--offline", *files]), ("taplo", files)]:
            code, said = lint(folder, tool, *arguments)
            assert code == 0 and "rror" not in said, f"{tool} refuses a file that ships:\n{said}"
        for name, right, wrong in PLANTED:
            path = folder / name
            text = path.read_text()
            assert right in text, f"{name} has no `{right}` any more"
            path.write_text(text.replace(right, wrong, 1))
            line = text[: text.index(right)].count("\n") + 1
            code, said = lint(folder, "tombi", "--offline", name)
            path.write_text(text)
            assert code != 0, f"{name}: `{wrong}` is not found"
            places = re.findall(r":(\d+):\d+", said)
            # A key that is missing is underlined at its table.
            assert str(line) in places, f"{name}: `{wrong}` on line {line} is placed at {places}:\n{said}"
    print(f"{len(files)} files accepted, {len(PLANTED)} mistakes found on their lines")


main(Path(sys.argv[1]).resolve())
