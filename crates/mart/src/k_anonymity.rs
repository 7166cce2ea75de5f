//! How many respondents share the background by which one may be recognised: k-anonymity of the restricted marts.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int16Type};
use survey::{PanelWave, Weighted};

use crate::error::Error;
use crate::table::Columns;

/// Counts panel-wave by panel-wave.
pub struct KAnonymity<'a> {
    quasi_identifiers: &'a [String],
    counted: Vec<Counted>,
}

struct Counted {
    of: PanelWave,
    concepts: String,
    /// Respondents of each combination.
    sizes: Vec<u64>,
}

impl<'a> KAnonymity<'a> {
    pub fn by(quasi_identifiers: &'a [String]) -> Self {
        Self { quasi_identifiers, counted: Vec::new() }
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
        self.counted.push(Counted {
            of: weighted.about.panel_wave.clone(),
            concepts: concepts.join("|"),
            sizes: sizes.map(|one| one.len() as u64).collect(),
        });
    }

    /// The mart `k_anonymity`.
    pub fn table(&self) -> Result<RecordBatch, Error> {
        let rows = &self.counted;
        let below =
            |limit: u64| rows.iter().map(move |row| row.sizes.iter().filter(|k| **k < limit).sum());
        Columns::default()
            .text("panel", rows.iter().map(|row| row.of.panel.as_str()))
            .small("wave", rows.iter().map(|row| row.of.wave as i32))
            .text("quasi_identifiers", rows.iter().map(|row| row.concepts.as_str()))
            .count("respondents", rows.iter().map(|row| row.sizes.iter().sum()))
            .count("combinations", rows.iter().map(|row| row.sizes.len() as u64))
            .maybe_count("smallest", rows.iter().map(|row| row.sizes.iter().min().copied()))
            .count("alone", below(2))
            .count("below_3", below(3))
            .count("below_5", below(5))
            .count("below_10", below(10))
            .build()
    }
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
