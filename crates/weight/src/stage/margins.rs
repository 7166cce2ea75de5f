//! Margins of the table: the cell of each respondent, and the population total of each cell.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Int16Type;
use config::PopulationTotal;
use config::panel::MissingAuxiliary;
use survey::design::NO_CODE;

use super::refusal::{Fault, Targets};
use super::respondents::Part;
use crate::{Level, Margin, Settings};

/// Relative difference between the populations of two margins that still counts as rounding.
const EQUAL_POPULATIONS: f64 = 1e-6;

/// The cell of each respondent in one (crossed) margin, among all cells that its answer lists allow.
pub(super) struct Auxiliary {
    pub name: String,
    /// Cell of the row; `NO_CODE` where one of the concepts is missing.
    pub codes: Vec<u32>,
    /// Names of all cells, codes joined by `*`.
    pub cells: Vec<String>,
}

/// A margin that is ready to be met, with the line of each level's total (none for the own category of the missing).
pub(super) struct Target {
    pub margin: Margin,
    pub lines: Vec<Option<u32>>,
}

/// Name of the cell that respondents without a value share.
const MISSING: &str = "missing";

/// The auxiliaries of all margins.
pub(super) fn auxiliaries(
    table: &RecordBatch,
    asked: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Vec<Auxiliary>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut auxiliaries = Vec::new();
    for concepts in &settings.weighting.margins {
        let place = format!("margin `{}`", concepts.join("*"));
        match crossed(table, &place, concepts, asked, settings) {
            Ok(auxiliary) => auxiliaries.push(auxiliary),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(auxiliaries) } else { Err(faults) }
}

/// The cell of each respondent in the cross of some concepts; `place` names them in messages.
pub(super) fn crossed(
    table: &RecordBatch,
    place: &str,
    concepts: &[String],
    asked: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Auxiliary, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut auxiliary = Auxiliary {
        name: concepts.join("*"),
        codes: vec![0; table.num_rows()],
        cells: vec![String::new()],
    };
    for concept in concepts {
        match coded(table, place, concept, asked, settings) {
            Ok(codes) => auxiliary.cross(&codes, &settings.codes[concept]),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(auxiliary) } else { Err(faults) }
}

impl Auxiliary {
    fn cross(&mut self, codes: &[u32], levels: &[String]) {
        for (cell, &code) in self.codes.iter_mut().zip(codes) {
            let known = *cell != NO_CODE && code != NO_CODE;
            *cell = if known { *cell * levels.len() as u32 + code } else { NO_CODE };
        }
        let join = |cell: &String, level: &String| {
            if cell.is_empty() { level.clone() } else { format!("{cell}*{level}") }
        };
        self.cells = self
            .cells
            .iter()
            .flat_map(|cell| levels.iter().map(move |level| join(cell, level)))
            .collect();
    }
}

/// The answer of each respondent as position in the concept's answer list.
fn coded(
    table: &RecordBatch,
    place: &str,
    concept: &str,
    asked: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Vec<u32>, Box<Fault>> {
    let panel = || settings.panel_wave.panel.clone();
    let refuse = |found: &str, hint: &str| {
        Box::new(Fault::NotACategory {
            panel: panel(),
            place: place.to_owned(),
            concept: concept.to_owned(),
            found: found.to_owned(),
            hint: hint.to_owned(),
        })
    };
    let levels = settings.codes.get(concept).filter(|levels| !levels.is_empty());
    if levels.is_some() && !asked.contains(concept) {
        return Err(Box::new(Fault::NotAsked {
            panel: panel(),
            place: place.to_owned(),
            concept: concept.to_owned(),
        }));
    }
    let Some((levels, column)) = levels.zip(table.column_by_name(concept)) else {
        return Err(refuse(
            "not there",
            "is it in config/codebook/concepts.csv with an answer list?",
        ));
    };
    let Some(column) = column.as_dictionary_opt::<Int16Type>() else {
        return Err(refuse("no category", "derive a category from it, e.g. an age group"));
    };
    let names: &StringArray = column.values().as_string();
    let positions: Vec<u32> = (0..names.len())
        .map(|key| {
            levels
                .iter()
                .position(|level| level == names.value(key))
                .map_or(NO_CODE, |at| at as u32)
        })
        .collect();
    let keys = column.keys();
    let codes: Vec<u32> = (0..keys.len())
        .map(|row| if keys.is_null(row) { NO_CODE } else { positions[keys.value(row) as usize] })
        .collect();
    let unknown =
        (0..keys.len()).filter(|&row| keys.is_valid(row) && codes[row] == NO_CODE).count();
    if unknown > 0 {
        return Err(Box::new(Fault::UnknownCode {
            place: place.to_owned(),
            concept: concept.to_owned(),
            rows: unknown,
            codes: levels.join(", "),
        }));
    }
    Ok(codes)
}

/// Whose weights are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Sample,
    /// A replicate may lose a level of a margin: the other levels then stand for the population.
    Replicate,
}

/// The targets of all margins over the calibrated respondents, each adding up to `population`; all faults at once.
pub(super) fn targets(
    auxiliaries: &[Auxiliary],
    parts: &[Part],
    base: &[f64],
    population: f64,
    (settings, of): (&Settings, Of),
) -> Result<Vec<Target>, Vec<Fault>> {
    let mut faults = unequal_populations(auxiliaries, settings);
    let mut targets = Vec::new();
    for auxiliary in auxiliaries {
        match target(auxiliary, parts, base, population, (settings, of)) {
            Ok(target) => targets.push(target),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(targets) } else { Err(faults) }
}

/// Size of the population as the first margin gives it.
pub(super) fn population(auxiliaries: &[Auxiliary], settings: &Settings) -> Option<f64> {
    auxiliaries
        .first()
        .map(|auxiliary| margin_totals(&auxiliary.name, settings).map(|total| total.total).sum())
}

/// Margins in the targets that the weighting does not use.
pub(super) fn unused_margins(settings: &Settings) -> Vec<String> {
    let mut used: Vec<String> =
        settings.weighting.margins.iter().map(|concepts| concepts.join("*")).collect();
    used.extend(settings.weighting.numeric.iter().chain(&settings.design.population).cloned());
    let mut unused: Vec<String> = settings
        .totals
        .iter()
        .map(|total| total.margin.clone())
        .filter(|name| !used.contains(name))
        .collect();
    unused.sort();
    unused.dedup();
    unused
}

pub(super) fn margin_totals<'a>(
    margin: &'a str,
    settings: &'a Settings,
) -> impl Iterator<Item = &'a PopulationTotal> {
    settings.totals.iter().filter(move |total| total.margin == margin)
}

pub(super) fn place(settings: &Settings, line: Option<u32>) -> Targets {
    Targets { panel: settings.panel_wave.panel.clone(), line }
}

fn target(
    auxiliary: &Auxiliary,
    parts: &[Part],
    base: &[f64],
    population: f64,
    (settings, of): (&Settings, Of),
) -> Result<Target, Vec<Fault>> {
    let (mut totals, mut faults) = totals_by_cell(auxiliary, settings);
    if totals.is_empty() && faults.is_empty() {
        return Err(vec![without_totals(auxiliary, settings)]);
    }
    let mut counts = vec![0_usize; auxiliary.cells.len()];
    for (row, &code) in auxiliary.codes.iter().enumerate() {
        if parts[row] == Part::Calibrated && base[row] > 0.0 && code != NO_CODE {
            counts[code as usize] += 1;
        }
    }
    if of == Of::Replicate && counts.iter().any(|&rows| rows > 0) {
        totals.retain(|&cell, _| counts[cell] > 0);
    }
    for (cell, &rows) in counts.iter().enumerate() {
        match totals.get(&cell) {
            None if rows > 0 => faults.push(without_total(auxiliary, cell, rows, settings)),
            Some(total) if rows == 0 && total.total > 0.0 => faults.push(Fault::NobodyInSample {
                targets: place(settings, Some(total.line.0)),
                margin: auxiliary.name.clone(),
                level: total.level.clone(),
                total: total.total,
            }),
            _ => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let own = settings.weighting.missing_auxiliary == MissingAuxiliary::OwnCategory;
    Ok(assemble(auxiliary, &totals, parts, base, population, own))
}

/// Levels with a total in the order of their cells, then the own category of the missing; together `population`.
fn assemble(
    auxiliary: &Auxiliary,
    totals: &BTreeMap<usize, &PopulationTotal>,
    parts: &[Part],
    base: &[f64],
    population: f64,
    own: bool,
) -> Target {
    let sum: f64 = totals.values().map(|total| total.total).sum();
    let scale = population / sum;
    let mut position = vec![NO_CODE; auxiliary.cells.len()];
    let mut levels = Vec::new();
    let mut lines = Vec::new();
    for (&cell, total) in totals {
        position[cell] = levels.len() as u32;
        levels
            .push(Level { name: auxiliary.cells[cell].clone(), total: Some(total.total * scale) });
        lines.push(Some(total.line.0));
    }
    let (mut all, mut missing) = (0.0, 0.0);
    let codes: Vec<u32> = auxiliary
        .codes
        .iter()
        .enumerate()
        .map(|(row, &code)| {
            if parts[row] != Part::Calibrated {
                return NO_CODE;
            }
            all += base[row];
            if code == NO_CODE {
                missing += base[row];
                return levels.len() as u32;
            }
            position[code as usize]
        })
        .collect();
    if own && missing > 0.0 {
        let share = missing / all;
        for level in &mut levels {
            level.total = level.total.map(|total| total * (1.0 - share));
        }
        levels.push(Level { name: MISSING.to_owned(), total: Some(population * share) });
        lines.push(None);
    }
    Target { margin: Margin { name: auxiliary.name.clone(), codes: codes.into(), levels }, lines }
}

/// The total of each cell, and what is wrong with the lines.
fn totals_by_cell<'a>(
    auxiliary: &'a Auxiliary,
    settings: &'a Settings,
) -> (BTreeMap<usize, &'a PopulationTotal>, Vec<Fault>) {
    let cell_of: BTreeMap<&str, usize> =
        auxiliary.cells.iter().enumerate().map(|(cell, name)| (name.as_str(), cell)).collect();
    let mut totals: BTreeMap<usize, &PopulationTotal> = BTreeMap::new();
    let mut faults = Vec::new();
    for total in margin_totals(&auxiliary.name, settings) {
        let targets = place(settings, Some(total.line.0));
        let (margin, level) = (auxiliary.name.clone(), total.level.clone());
        let Some(&cell) = cell_of.get(total.level.as_str()) else {
            faults.push(Fault::LevelNotACode {
                targets,
                margin,
                level,
                expected: some_of(&auxiliary.cells),
            });
            continue;
        };
        if !(total.total.is_finite() && total.total > 0.0) {
            faults.push(Fault::BadTotal {
                targets,
                margin: margin.clone(),
                level: level.clone(),
                total: total.total,
            });
        }
        if let Some(first) = totals.insert(cell, total) {
            let targets = place(settings, Some(total.line.0));
            faults.push(Fault::TotalTwice { targets, margin, level, first: first.line.0 });
        }
    }
    (totals, faults)
}

fn without_totals(auxiliary: &Auxiliary, settings: &Settings) -> Fault {
    let there = unused_margins(settings);
    let hint = if there.is_empty() {
        format!(
            "the file has no line for wave {}: copy those of another wave",
            settings.panel_wave.wave
        )
    } else {
        format!("the file has totals of {}, which the weighting does not use", quoted(&there))
    };
    Fault::MarginWithoutTotals {
        targets: place(settings, None),
        margin: auxiliary.name.clone(),
        hint,
    }
}

fn without_total(auxiliary: &Auxiliary, cell: usize, rows: usize, settings: &Settings) -> Fault {
    let (margin, level) = (auxiliary.name.clone(), auxiliary.cells[cell].clone());
    let line = format!("{},{margin},{level},<total>,<source>,<status>", settings.panel_wave.wave);
    Fault::LevelWithoutTotal { targets: place(settings, None), margin, level, rows, line }
}

fn unequal_populations(auxiliaries: &[Auxiliary], settings: &Settings) -> Vec<Fault> {
    let sums: Vec<(f64, Option<u32>)> = auxiliaries
        .iter()
        .map(|auxiliary| {
            let mut lines = margin_totals(&auxiliary.name, settings).peekable();
            let line = lines.peek().map(|total| total.line.0);
            (lines.map(|total| total.total).sum(), line)
        })
        .collect();
    let Some(&(expected, Some(_))) = sums.first() else { return Vec::new() };
    let unequal = |sum: f64| (sum - expected).abs() > EQUAL_POPULATIONS * expected.abs();
    auxiliaries
        .iter()
        .zip(sums)
        .filter(|(_, (sum, line))| line.is_some() && unequal(*sum))
        .map(|(auxiliary, (found, line))| Fault::UnequalTotals {
            targets: place(settings, line),
            margin: auxiliary.name.clone(),
            found,
            other: auxiliaries[0].name.clone(),
            expected,
        })
        .collect()
}

/// The first cells, for a message.
fn some_of(cells: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = if cells.len() > SHOWN { ", …" } else { "" };
    format!("one of {}{more}", quoted(&cells[..cells.len().min(SHOWN)]))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
