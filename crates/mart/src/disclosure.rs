//! Disclosure control: which figures are withheld, and what everybody may read.
//!
//! The exact tables come in, and are held to the rule (`rule`) cell by cell; block by block an integer program (`program`) hides
//! what a confidential cell would follow from. What is left is rounded (`public`). All of it is attacked by the crate `audit`, which
//! shares no code with this one.

mod before;
mod block;
mod cells;
mod estimate;
mod families;
mod frame;
mod gaps;
mod narrow;
mod panels;
mod program;
mod protect;
mod public;
mod room;
mod rounding;
mod rule;
mod shares;
mod shift;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use config::monitor::{Band, Disclosure, Gap, PanelGroup, Significance};
use config::{Answer, Indicator};

use crate::compared::Compared;
use crate::error::Error;

pub use before::{Before, EXACT};
pub use cells::Place;
pub use families::{Decision, Families, PanelContrast, PanelFigure, Tested};
pub use panels::exact as panel_contrasts;
pub use rounding::{base, round_to};

/// What decides whether a figure is shown, and how.
pub struct Settings<'a> {
    pub disclosure: &'a Disclosure,
    pub significance: &'a Significance,
    pub groups: &'a BTreeMap<String, PanelGroup>,
    pub indicators: &'a [Indicator],
    /// The answers of which the shares are published.
    pub answers: &'a [Answer],
    pub bands: &'a [Band],
    pub gaps: &'a [Gap],
    pub families: &'a dyn Families,
    /// Cells that earlier releases showed, and withheld.
    pub before: &'a Before,
}

/// The tables for everybody, and the exact ones with what became of each cell.
pub struct Protected {
    pub estimate: RecordBatch,
    pub change: RecordBatch,
    pub contrast: RecordBatch,
    pub panel_contrast: RecordBatch,
    pub gap: RecordBatch,
    pub gap_change: RecordBatch,
    pub contrast_change: RecordBatch,
    pub answer_distribution: RecordBatch,
    pub estimate_exact: RecordBatch,
    pub answer_distribution_exact: RecordBatch,
}

/// Everything exact that a release is made from.
pub struct Exact<'a> {
    pub estimate: &'a RecordBatch,
    /// The shares of answers, as estimates of everybody.
    pub shares: &'a RecordBatch,
    pub change: &'a Compared,
    pub contrast: &'a Compared,
    pub between_panels: &'a Compared,
    pub gap: &'a Compared,
    pub gap_change: &'a Compared,
    pub contrast_change: &'a Compared,
}

/// Protects all exact tables together.
pub fn protect(exact: &Exact<'_>, settings: &Settings<'_>) -> Result<Protected, Error> {
    let mut cells = cells::read(exact.estimate)?;
    cells.extend(cells::unknown(&cells));
    cells.extend(cells::read(exact.shares)?);
    cells.sort_by(|left, right| left.place.cmp(&right.place));
    let mut rules = protect::Rules {
        settings: settings.disclosure,
        groups: settings.groups,
        indicators: settings
            .indicators
            .iter()
            .chain(settings.answers.iter().map(|answer| &answer.share))
            .map(|indicator| (indicator.indicator.as_str(), indicator))
            .collect(),
        bands: settings.bands,
        questions: shares::Questions::new(settings.answers, settings.indicators),
        known: before::Known::default(),
    };
    rules.known = settings.before.known(&cells, &rules);
    let compare = public::Compare {
        change: &exact.change.table,
        contrast: &exact.contrast.table,
        between_panels: Some(&exact.between_panels.table),
        gap: Some(&exact.gap.table),
        changes_of_differences: &[&exact.gap_change.table, &exact.contrast_change.table],
    };
    let differences = public::differences(&cells, &compare, settings.gaps)?;
    let verdicts = protect::verdicts(&cells, &differences, &rules).map_err(|blocks| {
        Error::Unprotected { blocks: blocks.into_iter().map(|block| block.what).collect() }
    })?;
    let decided = public::Decided::new(&cells, &verdicts, &rules);
    let shares = with_verdicts(exact.shares, &decided)?;
    let (significance, families) = (settings.significance, settings.families);
    Ok(Protected {
        estimate: decided.estimate()?,
        change: decided.change(exact.change, significance, families)?,
        contrast: decided.contrast(exact.contrast, families)?,
        panel_contrast: decided.between_panels(exact.between_panels, families)?,
        gap: decided.gap(exact.gap, families)?,
        gap_change: decided.gap_change(exact.gap_change, significance, families)?,
        contrast_change: decided.contrast_change(exact.contrast_change, significance, families)?,
        answer_distribution: decided.distribution()?,
        estimate_exact: with_verdicts(exact.estimate, &decided)?,
        answer_distribution_exact: shares::with_answers(&shares, &rules.questions)?,
    })
}

/// The exact table, with status and reason as they were decided.
fn with_verdicts(table: &RecordBatch, decided: &public::Decided<'_>) -> Result<RecordBatch, Error> {
    let names: Vec<(&str, &str)> = cells::read(table)?
        .iter()
        .filter_map(|cell| decided.positions.get(&cell.place))
        .map(|&at| decided.verdicts[at].names())
        .collect();
    let column = |of: fn(&(&'static str, &'static str)) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(names.iter().map(of)))
    };
    let schema = table.schema();
    let columns = schema.fields().iter().zip(table.columns()).map(|(field, array)| {
        match field.name().as_str() {
            "status" => column(|names| names.0),
            "reason" => column(|names| names.1),
            _ => Arc::clone(array),
        }
    });
    Ok(RecordBatch::try_new(Arc::clone(&schema), columns.collect())?)
}

#[cfg(test)]
mod claims;
