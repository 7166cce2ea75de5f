//! The stage: one panel-wave's respondents get weights that meet the population totals.

mod diagnostic;
mod margins;
mod method;
mod refusal;
mod respondents;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use survey::design::NO_CODE;
use survey::handoff::WeightedAbout;
use survey::{Checked, Warning, Weighted};

use self::margins::Target;
use self::method::Outcome;
pub use self::refusal::{Fault, Refusal, Targets};
use self::respondents::Part;
use crate::{Error, Settings};

/// Weights the respondents of one panel-wave; those left out by name keep their row with weight 0.
///
/// Extra `calibration` has `margin_{k}` Int32 a margin: the respondent's level, -1 where it took no part in the
/// calibration. Extra `diagnostic`: `measure`, `margin`, `level`, `value`.
pub fn calibrate_panel_wave(checked: &Checked, settings: &Settings) -> Result<Weighted, Error> {
    let sample = sample(checked, settings).map_err(|faults| {
        Error::Stage(Box::new(Refusal { panel_wave: settings.panel_wave.clone(), faults }))
    })?;
    let outcome = method::weigh(&sample, settings).map_err(|fault| {
        Error::Stage(Box::new(Refusal {
            panel_wave: settings.panel_wave.clone(),
            faults: vec![*fault],
        }))
    })?;
    let diagnostic = diagnostic::describe(&sample, &outcome, settings);
    let about = about(checked, settings, &sample, &outcome, &diagnostic);
    Ok(Weighted {
        table: with_weights(&checked.table, &sample.base, &outcome.weights),
        extra: BTreeMap::from([
            ("calibration".to_owned(), calibration(&sample)),
            ("diagnostic".to_owned(), diagnostic.table()),
        ]),
        findings: Vec::new(),
        warnings: warnings(settings, &outcome),
        about,
    })
}

/// Everything the methods need to know of one panel-wave.
struct Sample {
    /// Base weight as delivered.
    base: Vec<f64>,
    parts: Vec<Part>,
    targets: Vec<Target>,
    /// Σ of all final weights.
    population: f64,
    /// Share of the population that the calibrated respondents stand for; the neutral ones have the rest.
    calibrated_share: f64,
}

impl Sample {
    /// Base weight of the rows in `part`, 0 elsewhere, scaled to add up to their share of the population.
    fn scaled_base(&self, part: Part) -> Vec<f64> {
        let kept = |row: usize| if self.parts[row] == part { self.base[row] } else { 0.0 };
        let in_sample: f64 = (0..self.base.len())
            .filter(|&row| matches!(self.parts[row], Part::Calibrated | Part::Neutral))
            .map(|row| self.base[row])
            .sum();
        (0..self.base.len()).map(|row| kept(row) * self.population / in_sample).collect()
    }
}

fn sample(checked: &Checked, settings: &Settings) -> Result<Sample, Vec<Fault>> {
    if checked.about.panel_wave != settings.panel_wave {
        return Err(vec![Fault::OtherPanelWave { found: checked.about.panel_wave.clone() }]);
    }
    let table = &checked.table;
    let mut faults = method::check(settings);
    let base = base_or(&mut faults, respondents::base_weights(table, settings), table.num_rows());
    let auxiliaries =
        margins::auxiliaries(table, &checked.about.asked, settings).unwrap_or_else(|more| {
            faults.extend(more);
            Vec::new()
        });
    let (parts, more) = respondents::parts(table, &auxiliaries, settings);
    faults.extend(more);
    let sum_of = |wanted: &[Part]| -> f64 {
        (0..base.len()).filter(|&row| wanted.contains(&parts[row])).map(|row| base[row]).sum()
    };
    let (calibrated, all) =
        (sum_of(&[Part::Calibrated]), sum_of(&[Part::Calibrated, Part::Neutral]));
    if faults.is_empty() && calibrated <= 0.0 {
        return Err(vec![nobody(table.num_rows(), &parts)]);
    }
    if !faults.is_empty() && auxiliaries.is_empty() {
        return Err(faults);
    }
    let population = margins::population(&auxiliaries, settings).unwrap_or(all);
    let calibrated_share = calibrated / all;
    match margins::targets(&auxiliaries, &parts, &base, population * calibrated_share, settings) {
        Ok(targets) if faults.is_empty() => {
            Ok(Sample { base, parts, targets, population, calibrated_share })
        }
        Ok(_) => Err(faults),
        Err(more) => Err([faults, more].concat()),
    }
}

fn base_or(faults: &mut Vec<Fault>, base: Result<Vec<f64>, Box<Fault>>, rows: usize) -> Vec<f64> {
    base.unwrap_or_else(|fault| {
        faults.push(*fault);
        vec![1.0; rows]
    })
}

fn nobody(rows: usize, parts: &[Part]) -> Fault {
    let counts: Vec<String> = respondents::part_counts(parts)
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(measure, count)| format!("{measure} = {count}"))
        .collect();
    let hint = if counts.is_empty() {
        "did a filter of an earlier stage take all rows? `peil show checked` tells".to_owned()
    } else {
        counts.join(", ")
    };
    Fault::NoRespondents { rows, hint }
}

fn with_weights(table: &RecordBatch, base: &[f64], weights: &[f64]) -> RecordBatch {
    let mut fields: Vec<Arc<Field>> = table.schema().fields().iter().cloned().collect();
    let mut columns: Vec<ArrayRef> = table.columns().to_vec();
    for (name, values) in [("base_weight", base), ("weight", weights)] {
        fields.push(Arc::new(Field::new(name, DataType::Float64, false)));
        columns.push(Arc::new(Float64Array::from(values.to_vec())));
    }
    batch(fields, columns, table.num_rows())
}

fn calibration(sample: &Sample) -> RecordBatch {
    let index = |code: u32| if code == NO_CODE { -1 } else { code as i32 };
    let (fields, columns) = sample
        .targets
        .iter()
        .enumerate()
        .map(|(k, target)| {
            let field = Arc::new(Field::new(format!("margin_{k}"), DataType::Int32, false));
            let column: ArrayRef = Arc::new(
                target.margin.codes.iter().map(|&code| index(code)).collect::<Int32Array>(),
            );
            (field, column)
        })
        .unzip();
    batch(fields, columns, sample.base.len())
}

/// A table whose columns were made here, one value a row.
fn batch(fields: Vec<Arc<Field>>, columns: Vec<ArrayRef>, rows: usize) -> RecordBatch {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .expect("all columns have one value a row")
}

fn about(
    checked: &Checked,
    settings: &Settings,
    sample: &Sample,
    outcome: &Outcome,
    diagnostic: &diagnostic::Diagnostic,
) -> WeightedAbout {
    WeightedAbout {
        panel_wave: settings.panel_wave.clone(),
        delivery: checked.about.delivery.clone(),
        asked: checked.about.asked.clone(),
        method: method::name(settings.weighting.method).to_owned(),
        margins: sample.targets.iter().map(|target| target.margin.name.clone()).collect(),
        rounds: outcome.rounds as u32,
        converged: outcome.converged,
        largest_distance: diagnostic.largest_distance,
        deff_kish: diagnostic.design_effect,
        n_eff: diagnostic.effective_sample_size,
        population: sample.population,
    }
}

fn warnings(settings: &Settings, outcome: &Outcome) -> Vec<Warning> {
    let unused = margins::unused_margins(settings).into_iter().map(|margin| {
        let panel = &settings.panel_wave.panel;
        (
            "target_not_used",
            format!(
                "config/targets/{panel}.csv: margin `{margin}` is in no margin of the weighting"
            ),
        )
    });
    unused
        .chain(outcome.notes.iter().cloned())
        .map(|(code, message)| Warning {
            code: code.to_owned(),
            panel: Some(settings.panel_wave.panel.clone()),
            wave: Some(settings.panel_wave.wave),
            message: format!("{}: {message}", settings.panel_wave),
        })
        .collect()
}
