//! What the figures are about: indicators, panels, waves, levels, statuses and bands, in their order.

use std::collections::BTreeMap;

use crate::release::table::Table;
use crate::{Error, Texts};

#[derive(Debug, Clone)]
pub struct Indicator {
    pub key: String,
    pub labels: Texts,
    pub unit: String,
    pub decimals: usize,
    pub colour: Option<String>,
    pub concept: String,
    pub codes: Vec<String>,
    pub base: String,
}

#[derive(Debug, Clone)]
pub struct Panel {
    pub key: String,
    pub labels: Texts,
    pub population: Texts,
    pub colour: Option<String>,
    /// Made of other panels.
    pub is_total: bool,
}

#[derive(Debug, Clone)]
pub struct Wave {
    pub wave: i32,
    pub label: String,
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "as the mart names them")]
pub struct Level {
    pub breakdown: String,
    pub level: String,
    pub breakdown_labels: Texts,
    pub labels: Texts,
    /// The others are set against it.
    pub is_reference: bool,
}

impl Level {
    pub fn is_total(&self) -> bool {
        self.breakdown == "total"
    }

    /// `total` or `education:low`.
    pub fn cell(&self) -> String {
        if self.is_total() {
            "total".to_owned()
        } else {
            format!("{}:{}", self.breakdown, self.level)
        }
    }
}

/// A status with its reason, or a call, in words.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "as the mart names them")]
pub struct Status {
    pub status: String,
    pub reason: String,
    pub is_shown: bool,
    pub labels: Texts,
}

/// A pair of indicators in words: what both are about, and each side.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    pub subject: Texts,
    pub one: Texts,
    pub minus: Texts,
}

#[derive(Debug, Clone)]
pub struct Band {
    pub unit: String,
    pub key: String,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub labels: Texts,
}

/// The columns `label_nl`, `label_en`, … of a row.
pub fn texts(table: &Table, prefix: &str, row: usize) -> Texts {
    let text = |language: String| {
        let text = table.text(&format!("{prefix}{language}"), row)?.to_owned();
        Some((language, text))
    };
    table.endings(prefix).into_iter().filter_map(text).collect()
}

/// Rows in the order of `sort_order`, then as they stand.
pub fn in_order(table: &Table) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.rows).collect();
    rows.sort_by(|a, b| {
        let order = |row: usize| table.number("sort_order", row).unwrap_or(f64::MAX);
        order(*a).total_cmp(&order(*b)).then(a.cmp(b))
    });
    rows
}

pub fn list(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split('|').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

pub fn indicators(table: &Table) -> Result<Vec<Indicator>, Error> {
    table.expect(&["indicator", "unit"], &[])?;
    let one = |row| {
        Ok(Indicator {
            key: table.need("indicator", row)?.to_owned(),
            labels: texts(table, "label_", row),
            unit: table.need("unit", row)?.to_owned(),
            decimals: table.number("decimals", row).unwrap_or(0.0) as usize,
            colour: colour(table, row),
            concept: owned(table.text("concept", row)),
            codes: list(table.text("codes", row)),
            base: owned(table.text("base", row)),
        })
    };
    in_order(table).into_iter().map(one).collect()
}

pub fn panels(table: &Table) -> Result<Vec<Panel>, Error> {
    table.expect(&["panel"], &[])?;
    let one = |row| {
        let is_total = table.flag("is_total", row);
        let by_measure = || table.text("measure", row).is_some_and(|measure| measure != "panel");
        Ok(Panel {
            key: table.need("panel", row)?.to_owned(),
            labels: texts(table, "label_", row),
            population: texts(table, "population_", row),
            colour: colour(table, row),
            is_total: is_total.unwrap_or_else(by_measure),
        })
    };
    in_order(table).into_iter().map(one).collect()
}

fn colour(table: &Table, row: usize) -> Option<String> {
    table.text("colour", row).filter(|text| is_colour(text)).map(str::to_owned)
}

/// `#1a2b3c`: anything else could steer a drawing.
fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

pub fn waves(table: &Table) -> Result<Vec<Wave>, Error> {
    table.expect(&[], &["wave"])?;
    let one = |row| {
        let wave = table.need_number("wave", row)? as i32;
        let label = table.text("label", row).map_or_else(|| wave.to_string(), str::to_owned);
        Ok(Wave { wave, label })
    };
    in_order(table).into_iter().map(one).collect()
}

pub fn levels(table: &Table) -> Result<Vec<Level>, Error> {
    table.expect(&["breakdown", "level"], &[])?;
    let mut levels = (0..table.rows)
        .map(|row| {
            Ok(Level {
                breakdown: table.need("breakdown", row)?.to_owned(),
                level: table.need("level", row)?.to_owned(),
                breakdown_labels: texts(table, "label_", row),
                labels: texts(table, "level_label_", row),
                is_reference: table.flag("is_reference", row).unwrap_or(false),
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    if !levels.iter().any(Level::is_total) {
        let total = || "total".to_owned();
        let (breakdown_labels, labels) = (Texts::new(), Texts::new());
        let (breakdown, level) = (total(), total());
        levels.insert(0, Level { breakdown, level, breakdown_labels, labels, is_reference: false });
    }
    Ok(levels)
}

/// Statuses of cells, and what else `dim_status` puts in words: calls, comparability, reasons.
pub fn statuses(table: &Table) -> Result<Vec<Status>, Error> {
    table.expect(&["status"], &[])?;
    let one = |row| {
        Ok(Status {
            status: table.need("status", row)?.to_owned(),
            reason: owned(table.text("reason", row)),
            is_shown: table.flag("is_shown", row).unwrap_or(false),
            labels: texts(table, "label_", row),
        })
    };
    in_order(table).into_iter().map(one).collect()
}

pub fn bands(table: &Table) -> Result<Vec<Band>, Error> {
    table.expect(&["unit", "band"], &[])?;
    let one = |row| {
        Ok(Band {
            unit: table.need("unit", row)?.to_owned(),
            key: table.need("band", row)?.to_owned(),
            lower: table.number("lower", row),
            upper: table.number("upper", row),
            labels: texts(table, "label_", row),
        })
    };
    in_order(table).into_iter().map(one).collect()
}

/// Pairs of indicators, by the names of both.
pub fn pairs(table: &Table) -> Result<BTreeMap<(String, String), Pair>, Error> {
    table.expect(&["indicator", "minus"], &[])?;
    let one = |row| {
        let key = (table.need("indicator", row)?.to_owned(), table.need("minus", row)?.to_owned());
        let pair = Pair {
            subject: texts(table, "subject_label_", row),
            one: texts(table, "indicator_label_", row),
            minus: texts(table, "minus_label_", row),
        };
        Ok((key, pair))
    };
    (0..table.rows).map(one).collect()
}

/// Codes that make an indicator, where they stand in a table of their own.
pub fn add_codes(indicators: &mut [Indicator], table: &Table) -> Result<(), Error> {
    table.expect(&["indicator", "code"], &[])?;
    for row in 0..table.rows {
        let key = table.need("indicator", row)?;
        let code = table.need("code", row)?.to_owned();
        if let Some(one) = indicators.iter_mut().find(|one| one.key == key) {
            one.codes.push(code);
        }
    }
    Ok(())
}
