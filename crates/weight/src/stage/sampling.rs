//! How the respondents were drawn: strata, primary sampling units and their number in the population.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use survey::design::{Design, LonelyPsu, NO_CODE, Stage};

use super::frame::names;
use super::margins::{Auxiliary, crossed, margin_totals, place};
use super::numbers::TOTAL;
use super::refusal::Fault;
use super::respondents::{Part, records};
use crate::Settings;

/// The sample design; a value a respondent, `NO_CODE` for those who were left out.
#[derive(Default)]
pub(super) struct Sampled {
    pub strata: Option<Auxiliary>,
    /// Position of the cluster among `unit_names`.
    pub units: Option<Arc<[u32]>>,
    pub unit_names: Vec<String>,
    /// Units in the population of the respondent's stratum.
    pub population: Option<Vec<f64>>,
}

impl Sampled {
    pub fn read(
        table: &RecordBatch,
        asked: &BTreeSet<String>,
        parts: &[Part],
        settings: &Settings,
    ) -> Result<Self, Vec<Fault>> {
        let design = &settings.design;
        let mut sampled = Self::default();
        if !design.strata.is_empty() {
            let mut strata = crossed(table, "design.strata", &design.strata, asked, settings)?;
            let known = |row: usize| strata.codes[row] != NO_CODE;
            let names = strata.name.clone();
            everybody(table, parts, "design.strata", &names, known, settings)?;
            leave_out(&mut strata.codes, parts);
            sampled.strata = Some(strata);
        }
        if let Some(clusters) = &design.clusters {
            sampled.read_clusters(table, asked, parts, clusters, settings)?;
        }
        if let Some(margin) = &design.population {
            sampled.population = Some(sampled.read_population(parts, margin, settings)?);
        }
        if design.lonely_psu == LonelyPsu::Fail && !design.is_of_respondents() {
            sampled.refuse_lonely(parts, settings)?;
        }
        Ok(sampled)
    }

    fn read_clusters(
        &mut self,
        table: &RecordBatch,
        asked: &BTreeSet<String>,
        parts: &[Part],
        concept: &str,
        settings: &Settings,
    ) -> Result<(), Vec<Fault>> {
        let key = "design.clusters";
        let Some(names) = names(table, concept).filter(|_| asked.contains(concept)) else {
            return Err(vec![Fault::NotAsked {
                panel: settings.panel_wave.panel.clone(),
                place: key.to_owned(),
                concept: concept.to_owned(),
            }]);
        };
        everybody(table, parts, key, concept, |row| names[row].is_some(), settings)?;
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut codes = vec![NO_CODE; parts.len()];
        let mut stratum_of_unit: Vec<u32> = Vec::new();
        for (row, name) in names.into_iter().enumerate() {
            let (Some(name), true) = (name, is_in_sample(parts[row])) else { continue };
            let stratum = self.strata.as_ref().map_or(0, |strata| strata.codes[row]);
            let name = match &self.strata {
                Some(strata) if settings.design.nested => {
                    format!("{}*{name}", strata.cells[stratum as usize])
                }
                _ => name,
            };
            let next = known.len() as u32;
            let unit = *known.entry(name.clone()).or_insert(next);
            if unit == next {
                self.unit_names.push(name);
                stratum_of_unit.push(stratum);
            }
            let first = stratum_of_unit[unit as usize];
            if let (Some(strata), true) = (&self.strata, first != stratum) {
                let name = |code: u32| strata.cells[code as usize].clone();
                return Err(vec![Fault::ClusterInTwoStrata {
                    panel: settings.panel_wave.panel.clone(),
                    first: name(first),
                    other: name(stratum),
                }]);
            }
            codes[row] = unit;
        }
        self.units = Some(codes.into());
        Ok(())
    }

    fn read_population(
        &self,
        parts: &[Part],
        margin: &str,
        settings: &Settings,
    ) -> Result<Vec<f64>, Vec<Fault>> {
        let lines: BTreeMap<&str, _> =
            margin_totals(margin, settings).map(|total| (total.level.as_str(), total)).collect();
        let mut faults = Vec::new();
        let mut size_of: BTreeMap<u32, f64> = BTreeMap::new();
        for (stratum, units) in self.units_of_strata(parts) {
            let name = self.stratum_name(stratum);
            let margin = margin.to_owned();
            let Some(total) = lines.get(name.as_str()) else {
                let targets = place(settings, None);
                faults.push(Fault::StratumWithoutPopulation {
                    targets,
                    margin,
                    stratum: name,
                    units,
                });
                continue;
            };
            if !(total.total.is_finite() && total.total >= units as f64) {
                faults.push(Fault::PopulationTooSmall {
                    targets: place(settings, Some(total.line.0)),
                    margin,
                    stratum: name,
                    population: total.total,
                    units,
                });
            }
            size_of.insert(stratum, total.total);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok((0..parts.len())
            .map(|row| size_of.get(&self.stratum_of(row)).copied().unwrap_or(f64::INFINITY))
            .collect())
    }

    fn refuse_lonely(&self, parts: &[Part], settings: &Settings) -> Result<(), Vec<Fault>> {
        let sampled_whole = |stratum: u32| {
            self.population.as_ref().is_some_and(|sizes| {
                (0..parts.len()).any(|row| {
                    is_in_sample(parts[row]) && self.stratum_of(row) == stratum && sizes[row] <= 1.0
                })
            })
        };
        // Those who did not answer have no weight any more: they do not keep a stratum's company.
        let lonely = self
            .units_where(|row| matches!(parts[row], Part::Calibrated | Part::Neutral), parts.len())
            .into_iter()
            .filter(|&(stratum, units)| units == 1 && !sampled_whole(stratum));
        let faults: Vec<Fault> = lonely
            .map(|(stratum, _)| Fault::LonelyPsu {
                panel: settings.panel_wave.panel.clone(),
                stratum: self.stratum_name(stratum),
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Sampled units by stratum.
    pub fn units_of_strata(&self, parts: &[Part]) -> BTreeMap<u32, usize> {
        self.units_where(|row| is_in_sample(parts[row]), parts.len())
    }

    fn units_where(&self, counts: impl Fn(usize) -> bool, rows: usize) -> BTreeMap<u32, usize> {
        let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
        for row in (0..rows).filter(|&row| counts(row)) {
            seen.insert((self.stratum_of(row), self.unit_of(row)));
        }
        let mut counts = BTreeMap::new();
        for (stratum, _) in seen {
            *counts.entry(stratum).or_default() += 1;
        }
        counts
    }

    fn stratum_of(&self, row: usize) -> u32 {
        self.strata.as_ref().map_or(0, |strata| strata.codes[row])
    }

    fn unit_of(&self, row: usize) -> u32 {
        self.units.as_ref().map_or(row as u32, |units| units[row])
    }

    pub fn stratum_name(&self, stratum: u32) -> String {
        let strata = self.strata.as_ref();
        let name = strata.and_then(|strata| strata.cells.get(stratum as usize).cloned());
        name.unwrap_or_else(|| TOTAL.to_owned())
    }

    /// The design of these base weights, before any weighting step.
    pub fn design(&self, weights: Vec<f64>, lonely_psu: LonelyPsu) -> Design {
        let rows = 0..weights.len();
        let stage = Stage {
            strata: rows.clone().map(|row| self.stratum_of(row)).collect(),
            units: rows.map(|row| self.unit_of(row)).collect(),
            population: self.population.clone(),
        };
        Design { stages: vec![stage], weights, lonely_psu, adjustments: Vec::new() }
    }
}

/// Drawn, whether they answered or not: who is left out by name is no part of the sample.
pub(super) fn is_in_sample(part: Part) -> bool {
    matches!(part, Part::Calibrated | Part::Neutral | Part::Nonrespondent)
}

fn leave_out(codes: &mut [u32], parts: &[Part]) {
    for (code, _) in codes.iter_mut().zip(parts).filter(|(_, part)| !is_in_sample(**part)) {
        *code = NO_CODE;
    }
}

fn everybody(
    table: &RecordBatch,
    parts: &[Part],
    key: &'static str,
    concepts: &str,
    known: impl Fn(usize) -> bool,
    settings: &Settings,
) -> Result<(), Vec<Fault>> {
    let missing: Vec<usize> =
        (0..parts.len()).filter(|&row| is_in_sample(parts[row]) && !known(row)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(vec![Fault::NoPlaceInSample {
        panel: settings.panel_wave.panel.clone(),
        key,
        concepts: concepts.to_owned(),
        rows: missing.len(),
        records: records(table, &missing),
    }])
}
