//! The dimensions: what panels, waves, concepts, answers, indicators, breakdowns and figures mean, and the bridges between them.

mod band;
mod breakdown;
mod codebook;
mod codes;
mod figure;
mod gap;
mod indicator;
mod panel;
mod status;
mod wave;

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use config::Configuration;
use survey::Labels;

use crate::error::Error;

pub use wave::days;

/// All dimensions and bridges by name.
pub fn tables(configuration: &Configuration) -> Result<BTreeMap<String, RecordBatch>, Error> {
    let codebook = &configuration.codebook;
    let (languages, words) = (&configuration.monitor.languages, &configuration.words);
    let tables = [
        ("dim_panel", panel::panels(configuration)?),
        ("panel_member", panel::members(configuration)?),
        ("dim_wave", wave::waves(configuration)?),
        ("dim_concept", codebook::concepts(codebook, languages)?),
        ("dim_answer", codebook::answers(codebook, languages, words)?),
        ("dim_item", codebook::items(codebook, languages)?),
        ("dim_indicator", indicator::indicators(configuration)?),
        ("indicator_code", indicator::codes(configuration)?),
        ("indicator_panel", indicator::panels(configuration)?),
        (
            "dim_breakdown",
            breakdown::breakdowns(codebook, &configuration.breakdowns, (languages, words))?,
        ),
        ("dim_band", band::bands(&configuration.monitor.bands, languages)?),
        ("dim_gap", gap::gaps(configuration)?),
        ("dim_status", status::table(languages, words)?),
        ("dim_code", codes::table(languages, words)?),
        ("dim_figure", figure::figures(configuration)?),
        ("figure_indicator", figure::indicators(configuration)?),
        ("figure_panel", figure::panels(configuration)?),
        ("figure_breakdown", figure::breakdowns(configuration)?),
        ("figure_wave", figure::waves(configuration)?),
        ("figure_group", figure::groups(configuration)?),
    ];
    Ok(tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect())
}

/// Absent where the configuration says nothing.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A label, or the name where there is none.
fn labelled(label: &Labels, name: &str) -> Labels {
    if label.is_empty() { Labels::same(name) } else { label.clone() }
}
