"""Writes a synthetic sample for the speed of weighting and estimation: statistics_data.py FOLDER N

sample_N.csv: bw (base weight), m1..m5 (margins of 2, 7, 3, 12 and 4 levels), g1..g3 (breakdowns of 3, 5 and 10 levels),
h (12 strata), p (40 clusters in each), q01..q40 (0/1), all codes from 0; targets.json: population totals of the margins (10 million people), the same for all N.
"""

import json
import sys
from pathlib import Path

import numpy
import polars

SEED = 20251
POPULATION = 10_000_000
MARGINS = {
    "m1": [0.49, 0.51],
    "m2": [0.11, 0.15, 0.17, 0.17, 0.16, 0.13, 0.11],
    "m3": [0.30, 0.38, 0.32],
    "m4": [0.04, 0.05, 0.06, 0.07, 0.075, 0.08, 0.085, 0.09, 0.10, 0.11, 0.115, 0.125],
    "m5": [0.42, 0.27, 0.18, 0.13],
}
# The sample over- and underrepresents levels, so that raking has work to do.
SAMPLED = {
    "m1": [0.56, 0.44],
    "m2": [0.07, 0.12, 0.16, 0.19, 0.20, 0.15, 0.11],
    "m3": [0.18, 0.40, 0.42],
    "m4": [0.05 + 0.07 * level / 11 for level in range(12)],
    "m5": [0.50, 0.25, 0.15, 0.10],
}
BREAKDOWNS = {
    "g1": [0.5, 0.3, 0.2],
    "g2": [0.30, 0.25, 0.20, 0.15, 0.10],
    "g3": [0.19, 0.17, 0.15, 0.13, 0.11, 0.09, 0.07, 0.05, 0.03, 0.01],
}


def draw(random, shares, tilt):
    """Codes whose shares lean with `tilt` (a number a row) to the higher levels."""
    logs = numpy.log(shares)[None, :] + tilt[:, None] * numpy.linspace(-1, 1, len(shares))[None, :]
    cumulative = numpy.cumsum(numpy.exp(logs), axis=1)
    place = random.random(len(tilt))[:, None] * cumulative[:, -1:]
    return (place > cumulative).sum(axis=1).astype(numpy.uint8)


def sample(rows):
    random = numpy.random.Generator(numpy.random.PCG64([SEED, rows]))
    columns = {}
    trait = random.normal(size=rows)
    base = 100 * numpy.exp(0.35 * random.normal(size=rows) + 0.05 * trait)
    columns["bw"] = base.round(4)
    for name, shares in SAMPLED.items():
        columns[name] = draw(random, shares, 0.3 * trait)
    for name, shares in BREAKDOWNS.items():
        columns[name] = draw(random, shares, 0.1 * trait)
    columns["h"] = random.integers(0, 12, rows).astype(numpy.uint8)
    columns["p"] = columns["h"] * numpy.uint16(40) + random.integers(0, 40, rows).astype(numpy.uint16)
    of_cluster = 0.3 * random.normal(size=12 * 40)[columns["p"]]
    for question in range(1, 41):
        slope = 0.3 * random.normal(size=4)
        logit = random.uniform(-2.5, 1.5) + slope[0] * columns["m1"] + slope[1] * (columns["m2"] - 3.0) / 2
        logit = logit + slope[2] * columns["m3"] + slope[3] * columns["g1"] + 0.2 * trait + of_cluster
        columns[f"q{question:02d}"] = (random.random(rows) < 1 / (1 + numpy.exp(-logit))).astype(numpy.uint8)
    return polars.DataFrame(columns)


if __name__ == "__main__":
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    sample(rows).write_csv(folder / f"sample_{rows}.csv")
    totals = {name: [round(share * POPULATION) for share in shares] for name, shares in MARGINS.items()}
    assert all(sum(levels) == POPULATION for levels in totals.values())
    (folder / "targets.json").write_text(json.dumps(totals))
