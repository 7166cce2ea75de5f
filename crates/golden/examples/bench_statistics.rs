//! `bench_statistics raking|estimates|clustered|bootstrap FOLDER N [OUT.csv [WEIGHTS.csv]]`: what `make bench-statistics` measures of peil.
//!
//! Reads `sample_N.csv` and `targets.json` of the folder (synthetic), writes its figures to OUT and a JSON line with
//! wall and CPU seconds (medians) to standard output. Bootstrap: 500 replicates, each raked again.
#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use estimate::Linearisation;
use estimate::kernel::{Breakdown, Values};
use estimate::replicate;
use serde_json::json;
use survey::design::{Design, Replicates, Stage};
use weight::rake::{Convergence, RakeOptions, Raking, rake};
use weight::replicate::{Method, ReplicatePlan, Reweighted};
use weight::{Level, Margin};

type Outcome<T> = Result<T, Box<dyn Error>>;

const REPLICATES: usize = 500;
const SEED: u64 = 20251;
const TIMES: usize = 5;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, folder, rows, rest @ ..] = arguments.as_slice() else {
        return Err(
            "expected: raking|estimates|clustered|bootstrap FOLDER N [OUT.csv [WEIGHTS.csv]]"
                .into(),
        );
    };
    let sample = Sample::read(Path::new(folder), rows)?;
    let (out, weights) = (rest.first(), rest.get(1));
    let report = match work.as_str() {
        "raking" => raking(&sample)?,
        "estimates" => estimates(&sample, Design::of_elements, out)?,
        "clustered" => estimates(&sample, |weights| sample.clustered(weights), out)?,
        "bootstrap" => bootstrap(&sample, out, weights)?,
        other => return Err(format!("no work `{other}`").into()),
    };
    let mut report = report;
    report["peak_mb"] = json!(peak_mb()?);
    println!("{report}");
    Ok(())
}

/// Largest resident memory of this process, file included.
fn peak_mb() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).ok_or("VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("VmHWM")?.parse()?;
    Ok(kilobytes / 1024.0)
}

struct Sample {
    base: Vec<f64>,
    margins: Vec<Margin>,
    breakdowns: Vec<(String, Vec<u32>)>,
    indicators: Vec<(String, Vec<u8>)>,
    strata: Vec<u32>,
    clusters: Vec<u32>,
}

/// The kernel counts CPU time by ticks: shorter work is repeated until it takes so long.
const LEAST_SECONDS: f64 = 0.1;

/// Wall and CPU seconds (of all threads) of the median run, and what the last one gave; short work is repeated.
fn measure<T>(mut run: impl FnMut() -> Outcome<T>) -> Outcome<(f64, f64, T)> {
    let began = Instant::now();
    let mut last = Some(run()?);
    let once = began.elapsed().as_secs_f64();
    let repeats = (LEAST_SECONDS / once.max(1e-6)).ceil().max(1.0);
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let (wall, cpu) = (Instant::now(), cpu_seconds()?);
        for _ in 0..repeats as u32 {
            drop(last.take());
            last = Some(run()?);
        }
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        times.push((wall / repeats, cpu / repeats));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (wall, cpu) = times[TIMES / 2];
    Ok((wall, cpu, last.ok_or("not run")?))
}

/// Time on a CPU of every thread so far.
fn cpu_seconds() -> Outcome<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += text.split(' ').next().ok_or("schedstat")?.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}

fn options() -> RakeOptions {
    RakeOptions { convergence: Convergence::MarginMiss(1e-10), max_rounds: 500 }
}

fn raking(sample: &Sample) -> Outcome<serde_json::Value> {
    let (wall, cpu, raked) = measure(|| Ok(rake(&sample.base, &sample.margins, &options())?))?;
    let squares: f64 = raked.weights.iter().map(|weight| weight * weight).sum();
    Ok(json!({ "wall": wall, "cpu": cpu, "sum_of_squares": squares, "miss": raked.worst.relative }))
}

fn estimates(
    sample: &Sample,
    design: impl Fn(Vec<f64>) -> Design,
    out: Option<&String>,
) -> Outcome<serde_json::Value> {
    let raked = rake(&sample.base, &sample.margins, &options())?;
    let (breakdowns, values) = (sample.breakdowns(), sample.values());
    let (wall, cpu, cells) = measure(|| {
        let design =
            Design { adjustments: vec![raked.regression.clone()], ..design(raked.weights.clone()) };
        let linearisation = Linearisation::new(design)?;
        Ok(estimate::kernel::means(&linearisation, &values, &breakdowns)?)
    })?;
    if let Some(out) = out {
        let cell = |indicator: usize, breakdown: usize, level: usize| {
            let cell: &estimate::kernel::Cell = &cells[indicator][breakdown][level];
            (cell.mean, cell.standard_error)
        };
        fs::write(out, sample.table(cell))?;
    }
    Ok(json!({ "wall": wall, "cpu": cpu }))
}

fn bootstrap(
    sample: &Sample,
    out: Option<&String>,
    weights: Option<&String>,
) -> Outcome<serde_json::Value> {
    let full = rake(&sample.base, &sample.margins, &options())?.weights;
    let (breakdowns, values) = (sample.breakdowns(), sample.values());
    let design = Design::of_elements(sample.base.clone());
    let replicates = || -> Outcome<Reweighted> {
        let plan = ReplicatePlan::new(&design, Method::RaoWu, REPLICATES, SEED)?;
        Ok(Reweighted::raked(plan, Raking::new(&sample.base, &sample.margins, options())?)?)
    };
    let (wall, cpu, means) =
        measure(|| Ok(replicate::means(&replicates()?, &full, &values, &breakdowns)?))?;
    if let Some(out) = out {
        let cell = |indicator: usize, breakdown: usize, level: usize| {
            let cell: &replicate::ReplicateMean = &means[indicator][breakdown][level];
            (cell.mean, cell.standard_error)
        };
        fs::write(out, sample.table(cell))?;
    }
    if let Some(weights) = weights {
        write_weights(weights, &full, &replicates()?)?;
    }
    Ok(json!({ "wall": wall, "cpu": cpu }))
}

/// Full-sample and replicate weights, a row a respondent, for others to repeat the errors with.
fn write_weights(path: &str, full: &[f64], replicates: &dyn Replicates) -> Outcome<()> {
    let mut columns = vec![full.to_vec()];
    for index in 0..replicates.count() {
        let mut column = vec![0.0; full.len()];
        replicates.fill(index, &mut column);
        columns.push(column);
    }
    let mut text = String::from("w");
    (1..columns.len()).try_for_each(|index| write!(text, ",r{index}"))?;
    for row in 0..full.len() {
        for (index, column) in columns.iter().enumerate() {
            write!(text, "{}{}", if index == 0 { '\n' } else { ',' }, column[row])?;
        }
    }
    Ok(fs::write(path, text + "\n")?)
}

impl Sample {
    fn read(folder: &Path, rows: &str) -> Outcome<Self> {
        let mut reader = csv::Reader::from_path(folder.join(format!("sample_{rows}.csv")))?;
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let mut base = Vec::new();
        let mut columns: Vec<Vec<u16>> = vec![Vec::new(); names.len()];
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            base.push(std::str::from_utf8(&record[0])?.parse()?);
            for (column, cell) in columns.iter_mut().zip(&record).skip(1) {
                column.push(cell.iter().fold(0, |code, digit| 10 * code + u16::from(digit - b'0')));
            }
        }
        let mut columns: BTreeMap<String, Vec<u16>> = names.into_iter().zip(columns).collect();
        let codes = |column: Vec<u16>| column.into_iter().map(u32::from).collect::<Vec<u32>>();
        let targets: BTreeMap<String, Vec<f64>> =
            serde_json::from_str(&fs::read_to_string(folder.join("targets.json"))?)?;
        let mut margins = Vec::new();
        for (name, totals) in targets {
            let level = |(code, &total): (usize, &f64)| Level {
                name: code.to_string(),
                total: Some(total),
            };
            let levels = totals.iter().enumerate().map(level).collect();
            let column = columns.remove(&name).ok_or("a column a margin")?;
            margins.push(Margin { name, codes: codes(column).into(), levels });
        }
        let breakdowns = ["g1", "g2", "g3"]
            .map(|name| (name.to_owned(), columns.remove(name).map(codes).unwrap_or_default()));
        let mut part = |name: &str| columns.remove(name).map(codes).unwrap_or_default();
        let (strata, clusters) = (part("h"), part("p"));
        let answers = |(name, column): (String, Vec<u16>)| {
            (name, column.into_iter().map(|answer| answer as u8).collect())
        };
        let indicators =
            columns.into_iter().filter(|column| column.0.starts_with('q')).map(answers).collect();
        Ok(Self { base, margins, breakdowns: breakdowns.into(), indicators, strata, clusters })
    }

    fn clustered(&self, weights: Vec<f64>) -> Design {
        let (strata, units) = (self.strata.clone(), self.clusters.clone());
        let stage = Stage { strata, units, population: None };
        Design { stages: vec![stage], ..Design::of_elements(weights) }
    }

    fn breakdowns(&self) -> Vec<Breakdown<'_>> {
        let levels = |codes: &[u32]| codes.iter().max().map_or(0, |&code| code as usize + 1);
        let of = |(_, codes): &'_ (String, Vec<u32>)| levels(codes);
        self.breakdowns
            .iter()
            .map(|breakdown| Breakdown { codes: &breakdown.1, levels: of(breakdown) })
            .collect()
    }

    fn values(&self) -> Vec<Values<'_>> {
        self.indicators.iter().map(|indicator| Values::Binary(&indicator.1)).collect()
    }

    /// breakdown, level, indicator, estimate, error.
    fn table(&self, cell: impl Fn(usize, usize, usize) -> (f64, f64)) -> String {
        let mut text = String::from("breakdown,level,indicator,estimate,error\n");
        for (breakdown, shape) in self.breakdowns().iter().enumerate() {
            for level in 0..shape.levels {
                for indicator in 0..self.indicators.len() {
                    let (estimate, error) = cell(indicator, breakdown, level);
                    let (name, question) =
                        (&self.breakdowns[breakdown].0, &self.indicators[indicator].0);
                    writeln!(text, "{name},{level},{question},{estimate},{error}").ok();
                }
            }
        }
        text
    }
}
