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
mod narrow;
mod panels;
mod program;
mod protect;
mod public;
mod room;
mod rounding;
mod rule;
mod shift;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use config::Indicator;
use config::monitor::{Band, Disclosure, Gap, PanelGroup, Significance};

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
    pub estimate_exact: RecordBatch,
}

/// Protects the exact `estimate`, `change`, `contrast` and `panel_contrast`.
pub fn protect(
    estimate: &RecordBatch,
    [change, contrast, between_panels]: [&Compared; 3],
    settings: &Settings<'_>,
) -> Result<Protected, Error> {
    let mut cells = cells::read(estimate)?;
    cells.extend(cells::unknown(&cells));
    cells.sort_by(|left, right| left.place.cmp(&right.place));
    let mut rules = protect::Rules {
        settings: settings.disclosure,
        groups: settings.groups,
        indicators: settings
            .indicators
            .iter()
            .map(|indicator| (indicator.indicator.as_str(), indicator))
            .collect(),
        bands: settings.bands,
        known: before::Known::default(),
    };
    rules.known = settings.before.known(&cells, &rules);
    let differences = public::differences(
        &cells,
        [&change.table, &contrast.table],
        Some(&between_panels.table),
        settings.gaps,
    )?;
    let verdicts = protect::verdicts(&cells, &differences, &rules).map_err(|blocks| {
        Error::Unprotected { blocks: blocks.into_iter().map(|block| block.what).collect() }
    })?;
    let decided = public::Decided::new(&cells, &verdicts, &rules);
    Ok(Protected {
        estimate: decided.estimate()?,
        change: decided.change(change, settings.significance, settings.families)?,
        contrast: decided.contrast(contrast, settings.families)?,
        panel_contrast: decided.between_panels(between_panels, settings.families)?,
        gap: decided.gap(settings.gaps)?,
        estimate_exact: with_verdicts(estimate, &decided)?,
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
