//! What a release has figures of, in one language: panels, concepts with their indicators and answers, breakdowns.

use std::collections::BTreeMap;

use super::facts::Cell;
use crate::error::Error;
use crate::release::{PUBLIC, Release, TOTAL, Table, Text};

pub struct Panel {
    pub key: Text,
    pub label: Text,
    pub population: Text,
}

pub struct Indicator {
    pub key: Text,
    pub concept: Text,
    pub label: Text,
    pub codes: Vec<Text>,
    /// Whether it has a base of its own beside those who answered.
    pub has_base: bool,
    pub is_mean: bool,
    pub unit: Text,
    pub decimals: i32,
}

impl Indicator {
    /// From the exact figure to the unit in which it is published.
    pub fn exact_scale(&self) -> f64 {
        if !self.is_mean && &*self.unit == "percent" { 100.0 } else { 1.0 }
    }

    /// The one answer that it is the share of.
    pub fn only_answer(&self) -> Option<&Text> {
        match self.codes.as_slice() {
            [only] if !self.is_mean && !self.has_base => Some(only),
            _ => None,
        }
    }
}

pub struct Concept {
    pub key: Text,
    pub label: Text,
    pub theme: Text,
    /// Codes with their labels, in the order in which they were offered.
    pub answers: Vec<(Text, Text)>,
}

pub struct Level {
    pub cell: Cell,
    pub breakdown_label: Text,
    pub label: Text,
}

pub struct Dimensions {
    pub panels: Vec<Panel>,
    /// In the order of the publication.
    pub indicators: Vec<Indicator>,
    pub concepts: Vec<Concept>,
    /// Without the total.
    pub levels: Vec<Level>,
    /// What the waves are called.
    pub waves: BTreeMap<i64, Text>,
    /// By indicator or concept, panel and wave: the question as it was asked.
    pub questions: BTreeMap<(Text, Text, i64), Text>,
}

impl Dimensions {
    pub fn read(release: &Release, language: &str) -> Result<Self, Error> {
        let indicators = indicators(release, language)?;
        Ok(Self {
            panels: panels(release, language)?,
            concepts: concepts(release, language, &indicators)?,
            levels: levels(release, language)?,
            waves: waves(release, language)?,
            questions: questions(release, language)?,
            indicators,
        })
    }

    /// What a wave is called.
    pub fn wave(&self, wave: i64) -> String {
        self.waves.get(&wave).map_or_else(|| wave.to_string(), ToString::to_string)
    }

    pub fn indicator(&self, key: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| &*indicator.key == key)
    }
}

fn at(column: &[Option<Text>], row: usize) -> Text {
    column[row].clone().unwrap_or_else(|| Text::from(""))
}

/// A label, or where it is empty the key that it is of.
fn label_at(label: &[Option<Text>], key: &[Option<Text>], row: usize) -> Text {
    Some(at(label, row)).filter(|label| !label.is_empty()).unwrap_or_else(|| at(key, row))
}

/// Rows in the order of `sort_order`, where there is one.
fn ordered(rows: usize, order: Option<&[Option<f64>]>) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..rows).collect();
    if let Some(order) = order {
        numbers.sort_by(|a, b| {
            let place = |row: &usize| order[*row].unwrap_or(f64::MAX);
            place(a).total_cmp(&place(b))
        });
    }
    numbers
}

fn panels(release: &Release, language: &str) -> Result<Vec<Panel>, Error> {
    let table = release.table(PUBLIC, "dim_panel")?;
    let (key, label) = (table.text("panel")?, table.labels("label", language, "panel")?);
    let population = table.labels("population", language, "panel")?;
    let rows = ordered(table.rows, table.optional_number("sort_order"));
    let panel =
        |row| Panel { key: at(key, row), label: at(label, row), population: at(population, row) };
    Ok(rows.into_iter().map(panel).collect())
}

fn indicators(release: &Release, language: &str) -> Result<Vec<Indicator>, Error> {
    let table = release.table(PUBLIC, "dim_indicator")?;
    let (key, label) = (table.text("indicator")?, table.labels("label", language, "indicator")?);
    let (concept, kind) = (table.text("concept")?, table.text("kind")?);
    let unit = table.text("unit")?;
    let codes = codes(release, &table)?;
    let base = table.optional_text("base");
    let decimals = table.number("decimals")?;
    let rows = ordered(table.rows, table.optional_number("sort_order"));
    let indicator = |row| Indicator {
        key: at(key, row),
        concept: at(concept, row),
        label: label_at(label, key, row),
        codes: codes.get(&at(key, row)).cloned().unwrap_or_default(),
        has_base: base.is_some_and(|base| !at(base, row).is_empty()),
        is_mean: kind[row].as_deref() == Some("mean"),
        unit: at(unit, row),
        decimals: decimals[row].unwrap_or(0.0) as i32,
    };
    Ok(rows.into_iter().map(indicator).collect())
}

/// By indicator, the answers that it counts: rows of a mart of their own, or one list.
fn codes(release: &Release, table: &Table) -> Result<BTreeMap<Text, Vec<Text>>, Error> {
    let mut codes: BTreeMap<Text, Vec<Text>> = BTreeMap::new();
    if let Some(bridge) = release.optional(PUBLIC, "indicator_code")? {
        let (indicator, code) = (bridge.text("indicator")?, bridge.text("code")?);
        for row in 0..bridge.rows {
            codes.entry(at(indicator, row)).or_default().push(at(code, row));
        }
    } else if let Some(lists) = table.optional_text("codes") {
        let indicator = table.text("indicator")?;
        for row in 0..table.rows {
            let list = at(lists, row);
            let each = list.split('|').filter(|code| !code.is_empty()).map(Text::from);
            codes.insert(at(indicator, row), each.collect());
        }
    }
    Ok(codes)
}

/// The concepts that have an indicator, in the order of their first one.
fn concepts(
    release: &Release,
    language: &str,
    indicators: &[Indicator],
) -> Result<Vec<Concept>, Error> {
    let table = release.table(PUBLIC, "dim_concept")?;
    let (key, label) = (table.text("concept")?, table.labels("label", language, "concept")?);
    let theme = table.text("theme")?;
    let mut answers = answers(release, language)?;
    let mut found: Vec<Concept> = Vec::new();
    for indicator in indicators {
        if found.iter().any(|concept| concept.key == indicator.concept) {
            continue;
        }
        let row = (0..table.rows).find(|row| at(key, *row) == indicator.concept);
        found.push(Concept {
            key: indicator.concept.clone(),
            label: row.map_or_else(|| indicator.label.clone(), |row| label_at(label, key, row)),
            theme: row.map_or_else(|| Text::from(""), |row| at(theme, row)),
            answers: answers.remove(&indicator.concept).unwrap_or_default(),
        });
    }
    Ok(found)
}

/// By concept, the answers that count in its base, "don't know" and other reasons among them.
fn answers(release: &Release, language: &str) -> Result<BTreeMap<Text, Vec<(Text, Text)>>, Error> {
    let mut answers: BTreeMap<Text, Vec<(Text, Text)>> = BTreeMap::new();
    let table = release.table(PUBLIC, "dim_answer")?;
    let (concept, code) = (table.text("concept")?, table.text("code")?);
    let label = table.labels("label", language, "code")?;
    for row in ordered(table.rows, table.optional_number("sort_order")) {
        answers
            .entry(at(concept, row))
            .or_default()
            .push((at(code, row), label_at(label, code, row)));
    }
    Ok(answers)
}

fn levels(release: &Release, language: &str) -> Result<Vec<Level>, Error> {
    let table = release.table(PUBLIC, "dim_breakdown")?;
    let (breakdown, level) = (table.text("breakdown")?, table.text("level")?);
    let breakdown_label = table.labels("label", language, "breakdown")?;
    let label = table.labels("level_label", language, "level")?;
    // The rows come breakdown by breakdown, each with an order of its own.
    let rows = (0..table.rows).filter(|row| breakdown[*row].as_deref() != Some(TOTAL));
    let level = |row| Level {
        cell: Cell { breakdown: at(breakdown, row), level: at(level, row) },
        breakdown_label: label_at(breakdown_label, breakdown, row),
        label: label_at(label, level, row),
    };
    Ok(rows.map(level).collect())
}

fn waves(release: &Release, language: &str) -> Result<BTreeMap<i64, Text>, Error> {
    let table = release.table(PUBLIC, "dim_wave")?;
    let (wave, label) = (table.number("wave")?, table.labels("label", language, "label")?);
    let called = (0..table.rows).map(|row| (wave[row].unwrap_or(0.0) as i64, at(label, row)));
    Ok(called.filter(|(_, label)| !label.is_empty()).collect())
}

fn questions(
    release: &Release,
    language: &str,
) -> Result<BTreeMap<(Text, Text, i64), Text>, Error> {
    let mut questions = BTreeMap::new();
    let Some(table) = release.optional(PUBLIC, "dim_item")? else { return Ok(questions) };
    let Some(asked) = table.optional_text(&format!("question_{language}")) else {
        return Ok(questions);
    };
    let (panel, wave) = (table.text("panel")?, table.number("wave")?);
    let keys = [table.optional_text("indicator"), table.optional_text("concept")];
    for row in 0..table.rows {
        let Some(question) = asked[row].as_ref().filter(|question| !question.is_empty()) else {
            continue;
        };
        for key in keys.into_iter().flatten().map(|key| at(key, row)) {
            let wave = wave[row].unwrap_or(0.0) as i64;
            questions.insert((key, at(panel, row), wave), question.clone());
        }
    }
    Ok(questions)
}
