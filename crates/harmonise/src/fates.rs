//! Where each delivered cell ended; a column that feeds several items has the worst fate of its cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int8Array};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use survey::{Fate, columns};

/// By position of the delivered column: a fate code a row.
#[derive(Debug, Default)]
pub(crate) struct Fates {
    columns: BTreeMap<u32, Vec<i8>>,
}

impl Fates {
    pub fn add(&mut self, position: u32, fates: impl Iterator<Item = Fate>) {
        match self.columns.get_mut(&position) {
            None => {
                self.columns.insert(position, fates.map(Fate::code).collect());
            }
            Some(column) => {
                for (there, fate) in column.iter_mut().zip(fates) {
                    if Fate::from_code(*there).is_none_or(|old| rank(fate) > rank(old)) {
                        *there = fate.code();
                    }
                }
            }
        }
    }

    /// The table `fate`: where the row stands, and one column a delivered column.
    pub fn table(self, places: [(&str, ArrayRef); 3]) -> Result<RecordBatch, ArrowError> {
        let mut fields: Vec<Field> =
            places.iter().map(|(name, _)| Field::new(*name, DataType::Int64, false)).collect();
        let mut arrays: Vec<ArrayRef> = places.into_iter().map(|(_, array)| array).collect();
        for (position, fates) in self.columns {
            fields.push(Field::new(columns::fate(position), DataType::Int8, false));
            arrays.push(Arc::new(Int8Array::from(fates)));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

fn rank(fate: Fate) -> u8 {
    match fate {
        Fate::Missing(_) => 0,
        Fate::Kept => 1,
        Fate::Recoded => 2,
        Fate::Quarantined | Fate::Dropped | Fate::NotInCodebook => 3,
    }
}
