//! `speed FILE.csv targets.json [expected.csv]`: raking and 720 calibration-aware estimates on a file of respondents.
//!
//! Columns m1..m5 (margins), bw (base weight), g1..g3 (breakdowns), q01..q40 (0/1); synthetic test data.
#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use estimate::Linearisation;
use estimate::kernel::{Breakdown, Values, means};
use survey::design::Design;
use weight::rake::{Convergence, RakeOptions, rake};
use weight::{Level, Margin};

type Columns = BTreeMap<String, Vec<String>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, targets, rest @ ..] = arguments.as_slice() else {
        return Err("expected: FILE.csv targets.json [expected.csv]".into());
    };
    let columns = read(data)?;
    let targets: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(targets)?)?;
    let base = columns["bw"].iter().map(|cell| cell.parse()).collect::<Result<Vec<f64>, _>>()?;
    let margins = margins(&columns, &targets)?;
    let codes: Vec<(Vec<u32>, Vec<String>)> =
        ["g1", "g2", "g3"].iter().map(|name| levels(&columns[*name])).collect();
    let breakdowns: Vec<Breakdown<'_>> =
        codes.iter().map(|(codes, names)| Breakdown { codes, levels: names.len() }).collect();
    let names: Vec<&String> = columns.keys().filter(|name| name.starts_with('q')).collect();
    let answers: Vec<Vec<u8>> = names
        .iter()
        .map(|name| columns[*name].iter().map(|cell| u8::from(cell == "1")).collect())
        .collect();
    let values: Vec<Values<'_>> = answers.iter().map(|answers| Values::Binary(answers)).collect();

    for _ in 0..3 {
        let start = Instant::now();
        let options = RakeOptions { convergence: Convergence::MarginMiss(1e-12), max_rounds: 500 };
        let raked = rake(&base, &margins, &options)?;
        let raking = start.elapsed();
        let design =
            Design { adjustments: vec![raked.regression], ..Design::of_elements(raked.weights) };
        let start = Instant::now();
        let linearisation = Linearisation::new(design)?;
        let prepared = start.elapsed();
        let cells = means(&linearisation, &values, &breakdowns)?;
        let estimated = start.elapsed();
        println!(
            "{} rows: raking {raking:.3?}, estimates {estimated:.3?} (of which design {prepared:.3?})",
            base.len()
        );
        if let [expected] = rest {
            println!(
                "largest relative difference: {:.2e}",
                largest_difference(expected, &cells, &codes, &names)?
            );
        }
    }
    Ok(())
}

fn largest_difference(
    expected: &str,
    cells: &[Vec<Vec<estimate::kernel::Cell>>],
    codes: &[(Vec<u32>, Vec<String>)],
    names: &[&String],
) -> Result<f64, Box<dyn Error>> {
    let mut largest = 0.0_f64;
    for record in csv::Reader::from_path(expected)?.records() {
        let record = record?;
        let breakdown =
            ["g1", "g2", "g3"].iter().position(|name| *name == &record[0]).ok_or("breakdown")?;
        let level = codes[breakdown].1.iter().position(|name| *name == record[1]).ok_or("level")?;
        let indicator = names.iter().position(|name| **name == record[2]).ok_or("indicator")?;
        let cell = cells[indicator][breakdown][level];
        for (found, wanted) in [(cell.mean, &record[3]), (cell.standard_error, &record[4])] {
            let wanted: f64 = wanted.parse()?;
            largest = largest.max((found / wanted - 1.0).abs());
        }
    }
    Ok(largest)
}

fn margins(columns: &Columns, targets: &serde_json::Value) -> Result<Vec<Margin>, Box<dyn Error>> {
    let targets = targets["margins"].as_object().ok_or("no margins")?;
    let margin = |(name, totals): (&String, &serde_json::Value)| {
        let (codes, names) = levels(&columns[name]);
        let level = |level: String| Level { total: totals[&level].as_f64(), name: level };
        Ok(Margin {
            name: name.clone(),
            codes: codes.into(),
            levels: names.into_iter().map(level).collect(),
        })
    };
    targets.iter().map(margin).collect()
}

fn levels(cells: &[String]) -> (Vec<u32>, Vec<String>) {
    let mut names = cells.to_vec();
    names.sort();
    names.dedup();
    let codes = cells
        .iter()
        .filter_map(|cell| names.binary_search(cell).ok())
        .map(|code| code as u32)
        .collect();
    (codes, names)
}

fn read(path: &str) -> Result<Columns, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for record in reader.records() {
        columns
            .iter_mut()
            .zip(record?.iter())
            .for_each(|(column, cell)| column.push(cell.to_owned()));
    }
    Ok(names.into_iter().zip(columns).collect())
}
