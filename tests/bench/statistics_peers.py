"""Times a Python peer on a sample of `statistics_data.py`: statistics_peers.py PEER WORK FOLDER N [OUT.csv]

WORK: raking | estimates | bootstrap. Prints a JSON line with wall and CPU seconds (medians), peak memory and check values;
reading the file is not in the times. One peer a process, so that peak memory is its own.
"""

import gc
import importlib.metadata
import json
import logging
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy
import polars

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

peer, work, folder, rows = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
out = sys.argv[5] if len(sys.argv) > 5 else None
totals = json.loads((folder / "targets.json").read_text())
questions = [f"q{number:02d}" for number in range(1, 41)]
breakdowns = ["g1", "g2", "g3"]
data = polars.read_csv(folder / f"sample_{rows}.csv")
data = data.drop("h", "p").with_columns(polars.col([*totals, *breakdowns]).cast(polars.String))
controls = {name: {str(level): float(total) for level, total in enumerate(levels)} for name, levels in totals.items()}
population = sum(totals["m1"])


def measure(run, times=3):
    taken, result = [], None
    for _ in range(times):
        result = None
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        result = run()
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = sorted(taken)[len(taken) // 2]
    return wall, cpu, result


def miss(weights):
    """Largest relative distance of a level from its total, after scaling to the population."""
    weights = numpy.asarray(weights, dtype=float)
    weights = weights * population / weights.sum()
    worst = 0.0
    for name, levels in totals.items():
        sums = numpy.bincount(data[name].cast(polars.Int64).to_numpy(), weights)
        worst = max(worst, float(numpy.max(numpy.abs(sums / numpy.array(levels) - 1))))
    return worst, float((weights**2).sum())


def report(wall, cpu, **more):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    package = {"ipfn_labels": "ipfn"}.get(peer, peer)
    version = importlib.metadata.version(package)
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak, "version": version, **more}))


def raked(run, weights_of):
    wall, cpu, result = measure(run)
    worst, squares = miss(weights_of(result))
    report(wall, cpu, miss=worst, sum_of_squares=squares)


def write_table(lines):
    if out:
        Path(out).write_text("breakdown,level,indicator,estimate,error\n" + "".join(lines))


def svy_raked():
    import svy

    sample = svy.Sample(data=data, design=svy.Design(wgt="bw"))
    return lambda: sample.weighting.rake(controls=controls, wgt_name="w", tol=1e-10, max_iter=200)


def svy_lines(tables):
    lines = []
    for name, results in zip(breakdowns, tables):
        for question, result in zip(questions, results):
            for row in result.to_polars().iter_rows(named=True):
                level = row.get(name, row.get("by_level"))
                lines.append(f"{name},{level},{question},{row['est']},{row['se']}\n")
    return lines


if (peer, work) == ("svy", "raking"):
    raked(svy_raked(), lambda sample: sample.data["w"].to_numpy())
elif (peer, work) == ("svy", "estimates"):
    sample = svy_raked()()
    wall, cpu, tables = measure(lambda: [sample.estimation.mean(questions, by=name) for name in breakdowns], 1)
    write_table(svy_lines(tables))
    report(wall, cpu)
elif (peer, work) == ("svy", "bootstrap"):
    import svy

    numbered = data.with_row_index("id")
    sample = svy.Sample(data=numbered, design=svy.Design(wgt="bw", psu="id"))

    def replicate():
        plan = sample.weighting.create_bs_wgts(n_reps=500, rstate=1)
        again = plan.weighting.rake(controls=controls, wgt_name="w", tol=1e-10, max_iter=200)
        return [again.estimation.mean(questions, by=name, method="replication") for name in breakdowns]

    wall, cpu, tables = measure(replicate, 1)
    write_table(svy_lines(tables))
    report(wall, cpu)
elif (peer, work) == ("polars", "estimates"):
    # Points and the sums a plain standard error needs: a columnar pass without calibration, the least anyone must do.
    def columnar():
        results = []
        for name in breakdowns:
            weight = polars.col("bw")
            points = [((polars.col(question) * weight).sum() / weight.sum()).alias(question) for question in questions]
            squares = [(weight**2 * polars.col(question)).sum().alias(question) for question in questions]
            results.append((data.group_by(name).agg(points), data.lazy().group_by(name).agg(squares).collect()))
        return results

    report(*measure(columnar)[:2])
elif (peer, work) == ("weightipy", "raking"):
    import weightipy

    frame = data.select(list(totals)).to_pandas()
    shares = {name: {level: 100 * total / population for level, total in levels.items()} for name, levels in controls.items()}
    scheme = weightipy.scheme_from_dict(shares)
    raked(lambda: weightipy.weight(frame, scheme), lambda weights: weights)
elif (peer, work) in (("ipfn", "raking"), ("ipfn_labels", "raking")):
    from ipfn import ipfn

    # ipfn fits the cross table; coding the rows and spreading the result are ours: with codes ready, or from labels.
    ready = [data[name].cast(polars.Int64).to_numpy() for name in totals]
    frame = data.select(list(totals)).to_pandas()
    shape = [len(levels) for levels in totals.values()]
    base = data["bw"].to_numpy()

    def coded(name):
        labels = list(controls[name])
        return frame[name].astype("category").cat.set_categories(labels).cat.codes.to_numpy().astype(numpy.int64)

    def fit():
        codes = ready if peer == "ipfn" else [coded(name) for name in totals]
        cell = numpy.ravel_multi_index(codes, shape)
        before = numpy.bincount(cell, base, minlength=int(numpy.prod(shape))).reshape(shape)
        aggregates = [numpy.array(levels, dtype=float) for levels in totals.values()]
        dimensions = [[index] for index in range(len(shape))]
        fitted = ipfn.ipfn(
            before.copy(), aggregates, dimensions, convergence_rate=1e-10, rate_tolerance=0, max_iteration=200
        ).iteration()
        with numpy.errstate(invalid="ignore", divide="ignore"):
            factor = numpy.nan_to_num(fitted / before)
        return base * factor.ravel()[cell]

    raked(fit, lambda weights: weights)
elif (peer, work) == ("samplics", "raking"):
    from samplics.weighting import SampleWeight

    margins = {name: data[name].to_numpy().astype(str) for name in totals}
    base = data["bw"].to_numpy()
    options = {"margins": margins, "control": controls, "tol": 1e-10, "ctrl_tol": 1e-10, "max_iter": 200}
    wall, cpu, weights = measure(lambda: SampleWeight().rake(samp_weight=base, **options), 1)
    worst, squares = miss(weights)
    report(wall, cpu, miss=worst, sum_of_squares=squares)
else:
    sys.exit(f"{peer} does not do {work}")
