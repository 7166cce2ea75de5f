//! What the figures are about: indicators, panels, waves, levels, statuses and bands, in their order.

use crate::release::table::Table;
use crate::{Error, Texts};

#[derive(Debug, Clone)]
pub struct Indicator {
    pub key: String,
    pub labels: Texts,
    pub unit: String,
    pub decimals: usize,
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
            colour: table.text("colour", row).filter(|text| is_colour(text)).map(str::to_owned),
            is_total: is_total.unwrap_or_else(by_measure),
        })
    };
    in_order(table).into_iter().map(one).collect()
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
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    if !levels.iter().any(Level::is_total) {
        let total = || "total".to_owned();
        let (breakdown_labels, labels) = (Texts::new(), Texts::new());
        levels.insert(0, Level { breakdown: total(), level: total(), breakdown_labels, labels });
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
