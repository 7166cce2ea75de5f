//! How many respondents share the background by which one may be recognised: k-anonymity of the restricted marts.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int16Type};
use survey::{PanelWave, Weighted};

use crate::contracts::Folder;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::parquet_file;
use crate::prepared::EarlierRelease;
use crate::table::{Columns, count, small, text};

/// Name of the mart.
pub const MART: &str = "k_anonymity";

/// The respondents of combinations with fewer than each of these, a column each.
const FEW: [(&str, u64); 4] = [("alone", 2), ("below_3", 3), ("below_5", 5), ("below_10", 10)];

/// Counts panel-wave by panel-wave.
pub struct KAnonymity<'a> {
    quasi_identifiers: &'a [String],
    counted: Vec<Counted>,
    /// What the release before counted by the same background.
    earlier: BTreeMap<PanelWave, Counted>,
}

#[derive(Clone)]
struct Counted {
    of: PanelWave,
    concepts: String,
    respondents: u64,
    combinations: u64,
    /// Respondents of the combination that has fewest.
    smallest: Option<u64>,
    /// Respondents of the combinations with fewer than each of `FEW`.
    few: [u64; 4],
}

impl<'a> KAnonymity<'a> {
    pub fn by(quasi_identifiers: &'a [String], earlier: Option<&EarlierRelease<'_>>) -> Self {
        let read = |earlier: &EarlierRelease<'_>| {
            let manifest = Manifest::read(earlier.folder).ok()?;
            let is_same = manifest.disclosure.quasi_identifiers == quasi_identifiers;
            let path = format!("{}/{MART}.parquet", Folder::Operational.name());
            let path = earlier.sound(&manifest, &path).filter(|_| is_same)?;
            rows(&parquet_file::read(&path).ok()?).ok()
        };
        let earlier = earlier.and_then(read).unwrap_or_default();
        let earlier = earlier.into_iter().map(|row| (row.of.clone(), row)).collect();
        Self { quasi_identifiers, counted: Vec::new(), earlier }
    }

    /// Whether the release before has counted it.
    pub fn has_earlier(&self, of: &PanelWave) -> bool {
        self.earlier.contains_key(of)
    }

    /// Takes a panel-wave over from the release before.
    pub fn take_over(&mut self, of: &PanelWave) {
        self.counted.extend(self.earlier.get(of).cloned());
    }

    pub fn count(&mut self, weighted: &Weighted) {
        let table = &weighted.table;
        let has_values = |concept: &&String| {
            table.column_by_name(concept).is_some_and(|column| column.null_count() < column.len())
        };
        let concepts: Vec<&str> =
            self.quasi_identifiers.iter().filter(has_values).map(String::as_str).collect();
        if concepts.is_empty() {
            return;
        }
        let mut combinations = vec![0_u64; table.num_rows()];
        for column in concepts.iter().filter_map(|concept| table.column_by_name(concept)) {
            // Numbered anew after each concept, the combinations stay fewer than the respondents.
            let values = numbered(bits(column));
            let most = values.iter().max().map_or(1, |value| value + 1);
            let pairs = combinations.iter().zip(values).map(|(one, value)| one * most + value);
            combinations = numbered(pairs.collect());
        }
        combinations.sort_unstable();
        let sizes = combinations.chunk_by(|one, other| one == other);
        let sizes: Vec<u64> = sizes.map(|one| one.len() as u64).collect();
        self.counted.push(Counted {
            of: weighted.about.panel_wave.clone(),
            concepts: concepts.join("|"),
            respondents: sizes.iter().sum(),
            combinations: sizes.len() as u64,
            smallest: sizes.iter().min().copied(),
            few: FEW.map(|(_, limit)| sizes.iter().filter(|size| **size < limit).sum()),
        });
    }

    /// The mart `k_anonymity`.
    pub fn table(&self) -> Result<RecordBatch, Error> {
        let rows = &self.counted;
        let mut columns = Columns::default()
            .text("panel", rows.iter().map(|row| row.of.panel.as_str()))
            .small("wave", rows.iter().map(|row| row.of.wave as i32))
            .text("quasi_identifiers", rows.iter().map(|row| row.concepts.as_str()))
            .count("respondents", rows.iter().map(|row| row.respondents))
            .count("combinations", rows.iter().map(|row| row.combinations))
            .maybe_count("smallest", rows.iter().map(|row| row.smallest));
        for (at, (name, _)) in FEW.iter().enumerate() {
            columns = columns.count(name, rows.iter().map(|row| row.few[at]));
        }
        columns.build()
    }
}

/// The rows of the mart as it was written.
fn rows(table: &RecordBatch) -> Result<Vec<Counted>, Error> {
    let (panel, wave) = (text(table, "panel")?, small(table, "wave")?);
    let concepts = text(table, "quasi_identifiers")?;
    let number = |name: &str| -> Result<Vec<u64>, Error> {
        Ok(count(table, name)?.values().iter().map(|number| number.cast_unsigned()).collect())
    };
    let (respondents, combinations) = (number("respondents")?, number("combinations")?);
    let smallest = count(table, "smallest")?;
    let few = FEW.iter().map(|(name, _)| number(name)).collect::<Result<Vec<_>, _>>()?;
    let row = |row: usize| Counted {
        of: PanelWave::new(panel.value(row), wave.value(row).cast_unsigned()),
        concepts: concepts.value(row).to_owned(),
        respondents: respondents[row],
        combinations: combinations[row],
        smallest: smallest.is_valid(row).then(|| smallest.value(row).cast_unsigned()),
        few: std::array::from_fn(|at| few[at][row]),
    };
    Ok((0..table.num_rows()).map(row).collect())
}

/// The values of a column as numbers that are equal where they are; 0 for an unknown one.
fn bits(column: &ArrayRef) -> Vec<u64> {
    let value: Box<dyn Fn(usize) -> u64> =
        if let Some(categories) = column.as_dictionary_opt::<Int16Type>() {
            let keys = categories.keys();
            Box::new(move |row| 1 + u64::from(keys.value(row).cast_unsigned()))
        } else if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
            Box::new(move |row| numbers.value(row).to_bits() | 1)
        } else {
            Box::new(|row| 1 + row as u64)
        };
    (0..column.len()).map(|row| if column.is_null(row) { 0 } else { value(row) }).collect()
}

/// The same values numbered from 0, in their order.
fn numbered(values: Vec<u64>) -> Vec<u64> {
    let mut distinct = values.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let number = |value: u64| distinct.partition_point(|known| *known < value) as u64;
    values.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_by_their_order_and_equal_ones_alike() {
        assert_eq!(numbered(vec![70, 5, 70, 0, 5]), [2, 1, 2, 0, 1]);
    }
}
