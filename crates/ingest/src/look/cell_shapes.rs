//! The shapes of all columns of a table, while their cells pass.

use std::io;

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::shapes::{Shapes, most_distinct};
use crate::batches::Batches;

/// The shapes of all columns, while their cells pass.
#[derive(Debug, Default)]
pub(super) struct CellShapes {
    /// By place in the table; none for a column that holds no texts.
    columns: Vec<(String, Shapes)>,
}

impl Batches for CellShapes {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let most = most_distinct(schema.fields().len() / 2);
        let fields = schema.fields().iter();
        self.columns = fields.map(|field| (field.name().clone(), Shapes::new(most))).collect();
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.columns.par_iter_mut().zip(batch.columns()).for_each(|((_, shapes), cells)| {
            let texts = cells.as_string_opt::<i32>();
            texts.into_iter().flatten().flatten().for_each(|text| shapes.add(text));
        });
        Ok(())
    }
}

impl CellShapes {
    pub(super) fn of(&self, position: u32) -> Option<&Shapes> {
        let name = survey::columns::text(position);
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, shapes)| shapes)
    }
}
