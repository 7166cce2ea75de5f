//! The roll-up over waves: what estimate reads, and who is in the base of each indicator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int8Array, new_null_array};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use config::harmonised_schema;
use serde::Serialize;
use survey::codebook::Codebook;
use survey::condition::SqlMistake;
use survey::{Estimates, Expressions, Hinted, MissingReason, Weighted, columns};

use crate::project::Project;

/// Settings of one roll-up: a panel, or a group of panels in the order of the group.
#[derive(Debug, Clone, Serialize)]
pub struct FigureSettings {
    /// The group's name; none for a single panel.
    pub group: Option<String>,
    pub panels: Vec<estimate::Settings>,
}

/// Why a roll-up cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    #[error(transparent)]
    Estimate(#[from] estimate::Error),
    #[error("config/indicators.csv: `{indicator}`: base: {mistake}")]
    Base { indicator: String, mistake: SqlMistake },
}

impl Hinted for FigureError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Estimate(error) => error.hint(),
            Self::Base { mistake, .. } => mistake.hint.clone(),
        }
    }
}

/// The settings of a roll-up.
pub fn settings(project: &Project, panels: &[String], group: Option<&str>) -> FigureSettings {
    let panels = panels.iter().map(|panel| project.estimate_settings(panel)).collect();
    FigureSettings { group: group.map(str::to_owned), panels }
}

/// The columns of the weighted hand-offs that the figures read; the others stay on disk.
pub fn columns(settings: &FigureSettings, sql: &dyn Expressions) -> BTreeSet<String> {
    let mut read: BTreeSet<String> =
        [columns::RESPONDENT, columns::WAVE, columns::WEIGHT, columns::BASE_WEIGHT]
            .map(str::to_owned)
            .into();
    for panel in &settings.panels {
        let concepts = panel.indicators.iter().map(|indicator| &indicator.concept);
        for concept in concepts.chain(panel.breakdowns.iter().map(|breakdown| &breakdown.concept)) {
            read.insert(concept.clone());
            read.insert(columns::missing(concept));
        }
        for indicator in panel.indicators.iter().filter(|indicator| !indicator.base.is_empty()) {
            read.extend(sql.columns(&indicator.base).unwrap_or_default());
        }
    }
    read
}

/// Evaluates the bases and makes the figures. What a panel-wave was not asked has no column in its hand-off: it is added as
/// not asked where a figure or a base reads it, with the type that the codebook says.
pub fn tabulate(
    mut weighted: Vec<Weighted>,
    settings: &FigureSettings,
    sql: &dyn Expressions,
    codebook: &Codebook,
) -> Result<Estimates, FigureError> {
    let read = columns(settings, sql);
    for one in &mut weighted {
        one.table = with_not_asked(&one.table, &read, codebook);
    }
    let Some(group) = &settings.group else {
        let Some(panel) = settings.panels.first() else {
            return Ok(estimate::tabulate_group(&[], &[], &group(settings, ""))?);
        };
        return Ok(estimate::tabulate(&weighted, &bases(&weighted, panel, sql)?, panel)?);
    };
    let mut panels: Vec<Vec<Weighted>> = settings.panels.iter().map(|_| Vec::new()).collect();
    for one in weighted {
        let place =
            settings.panels.iter().position(|panel| panel.panel == one.about.panel_wave.panel);
        if let Some(place) = place {
            panels[place].push(one);
        }
    }
    let all_bases =
        panels.iter().zip(&settings.panels).map(|(weighted, panel)| bases(weighted, panel, sql));
    let all_bases: Vec<estimate::Bases> = all_bases.collect::<Result<_, _>>()?;
    Ok(estimate::tabulate_group(&panels, &all_bases, &self::group(settings, group))?)
}

fn with_not_asked(
    table: &RecordBatch,
    read: &BTreeSet<String>,
    codebook: &Codebook,
) -> RecordBatch {
    let rows = table.num_rows();
    let mut fields = table.schema().fields().to_vec();
    let mut arrays = table.columns().to_vec();
    for field in harmonised_schema(codebook, &codebook.concepts).fields() {
        let name = field.name();
        if !read.contains(name) || table.column_by_name(name).is_some() {
            continue;
        }
        let not_asked = || Arc::new(Int8Array::from_value(MissingReason::NotAsked as i8, rows));
        let array: ArrayRef = if columns::is_missing(name) {
            not_asked()
        } else {
            new_null_array(field.data_type(), rows)
        };
        fields.push(Arc::clone(field));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap_or_else(|_| table.clone())
}

fn group(settings: &FigureSettings, name: &str) -> estimate::GroupSettings {
    estimate::GroupSettings { group: name.to_owned(), panels: settings.panels.clone() }
}

/// A mask a hand-off for every indicator with a base.
fn bases(
    weighted: &[Weighted],
    settings: &estimate::Settings,
    sql: &dyn Expressions,
) -> Result<estimate::Bases, FigureError> {
    let mut bases = BTreeMap::new();
    for indicator in settings.indicators.iter().filter(|indicator| !indicator.base.is_empty()) {
        let masks = weighted.iter().map(|one| {
            if !one.about.asked.contains(&indicator.concept) {
                return Ok(BooleanArray::new_null(one.table.num_rows()));
            }
            sql.condition(&one.table, &indicator.base)
        });
        let masks: Result<Vec<BooleanArray>, SqlMistake> = masks.collect();
        let masks = masks.map_err(|mistake| FigureError::Base {
            indicator: indicator.indicator.clone(),
            mistake,
        })?;
        bases.insert(indicator.indicator.clone(), masks);
    }
    Ok(bases)
}
