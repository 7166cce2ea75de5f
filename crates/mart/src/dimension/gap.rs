//! Pairs of indicators about one thing.

use arrow::array::RecordBatch;
use config::Configuration;
use config::monitor::{Gap, GapPair};

use survey::Labels;

use super::labelled;
use crate::error::Error;
use crate::table::Columns;

/// The mart `dim_gap`: one row a pair, with a word for each of its sides.
pub fn gaps(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let rows: Vec<(&Gap, &GapPair)> = configuration
        .monitor
        .gaps
        .iter()
        .flat_map(|gap| gap.pairs.iter().map(move |pair| (gap, pair)))
        .collect();
    let columns = Columns::default()
        .text("gap", rows.iter().map(|row| row.0.name.as_str()))
        .text("subject", rows.iter().map(|row| row.1.subject.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .text("indicator", rows.iter().map(|row| row.1.indicator.as_str()))
        .text("minus", rows.iter().map(|row| row.1.minus.as_str()));
    let labels = [
        ("gap_label", label(&rows, |(gap, _)| labelled(&gap.label, &gap.name))),
        ("subject_label", label(&rows, |(_, pair)| labelled(&pair.label, &pair.subject))),
        (
            "indicator_label",
            label(&rows, |(gap, pair)| labelled(&gap.indicator_label, &pair.indicator)),
        ),
        ("minus_label", label(&rows, |(gap, pair)| labelled(&gap.minus_label, &pair.minus))),
    ];
    let languages = &configuration.monitor.languages;
    let columns = labels
        .iter()
        .fold(columns, |columns, (name, labels)| columns.labels(name, languages, labels));
    columns.build()
}

fn label<'a>(
    rows: &[(&'a Gap, &'a GapPair)],
    of: fn((&'a Gap, &'a GapPair)) -> Labels,
) -> Vec<Labels> {
    rows.iter().copied().map(of).collect()
}
