//! config/indicators.csv, config/breakdowns.csv and config/targets/<panel>.csv.

use std::path::Path;

use super::figures::{Breakdown, Indicator, IndicatorKind};
use super::mistake::Mistake;
use super::panel::PopulationTotal;
use super::table_file;
use survey::Line;

/// The header of config/indicators.csv.
pub const INDICATOR_COLUMNS: [&str; 13] = [
    "indicator",
    "figures",
    "concept",
    "kind",
    "codes",
    "base",
    "panels",
    "first_wave",
    "last_wave",
    "unit",
    "decimals",
    "label_nl",
    "label_en",
];
/// The header of config/breakdowns.csv.
pub const BREAKDOWN_COLUMNS: [&str; 6] =
    ["breakdown", "concept", "panels", "indicators", "label_nl", "label_en"];
/// The header of config/targets/PANEL.csv.
pub const TARGET_COLUMNS: [&str; 6] = ["wave", "margin", "level", "total", "source", "status"];

/// With more of them a figure says nothing more.
const MOST_DECIMALS: u32 = 10;

const KINDS: [(&str, IndicatorKind); 2] =
    [("proportion", IndicatorKind::Proportion), ("mean", IndicatorKind::Mean)];
const STATUSES: [(&str, &str); 2] = [("illustrative", "illustrative"), ("published", "published")];

pub fn indicators(file: &Path, text: &str, mistakes: &mut Vec<Mistake>) -> Vec<Indicator> {
    let table = table_file::parse(file, text, &INDICATOR_COLUMNS, mistakes);
    let indicators = table
        .rows
        .iter()
        .map(|row| Indicator {
            indicator: table.name(row, "indicator", mistakes),
            figures: table.list(row, "figures"),
            concept: table.required(row, "concept", mistakes).to_owned(),
            kind: table.one_of(row, "kind", &KINDS, mistakes),
            codes: table.list(row, "codes"),
            base: table.text(row, "base").to_owned(),
            panels: table.list(row, "panels"),
            first_wave: table.parsed(
                row,
                "first_wave",
                "a year, or nothing for an open start",
                mistakes,
            ),
            last_wave: table.parsed(
                row,
                "last_wave",
                "a year, or nothing for an open end",
                mistakes,
            ),
            unit: table.required(row, "unit", mistakes).to_owned(),
            decimals: table.whole(row, "decimals", 0..=MOST_DECIMALS, mistakes).unwrap_or(0),
            label_nl: table.required(row, "label_nl", mistakes).to_owned(),
            label_en: table.required(row, "label_en", mistakes).to_owned(),
            line: row.line,
        })
        .collect::<Vec<_>>();
    twice(
        file,
        "indicator",
        indicators.iter().map(|indicator| (&indicator.indicator, indicator.line)),
        mistakes,
    );
    indicators
}

pub fn breakdowns(file: &Path, text: &str, mistakes: &mut Vec<Mistake>) -> Vec<Breakdown> {
    let table = table_file::parse(file, text, &BREAKDOWN_COLUMNS, mistakes);
    let breakdowns = table
        .rows
        .iter()
        .map(|row| Breakdown {
            breakdown: table.name(row, "breakdown", mistakes),
            concept: table.required(row, "concept", mistakes).to_owned(),
            panels: table.list(row, "panels"),
            indicators: table.list(row, "indicators"),
            label_nl: table.required(row, "label_nl", mistakes).to_owned(),
            label_en: table.required(row, "label_en", mistakes).to_owned(),
            line: row.line,
        })
        .collect::<Vec<_>>();
    twice(
        file,
        "breakdown",
        breakdowns.iter().map(|breakdown| (&breakdown.breakdown, breakdown.line)),
        mistakes,
    );
    breakdowns
}

/// The population totals of one panel.
pub fn targets(
    file: &Path,
    text: &str,
    panel: &str,
    mistakes: &mut Vec<Mistake>,
) -> Vec<PopulationTotal> {
    let table = table_file::parse(file, text, &TARGET_COLUMNS, mistakes);
    let totals = table
        .rows
        .iter()
        .map(|row| {
            if table.text(row, "total").is_empty() {
                mistakes.push(
                    table
                        .mistake(row, "the population total is missing")
                        .expected("a number above 0"),
                );
            }
            PopulationTotal {
                panel: panel.to_owned(),
                wave: table.parsed(row, "wave", "a year", mistakes).unwrap_or(0),
                margin: table.required(row, "margin", mistakes).to_owned(),
                level: table.required(row, "level", mistakes).to_owned(),
                total: table.number(row, "total", mistakes).unwrap_or(f64::NAN),
                source: table.required(row, "source", mistakes).to_owned(),
                status: table.one_of(row, "status", &STATUSES, mistakes).to_owned(),
                line: row.line,
            }
        })
        .collect::<Vec<_>>();
    let keys: Vec<(String, Line)> = totals
        .iter()
        .map(|total| (format!("{} {} {}", total.wave, total.margin, total.level), total.line))
        .collect();
    twice(file, "total of", keys.iter().map(|(key, line)| (key, *line)), mistakes);
    totals
}

/// Names that stand more than once.
fn twice<'a>(
    file: &Path,
    what: &str,
    names: impl Iterator<Item = (&'a String, Line)>,
    mistakes: &mut Vec<Mistake>,
) {
    let mut seen = std::collections::BTreeMap::new();
    for (name, line) in names {
        if let Some(before) = seen.insert(name, line) {
            mistakes.push(Mistake::new(
                file,
                Some(line.0),
                format!("{what} `{name}` stands on line {before} already"),
            ));
        }
    }
}
