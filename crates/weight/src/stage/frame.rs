//! What the weighting reads of one panel-wave, and the sample that it makes of one set of base weights.

use std::sync::Arc;

use arrow::array::RecordBatch;
use survey::Checked;

use super::margins::{self, Auxiliary, Of, Target};
use super::nonresponse::Classes;
use super::numbers::{self, Number, NumericTarget};
use super::refusal::Fault;
use super::respondents::{self, Part};
use super::sampling::Sampled;
use crate::Settings;

/// One panel-wave's answers as the weighting reads them; a value a respondent.
pub(super) struct Frame {
    /// Base weight as delivered.
    pub base: Vec<f64>,
    pub parts: Vec<Part>,
    pub auxiliaries: Vec<Auxiliary>,
    pub numbers: Vec<Number>,
    /// Heteroscedasticity.
    pub variance: Option<Arc<[f64]>>,
    pub classes: Option<Classes>,
    pub sampled: Sampled,
}

/// What the methods need to know of one set of base weights.
pub(super) struct Sample {
    /// Base weight after the nonresponse adjustment; 0 for who takes no part.
    pub base: Vec<f64>,
    pub parts: Vec<Part>,
    pub targets: Vec<Target>,
    pub numeric: Vec<NumericTarget>,
    pub variance: Option<Arc<[f64]>>,
    /// Cluster of the row, where g is equal in it.
    pub equal_within: Option<Arc<[u32]>>,
    /// Σ of all final weights.
    pub population: f64,
    /// Share of the population that the calibrated respondents stand for; the neutral ones have the rest.
    pub calibrated_share: f64,
}

impl Frame {
    /// Reads the columns that the settings name; all faults at once.
    pub fn read(checked: &Checked, settings: &Settings) -> Result<Self, Vec<Fault>> {
        let (table, asked) = (&checked.table, &checked.about.asked);
        let mut faults = super::method::check(settings);
        let rows = table.num_rows();
        let base = respondents::base_weights(table, settings).unwrap_or_else(|fault| {
            faults.push(*fault);
            vec![1.0; rows]
        });
        let mut told = |more: Vec<Fault>| faults.extend(more);
        let auxiliaries = margins::auxiliaries(table, asked, settings).unwrap_or_else(|more| {
            told(more);
            Vec::new()
        });
        let numbers = numbers::auxiliaries(table, asked, settings).unwrap_or_else(|more| {
            told(more);
            Vec::new()
        });
        let mut parts = respondents::flagged(table, settings);
        let classes = Classes::read(table, asked, &mut parts, settings).unwrap_or_else(|more| {
            told(more);
            None
        });
        told(respondents::missing_auxiliaries(table, &auxiliaries, &numbers, &mut parts, settings));
        let variance = numbers::variance(table, asked, &parts, settings).unwrap_or_else(|more| {
            told(more);
            None
        });
        let sampled = Sampled::read(table, asked, &parts, settings).unwrap_or_else(|more| {
            told(more);
            Sampled::default()
        });
        if faults.is_empty() {
            return Ok(Self { base, parts, auxiliaries, numbers, variance, classes, sampled });
        }
        if auxiliaries.is_empty() {
            return Err(faults);
        }
        // What is wrong with the totals is told together with what is wrong with the answers.
        let frame = Self {
            base,
            parts,
            auxiliaries,
            numbers,
            variance,
            classes,
            sampled: Sampled::default(),
        };
        if let Err(more) = frame.sample(&frame.base, (settings, Of::Sample)) {
            faults.extend(
                more.into_iter().filter(|fault| !matches!(fault, Fault::NoRespondents { .. })),
            );
        }
        Err(faults)
    }

    /// The sample with these base weights: nonresponse adjusted, targets of everybody who has a weight.
    pub fn sample(
        &self,
        base: &[f64],
        (settings, of): (&Settings, Of),
    ) -> Result<Sample, Vec<Fault>> {
        let base = self.adjusted(base, of)?;
        let sum_of = |wanted: &[Part]| -> f64 {
            (0..base.len())
                .filter(|&row| wanted.contains(&self.parts[row]))
                .map(|row| base[row])
                .sum()
        };
        let (calibrated, all) =
            (sum_of(&[Part::Calibrated]), sum_of(&[Part::Calibrated, Part::Neutral]));
        if calibrated <= 0.0 {
            return Err(vec![nobody(base.len(), &self.parts)]);
        }
        let population = margins::population(&self.auxiliaries, settings).unwrap_or(all);
        let calibrated_share = calibrated / all;
        let size = population * calibrated_share;
        let how = (settings, of);
        let targets = margins::targets(&self.auxiliaries, &self.parts, &base, size, how);
        let numeric =
            numbers::targets(&self.numbers, &self.parts, &base, calibrated_share, settings);
        let (targets, numeric) = match (targets, numeric) {
            (Ok(targets), Ok(numeric)) => (targets, numeric),
            (targets, numeric) => {
                let faults = [targets.err(), numeric.err()];
                return Err(faults.into_iter().flatten().flatten().collect());
            }
        };
        Ok(Sample {
            base,
            parts: self.parts.clone(),
            targets,
            numeric,
            variance: self.variance.clone(),
            equal_within: self
                .sampled
                .units
                .clone()
                .filter(|_| settings.weighting.equal_within_clusters),
            population,
            calibrated_share,
        })
    }

    /// Base weights of those who answered, with those of their class who did not.
    fn adjusted(&self, base: &[f64], of: Of) -> Result<Vec<f64>, Vec<Fault>> {
        let takes_part = |row: usize| !matches!(self.parts[row], Part::Flagged);
        let base: Vec<f64> =
            (0..base.len()).map(|row| if takes_part(row) { base[row] } else { 0.0 }).collect();
        match &self.classes {
            None => Ok(base),
            Some(classes) => classes.adjust(&base, of).map_err(|fault| vec![*fault]),
        }
    }
}

impl Sample {
    /// Base weight of the rows in `part`, 0 elsewhere, scaled to add up to their share of the population.
    pub fn scaled_base(&self, part: Part) -> Vec<f64> {
        let kept = |row: usize| if self.parts[row] == part { self.base[row] } else { 0.0 };
        let in_sample: f64 = (0..self.base.len())
            .filter(|&row| matches!(self.parts[row], Part::Calibrated | Part::Neutral))
            .map(|row| self.base[row])
            .sum();
        (0..self.base.len()).map(|row| kept(row) * self.population / in_sample).collect()
    }
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

/// Names of a column's values, whatever its kind; none where it is empty.
pub(super) fn names(table: &RecordBatch, concept: &str) -> Option<Vec<Option<String>>> {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Float64Type, Int16Type};
    let column = table.column_by_name(concept)?;
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Some(texts.iter().map(|text| text.map(str::to_owned)).collect());
    }
    if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
        return Some(
            numbers.iter().map(|number| number.map(|number| number.to_string())).collect(),
        );
    }
    let codes = column.as_dictionary_opt::<Int16Type>()?;
    let values = codes.values().as_string_opt::<i32>()?;
    let name = |key: Option<i16>| key.map(|key| values.value(key as usize).to_owned());
    Some(
        (0..codes.len())
            .map(|row| name(codes.keys().is_valid(row).then(|| codes.keys().value(row))))
            .collect(),
    )
}
