//! config/indicators.csv, config/breakdowns.csv and config/targets/PANEL.csv.

use std::path::Path;

use super::figures::{Breakdown, Indicator, IndicatorKind};
use super::mistake::Mistake;
use super::panel::PopulationTotal;
use super::{table_file, tables};
use survey::codebook::{Codebook, Concept, Kind};
use survey::{Labels, Line};

/// With more of them a figure says nothing more.
const MOST_DECIMALS: u32 = 10;

const KINDS: [(&str, IndicatorKind); 2] =
    [("proportion", IndicatorKind::Proportion), ("mean", IndicatorKind::Mean)];
const STATUSES: [(&str, &str); 2] = [("illustrative", "illustrative"), ("published", "published")];

/// The indicators; what is not said of one follows from its concept.
pub fn indicators(
    file: &Path,
    text: &str,
    (languages, codebook): (&[String], &Codebook),
    mistakes: &mut Vec<Mistake>,
) -> Vec<Indicator> {
    let table = table_file::parse(file, text, &tables::INDICATORS, languages, mistakes);
    let mut indicators = Vec::new();
    for row in &table.rows {
        let name = table.name(row, "indicator", mistakes);
        let concept = table.required(row, "concept", mistakes).to_owned();
        let known = codebook.concept(&concept);
        let kind = match (table.text(row, "kind"), known.map(|concept| concept.kind)) {
            ("", Some(Kind::Number)) => IndicatorKind::Mean,
            _ => table.one_of(row, "kind", &KINDS, mistakes),
        };
        let unit = match (table.text(row, "unit"), kind) {
            ("", IndicatorKind::Proportion) => "percent",
            ("", IndicatorKind::Mean) => known.map_or("", |concept| concept.unit.as_str()),
            (unit, _) => unit,
        };
        let label = table.labels(row, "label_", languages, mistakes);
        let indicator = Indicator {
            figures: table.list(row, "figures"),
            kind,
            codes: table.list(row, "codes"),
            base: table.text(row, "base").to_owned(),
            panels: table.list(row, "panels"),
            first_wave: table.wave(row, "first_wave", mistakes),
            last_wave: table.wave(row, "last_wave", mistakes),
            unit: unit.to_owned(),
            decimals: table.whole(row, "decimals", 0..=MOST_DECIMALS, mistakes).unwrap_or(0),
            colour: table.colour(row, "colour", mistakes),
            label: if label.is_empty() { Labels::same(name.as_str()) } else { label },
            line: row.line,
            indicator: name,
            concept,
        };
        match known.filter(|_| indicator.codes == [EVERY]) {
            Some(concept) => indicators.extend(each_answer(&indicator, concept, codebook)),
            None => indicators.push(indicator),
        }
    }
    twice(
        file,
        "indicator",
        indicators.iter().map(|indicator| (&indicator.indicator, indicator.line)),
        mistakes,
    );
    indicators
}

/// In `codes`: an indicator for each answer.
const EVERY: &str = "*";

/// The indicator once for each answer of its concept.
fn each_answer<'a>(
    indicator: &'a Indicator,
    concept: &Concept,
    codebook: &'a Codebook,
) -> impl Iterator<Item = Indicator> + 'a {
    let answers = codebook.answers.get(&concept.answers).into_iter().flatten();
    answers.map(|answer| Indicator {
        indicator: format!("{}_{}", indicator.indicator, answer.code),
        codes: vec![answer.code.clone()],
        label: indicator.label.followed_by(&Labels::same(": ")).followed_by(&answer.label),
        ..indicator.clone()
    })
}

/// By what figures are shown apart.
pub fn breakdowns(
    file: &Path,
    text: &str,
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Breakdown> {
    let table = table_file::parse(file, text, &tables::BREAKDOWNS, languages, mistakes);
    let mut breakdowns = Vec::new();
    for row in &table.rows {
        let name = table.name(row, "breakdown", mistakes);
        let label = table.labels(row, "label_", languages, mistakes);
        breakdowns.push(Breakdown {
            concept: table.required(row, "concept", mistakes).to_owned(),
            panels: table.list(row, "panels"),
            indicators: table.list(row, "indicators"),
            followed: table.list(row, "followed"),
            label: if label.is_empty() { Labels::same(name.as_str()) } else { label },
            line: row.line,
            breakdown: name,
        });
    }
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
    let table = table_file::parse(file, text, &tables::TARGETS, &[], mistakes);
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
                wave: table.wave(row, "wave", mistakes).unwrap_or(0),
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
