//! The figures: estimates, changes, contrasts and gaps, each sorted by its key.

use crate::Error;
use crate::release::Dimensions;
use crate::release::table::Table;

/// Places of an indicator, panel, level and wave in their dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub indicator: usize,
    pub panel: usize,
    pub level: usize,
    pub wave: usize,
}

#[derive(Debug, Clone)]
pub struct Estimate {
    pub key: Key,
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// The rounded base.
    pub n: Option<f64>,
    /// Its place in `dim_status`.
    pub status: usize,
    pub comparability: String,
    pub note: String,
    pub band: String,
    /// A line breaks where it changes; none where the release does not say.
    pub segment: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Increased,
    Stable,
    Decreased,
    NotComparable,
    Withheld,
    NoTest,
}

/// An estimate against the wave before.
#[derive(Debug, Clone)]
pub struct Change {
    pub key: Key,
    pub reference: usize,
    pub difference: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub detectable: Option<f64>,
    pub call: Call,
}

/// One level of a breakdown less another.
#[derive(Debug, Clone)]
pub struct Contrast {
    /// Its level is the first of the two.
    pub key: Key,
    pub other: usize,
    pub difference: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub call: Call,
}

/// One indicator less another, of the same respondents.
#[derive(Debug, Clone)]
pub struct Gap {
    /// Its indicator is the first of the two.
    pub key: Key,
    pub name: String,
    pub minus: usize,
    pub difference: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Call {
    pub fn of(text: &str) -> Option<Self> {
        Some(match text {
            "increased" | "higher" => Self::Increased,
            "stable" | "not_different" => Self::Stable,
            "decreased" | "lower" => Self::Decreased,
            "not_comparable" => Self::NotComparable,
            "withheld" => Self::Withheld,
            "no_test" => Self::NoTest,
            _ => return None,
        })
    }

    /// A word of the table of words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Increased => "increased",
            Self::Stable => "stable",
            Self::Decreased => "decreased",
            Self::NotComparable => "not_comparable",
            Self::Withheld => "withheld",
            Self::NoTest => "no_test",
        }
    }
}

/// Reads the key of a row.
struct Keys<'a> {
    table: &'a Table,
    dimensions: &'a Dimensions,
}

impl Keys<'_> {
    fn indicator(&self, column: &str, row: usize) -> Result<usize, Error> {
        let found = self.table.need(column, row)?;
        let place = self.dimensions.indicator(found);
        place.ok_or_else(|| self.table.unknown(row, column, found, "dim_indicator"))
    }

    fn level(&self, column: &str, row: usize) -> Result<usize, Error> {
        let breakdown = self.table.need("breakdown", row)?;
        let level = self.table.need(column, row)?;
        self.dimensions.level(breakdown, level).ok_or_else(|| {
            self.table.unknown(row, column, &format!("{breakdown}:{level}"), "dim_breakdown")
        })
    }

    fn wave(&self, column: &str, row: usize) -> Result<usize, Error> {
        let found = self.table.need_number(column, row)? as i32;
        let place = self.dimensions.wave(found);
        place.ok_or_else(|| self.table.unknown(row, column, &found.to_string(), "dim_wave"))
    }

    fn key(&self, level: &str, row: usize) -> Result<Key, Error> {
        let panel = self.table.need("panel", row)?;
        let place = self.dimensions.panel(panel);
        Ok(Key {
            indicator: self.indicator("indicator", row)?,
            panel: place.ok_or_else(|| self.table.unknown(row, "panel", panel, "dim_panel"))?,
            level: self.level(level, row)?,
            wave: self.wave("wave", row)?,
        })
    }

    fn call(&self, row: usize) -> Result<Call, Error> {
        let found = self.table.need("call", row)?;
        Call::of(found).ok_or_else(|| self.table.unknown(row, "call", found, "dim_status"))
    }

    /// A difference, its bounds and what it could have shown, which a withheld call must not carry.
    fn difference(&self, row: usize, call: Option<Call>) -> Result<[Option<f64>; 4], Error> {
        let names = ["difference", "ci_lower", "ci_upper", "detectable_difference"];
        let found = names.map(|name| self.table.number(name, row));
        if call == Some(Call::Withheld) && found.iter().any(Option::is_some) {
            return Err(uncovered(self.table, row, "the call is withheld"));
        }
        Ok(found)
    }
}

fn uncovered(table: &Table, row: usize, status: &str) -> Error {
    Error::Uncovered { mart: table.mart.clone(), row: row + 1, status: status.to_owned() }
}

pub fn estimates(table: &Table, dimensions: &Dimensions) -> Result<Vec<Estimate>, Error> {
    table.expect(
        &["indicator", "panel", "breakdown", "level", "status", "reason", "comparability"],
        &["wave", "n", "estimate", "ci_lower", "ci_upper"],
    )?;
    let keys = Keys { table, dimensions };
    let one = |row| {
        let status = table.need("status", row)?;
        let reason = table.text("reason", row).unwrap_or_default();
        let place = dimensions.status(status, reason).ok_or_else(|| {
            table.unknown(row, "status", &format!("{status}, {reason}"), "dim_status")
        })?;
        let value = table.number("estimate", row);
        let low = table.number("ci_lower", row);
        let high = table.number("ci_upper", row);
        let figures = [value, low, high];
        if !dimensions.statuses[place].is_shown && figures.iter().any(Option::is_some) {
            return Err(uncovered(table, row, &format!("the status is `{status}`")));
        }
        Ok(Estimate {
            key: keys.key("level", row)?,
            value,
            low,
            high,
            n: table.number("n", row),
            status: place,
            comparability: table.text("comparability", row).unwrap_or_default().to_owned(),
            note: table.text("comparability_note", row).unwrap_or_default().to_owned(),
            band: table.text("band", row).unwrap_or_default().to_owned(),
            segment: table.number("segment", row).map(|segment| segment as i64),
        })
    };
    let mut all = (0..table.rows).map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by_key(|estimate| estimate.key);
    Ok(all)
}

/// Changes against the wave before.
pub fn changes(table: &Table, dimensions: &Dimensions) -> Result<Vec<Change>, Error> {
    table.expect(
        &["indicator", "panel", "breakdown", "level", "against", "call"],
        &["wave", "reference_wave", "difference", "ci_lower", "ci_upper"],
    )?;
    let keys = Keys { table, dimensions };
    let is_wanted = |row: &usize| table.text("against", *row) == Some("previous_wave");
    let one = |row| {
        let call = keys.call(row)?;
        let [difference, low, high, detectable] = keys.difference(row, Some(call))?;
        let (key, reference) = (keys.key("level", row)?, keys.wave("reference_wave", row)?);
        Ok(Change { key, reference, difference, low, high, detectable, call })
    };
    let rows = (0..table.rows).filter(is_wanted);
    let mut all = rows.map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by_key(|change| change.key);
    Ok(all)
}

pub fn contrasts(table: &Table, dimensions: &Dimensions) -> Result<Vec<Contrast>, Error> {
    table.expect(
        &["indicator", "panel", "breakdown", "level_a", "level_b", "call"],
        &["wave", "difference", "ci_lower", "ci_upper"],
    )?;
    let keys = Keys { table, dimensions };
    let one = |row| {
        let call = keys.call(row)?;
        let [difference, low, high, _] = keys.difference(row, Some(call))?;
        let (key, other) = (keys.key("level_a", row)?, keys.level("level_b", row)?);
        Ok(Contrast { key, other, difference, low, high, call })
    };
    let mut all = (0..table.rows).map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by_key(|contrast| (contrast.key, contrast.other));
    Ok(all)
}

pub fn gaps(table: &Table, dimensions: &Dimensions) -> Result<Vec<Gap>, Error> {
    table.expect(
        &["gap", "indicator", "minus", "panel", "breakdown", "level"],
        &["wave", "difference"],
    )?;
    let keys = Keys { table, dimensions };
    let one = |row| {
        let [difference, low, high, _] = keys.difference(row, None)?;
        Ok(Gap {
            key: keys.key("level", row)?,
            name: table.need("gap", row)?.to_owned(),
            minus: keys.indicator("minus", row)?,
            difference,
            low,
            high,
        })
    };
    let mut all = (0..table.rows).map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by(|a, b| (a.key, &a.name).cmp(&(b.key, &b.name)));
    Ok(all)
}
