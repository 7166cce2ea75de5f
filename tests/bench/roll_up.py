"""How the roll-up grows: time and memory of `estimate` for made-up surveys, and for ten times their panels, waves, indicators or
respondents. One respondent in two returns in the next wave, so that changes know what two waves share.

    python3 tests/bench/roll_up.py [PANELS WAVES INDICATORS RESPONDENTS]

Everything stays under target/bench/roll_up. What stands beside the roll-up in the run is measured by a run with nothing to do and
taken off.
"""

import random
import shutil
import sys

from pipeline import PROGRAMS, ROOT, measured

FOLDER = ROOT / "target" / "bench" / "roll_up"
BASE = (3, 3, 20, 2000)
NAMES = ["panels", "waves", "indicators", "respondents"]
LEVELS = {"age": 4, "region": 6, "education": 3}
FIRST_WAVE = 1950


def rows(start, header, lines):
    path = FOLDER / start
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n")


def write(panels, waves, indicators, respondents):
    """A project with a question an indicator; half of the questions are answered yes or no, half on a scale of 0 to 10."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    panels = [f"panel{at}" for at in range(panels)]
    waves = [FIRST_WAVE + at for at in range(waves)]
    asked = [f"q{at}" for at in range(indicators)]
    is_scale = {name: at % 2 == 1 for at, name in enumerate(asked)}
    members = ", ".join(f'"{panel}"' for panel in panels)
    rows("config/monitor.toml", 'name = "roll_up"', [
        'label = "Made-up answers"', 'notice = "Made-up answers: no result of any survey"',
        "[groups.all]", f"panels = [{members}]", 'label = "All"',
    ])
    rows("config/exports/plain.toml", 'label = "CSV"', ['container = "csv"', 'id = ["id"]'])
    rows("config/codebook/concepts.csv", "concept,role,kind,answers,label_en",
         ["respondent,identifier,text,,Respondent"]
         + [f"{name},background,,{name},{name}" for name in LEVELS]
         + [f"{name},,number,,{name}" if is_scale[name] else f"{name},,,yes_no,{name}" for name in asked])
    codes = {"yes_no": ["yes", "no"]} | {name: [f"{name}{at}" for at in range(count)] for name, count in LEVELS.items()}
    rows("config/codebook/answers.csv", "answers,code,label_en",
         [f"{name},{code},{code}" for name in codes for code in codes[name]])
    rows("config/codebook/crosswalks.csv", "crosswalk,value,code,missing",
         [f"{name},{code},{code}," for name in codes for code in codes[name]])
    crosswalk = {name: name for name in LEVELS} | {name: "" if is_scale[name] else "yes_no" for name in asked}
    rows("config/codebook/items.csv", "panel,wave,concept,column,crosswalk,question_en",
         [f"{panel},{wave},{name},{column},{walk},{name}" for panel in panels for wave in waves
          for name, column, walk in [("respondent", "id", "")] + [(name, name, crosswalk[name]) for name in crosswalk]])
    rows("config/indicators.csv", "indicator,concept,kind,codes,decimals,unit,label_en",
         [f"{name},{name},mean,,1,score,{name}" if is_scale[name] else f"{name},{name},proportion,yes,0,percent,{name}" for name in asked])
    rows("config/breakdowns.csv", "breakdown,concept,label_en", [f"{name},{name},{name}" for name in LEVELS])
    deliveries = ['[pseudonym_key]', 'demonstration = "made-up answers: this key protects nobody"']
    for panel in panels:
        rows(f"config/panels/{panel}.toml", f'label = "{panel}"', ["[weighting]", 'method = "raking"', 'margins = [["age"], ["region"]]'])
        rows(f"config/targets/{panel}.csv", "wave,margin,level,total,source,status",
             [f"{wave},{name},{code},{12000 // LEVELS[name]},made up,illustrative" for wave in waves for name in ("age", "region") for code in codes[name]])
        for at, wave in enumerate(waves):
            chance = random.Random(f"{panel} {wave}")
            lines = []
            for number in range(respondents):
                background = [chance.choice(codes[name]) for name in LEVELS]
                answers = [(str(chance.randrange(11)) if is_scale[name] else ("yes" if chance.random() < 0.4 else "no")) for name in asked]
                lines.append(",".join([str(at * respondents // 2 + number), *background, *answers]))
            rows(f"deliveries/{panel}_{wave}.csv", ",".join(["id", *LEVELS, *asked]), lines)
            deliveries += ["[[delivery]]", f'file = "deliveries/{panel}_{wave}.csv"', 'profile = "plain"',
                           f"wave = {wave}", f'panels = ["{panel}"]']
    rows("survey.toml", 'config = "config"', deliveries)


def roll_up(size):
    write(*size)
    run = [PROGRAMS / "peil", "run", FOLDER / "survey.toml", "--until"]
    measured(*run, "weight")
    idle = min(measured(*run, "weight")[:2] for _ in range(3))
    seconds, cpu, peak = measured(*run, "estimate")
    panels, waves, indicators, respondents = size
    cells = (panels + 1) * waves * indicators * (1 + sum(LEVELS.values()))
    print("".join(f"{number:>12,}" for number in (*size, cells))
          + f"{seconds - idle[0]:>10.2f}{cpu - idle[1]:>10.2f}{peak:>10.0f}{(cpu - idle[1]) / cells * 1e6:>14.0f}", flush=True)


def main():
    base = tuple(int(number) for number in sys.argv[1:5]) or BASE
    print("".join(f"{name:>12}" for name in (*NAMES, "cells")) + f"{'seconds':>10}{'CPU s':>10}{'peak MiB':>10}{'µs a cell':>14}")
    roll_up(base)
    for at in range(4):
        roll_up(tuple(number * 10 if place == at else number for place, number in enumerate(base)))


if __name__ == "__main__":
    main()
