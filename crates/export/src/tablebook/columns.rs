//! The columns of a table: the total, the waves, the levels that its figures have.

use std::collections::BTreeSet;

use super::dimensions::Indicator;
use super::facts::{Cell, Series};
use super::table::Source;
use crate::release::Text;

pub struct Column {
    pub header: String,
    pub wave: i64,
    pub cell: Cell,
    /// Whether a new group of columns begins: waves, another breakdown.
    pub is_first: bool,
    /// Number of that group.
    pub group: usize,
}

/// The columns of a table whose total and breakdowns are of a wave.
pub fn of(source: &Source<'_>, wave: i64, indicators: &[(&Indicator, &Series)]) -> Vec<Column> {
    let total = |header: String, wave, is_first, group| Column {
        header,
        wave,
        cell: Cell::total(),
        is_first,
        group,
    };
    let mut columns = vec![total(
        format!("{} {}", source.words.column.total, source.dimensions.wave(wave)),
        wave,
        false,
        0,
    )];
    for (place, wave) in source.letters.waves.iter().enumerate() {
        columns.push(total(source.dimensions.wave(*wave), *wave, place == 0, 1));
    }
    let mut group = 1;
    let mut before: Option<&Text> = None;
    for (level, letter) in &source.letters.levels {
        let level = &source.dimensions.levels[*level];
        let is_there =
            |(_, series): &(&Indicator, &Series)| series.contains_key(&(wave, level.cell.clone()));
        if !indicators.iter().any(is_there) {
            continue;
        }
        let is_first = before != Some(&level.cell.breakdown);
        group += usize::from(is_first);
        before = Some(&level.cell.breakdown);
        let header = format!("{letter}  {}: {}", level.breakdown_label, level.label);
        columns.push(Column { header, wave, cell: level.cell.clone(), is_first, group });
    }
    distinct(&mut columns);
    columns
}

/// A spreadsheet wants each header once, whatever its capitals, and no longer than 255 characters.
fn distinct(columns: &mut [Column]) {
    let mut known = BTreeSet::new();
    for column in columns {
        let short: String = column.header.chars().take(240).collect();
        let mut header = short.clone();
        let mut number = 2;
        while !known.insert(header.to_lowercase()) {
            header = format!("{short} ({number})");
            number += 1;
        }
        column.header = header;
    }
}
