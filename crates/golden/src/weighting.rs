//! The design of a case and its weighting steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use survey::design::{Adjustment, Design, LonelyPsu, NO_CODE, Stage};
use weight::calibrate::{CalibrateOptions, Distance, NumericTotal, Totals, calibrate};
use weight::nonresponse::adjust_classes;
use weight::post_stratify::post_stratify;
use weight::rake::{Convergence, RakeOptions, rake};
use weight::trim::{TrimOptions, trim};
use weight::{Level, Margin};

use crate::error::Error;
use crate::error::misfit;
use crate::frame::Frame;
use crate::spec::{DesignSpec, DistanceSpec, Lonely, Spec, Step, Target, Term, cell_text};

/// The design before any weighting step.
pub fn base_design(frame: &Frame, spec: &DesignSpec) -> Result<Design, Error> {
    let weights = frame.numbers(&spec.weights)?;
    let mut stages: Vec<Stage> = Vec::new();
    let sizes = spec.fpc.iter().map(|name| frame.numbers(name)).collect::<Result<Vec<_>, _>>()?;
    // As R: fractions when nothing in any stage is above 1.
    let are_fractions = !sizes.iter().flatten().any(|&size| size > 1.0);
    for index in 0..spec.ids.len().max(1) {
        // Several columns are crossed; strata are those of the first stage.
        let strata =
            if index == 0 { crossed_codes(frame, &spec.strata)? } else { vec![0; frame.rows()] };
        let units = match spec.ids.get(index) {
            None => (0..frame.rows() as u32).collect(),
            Some(name) if index == 0 && spec.nest => codes(
                strata
                    .iter()
                    .zip(frame.cells(name)?)
                    .map(|(stratum, cell)| (*stratum, cell.as_str())),
            ),
            Some(name) => {
                let parents = stages
                    .last()
                    .map_or_else(|| vec![0; frame.rows()], |stage| stage.units.clone());
                codes(
                    parents
                        .iter()
                        .zip(frame.cells(name)?)
                        .map(|(parent, cell)| (*parent, cell.as_str())),
                )
            }
        };
        let mut population = sizes.get(index).cloned();
        if let Some(fractions) = population.as_mut().filter(|_| are_fractions) {
            let parents = stages.last().map(|stage| stage.units.as_slice());
            let counts = units_of_stratum(parents, &strata, &units);
            fractions.iter_mut().zip(counts).for_each(|(size, count)| *size = count / *size);
        }
        stages.push(Stage { strata, units, population });
    }
    let lonely_psu = match spec.lonely_psu {
        Lonely::Fail => LonelyPsu::Fail,
        Lonely::Remove | Lonely::Certainty => LonelyPsu::Remove,
        Lonely::Adjust => LonelyPsu::Adjust,
        Lonely::Average => LonelyPsu::Average,
    };
    Ok(Design { stages, weights, lonely_psu, adjustments: Vec::new() })
}

/// Code of each row's cell in the cross of some columns; one code without columns.
fn crossed_codes(frame: &Frame, names: &[String]) -> Result<Vec<u32>, Error> {
    let mut crossed = vec![0; frame.rows()];
    for name in names {
        let cells = frame.cells(name)?.iter().map(String::as_str);
        crossed = codes(crossed.iter().zip(cells).map(|(before, cell)| (*before, cell)));
    }
    Ok(crossed)
}

/// Sampled units in each row's stratum, within the unit of the stage before.
fn units_of_stratum(parents: Option<&[u32]>, strata: &[u32], units: &[u32]) -> Vec<f64> {
    let key = |row: usize| (parents.map_or(0, |parents| parents[row]), strata[row]);
    let all: BTreeSet<_> = (0..units.len()).map(|row| (key(row), units[row])).collect();
    let mut counts: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for (key, _) in &all {
        *counts.entry(*key).or_default() += 1.0;
    }
    (0..units.len()).map(|row| counts[&key(row)]).collect()
}

/// Weights after all steps, with what the variance needs.
pub fn run_steps(
    frame: &Frame,
    spec: &Spec,
    design: &Design,
    base: &[f64],
) -> Result<(Vec<f64>, Vec<Adjustment>), Error> {
    let mut weights = base.to_vec();
    let mut adjustments = Vec::new();
    for step in &spec.weighting {
        let (next, adjustment) = run_step(frame, step, design, &weights)?;
        weights = next;
        adjustments.extend(adjustment);
    }
    Ok((weights, adjustments))
}

fn run_step(
    frame: &Frame,
    step: &Step,
    design: &Design,
    base: &[f64],
) -> Result<(Vec<f64>, Option<Adjustment>), Error> {
    match step {
        Step::Rake { margins, tolerance, max_iterations, .. } => {
            let margins =
                margins.iter().map(|margin| crossed(frame, &margin.variables, &margin.targets));
            let margins = margins.collect::<Result<Vec<_>, _>>()?;
            let part =
                if *tolerance < 1.0 { *tolerance } else { tolerance / base.iter().sum::<f64>() };
            let options = RakeOptions {
                convergence: Convergence::TableChange(part),
                max_rounds: *max_iterations,
            };
            let raked = rake(base, &margins, &options)?;
            Ok((raked.weights, Some(raked.sweeps)))
        }
        Step::Poststratify { variables, targets } => {
            let stratified = post_stratify(base, &crossed(frame, variables, targets)?)?;
            Ok((stratified.weights, Some(stratified.adjustment)))
        }
        Step::Calibrate { .. } => {
            let (totals, options) = calibration(frame, step, design)?;
            let calibrated = calibrate(base, &totals, &options)?;
            Ok((calibrated.weights, Some(calibrated.adjustment)))
        }
        Step::Trim { lower, upper, strict } => {
            let (lower, upper) =
                (lower.unwrap_or(f64::NEG_INFINITY), upper.unwrap_or(f64::INFINITY));
            Ok((trim(base, TrimOptions { lower, upper, strict: *strict })?.weights, None))
        }
        Step::NonresponseClasses { respondent_if_not_missing, cells } => {
            let responds: Vec<bool> = frame
                .cells(respondent_if_not_missing)?
                .iter()
                .map(|cell| !cell.is_empty())
                .collect();
            let classes = keys(frame, cells)?;
            let mut names: Vec<String> = classes.iter().flatten().cloned().collect();
            names.sort();
            names.dedup();
            let code = |key: &Option<String>| {
                key.as_ref()
                    .and_then(|key| names.binary_search(key).ok())
                    .map_or(NO_CODE, |code| code as u32)
            };
            let classes: Vec<u32> = classes.iter().map(code).collect();
            Ok((adjust_classes(base, &responds, &classes, &names)?, None))
        }
    }
}

fn calibration(
    frame: &Frame,
    step: &Step,
    design: &Design,
) -> Result<(Totals, CalibrateOptions), Error> {
    let Step::Calibrate {
        distance,
        terms,
        epsilon,
        max_iterations,
        bounds,
        variance,
        equal_within_stage,
    } = step
    else {
        return Ok(Default::default());
    };
    let mut totals = Totals::default();
    for term in terms {
        match term {
            Term::Intercept { total } => totals.population = Some(*total),
            Term::Numeric { variable, total } => {
                let values = frame.numbers(variable)?.into();
                totals.numeric.push(NumericTotal { name: variable.clone(), values, total: *total });
            }
            Term::Categorical { variable, targets } => {
                let names = std::slice::from_ref(variable);
                let level = |(level, total): (&String, &f64)| (level.clone(), Some(*total));
                totals.margins.push(margin(frame, names, targets.iter().map(level).collect())?);
            }
        }
    }
    let unit = |stage: usize| {
        let stage = design.stages.get(stage.wrapping_sub(1));
        let stage = stage.ok_or_else(|| {
            misfit("equal_within_stage", "no such stage", "a stage of the design")
        })?;
        Ok::<Arc<[u32]>, Error>(stage.units.as_slice().into())
    };
    let distance = match distance {
        DistanceSpec::Linear => Distance::Linear,
        DistanceSpec::Raking => Distance::Raking,
        DistanceSpec::Logit => Distance::Logit,
    };
    let options = CalibrateOptions {
        distance,
        bounds: bounds.map(|(lower, upper)| {
            (lower.unwrap_or(f64::NEG_INFINITY), upper.unwrap_or(f64::INFINITY))
        }),
        tolerance: *epsilon,
        max_rounds: *max_iterations,
        variance: variance.as_ref().map(|name| frame.numbers(name).map(Into::into)).transpose()?,
        equal_within: equal_within_stage.map(unit).transpose()?,
    };
    Ok((totals, options))
}

/// A margin over the cross of several variables.
fn crossed(frame: &Frame, variables: &[String], targets: &[Target]) -> Result<Margin, Error> {
    let mut levels = Vec::new();
    for target in targets {
        let part = |name: &String| {
            target
                .get(name)
                .map(cell_text)
                .ok_or_else(|| misfit("target", format!("no `{name}`"), "a level"))
        };
        let parts = variables.iter().map(part).collect::<Result<Vec<_>, _>>()?;
        let total = target.get("total").and_then(serde_json::Value::as_f64);
        let total = total.ok_or_else(|| misfit("target", "no `total`", "a number"))?;
        if target.len() != variables.len() + 1 {
            return Err(misfit(
                "target",
                format!("{} keys", target.len()),
                "its variables and `total`",
            ));
        }
        levels.push((parts.join(" × "), Some(total)));
    }
    margin(frame, variables, levels)
}

fn margin(
    frame: &Frame,
    variables: &[String],
    mut levels: Vec<(String, Option<f64>)>,
) -> Result<Margin, Error> {
    let keys = keys(frame, variables)?;
    let mut index: BTreeMap<String, u32> = BTreeMap::new();
    for (code, (name, _)) in levels.iter().enumerate() {
        index.insert(name.clone(), code as u32);
    }
    let mut codes = Vec::with_capacity(keys.len());
    for key in keys {
        codes.push(key.map_or(NO_CODE, |key| {
            *index.entry(key.clone()).or_insert_with(|| {
                levels.push((key, None));
                levels.len() as u32 - 1
            })
        }));
    }
    let levels = levels.into_iter().map(|(name, total)| Level { name, total }).collect();
    Ok(Margin { name: variables.join(" × "), codes: codes.into(), levels })
}

/// Cell of the cross of several variables; `None` when one of them is missing.
fn keys(frame: &Frame, variables: &[String]) -> Result<Vec<Option<String>>, Error> {
    let columns = variables.iter().map(|name| frame.cells(name)).collect::<Result<Vec<_>, _>>()?;
    let key = |row: usize| {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        (!cells.contains(&"")).then(|| cells.join(" × "))
    };
    Ok((0..frame.rows()).map(key).collect())
}

/// Codes in the order of the values.
fn codes<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Vec<u32> {
    let values: Vec<T> = values.collect();
    let mut distinct = values.clone();
    distinct.sort_unstable();
    distinct.dedup();
    values
        .iter()
        .filter_map(|value| distinct.binary_search(value).ok())
        .map(|code| code as u32)
        .collect()
}
