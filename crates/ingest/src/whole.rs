//! All batches of a delivery as one table.

use std::io;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::concat;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use crate::batches::Batches;

#[derive(Default)]
pub(crate) struct Table {
    schema: Option<SchemaRef>,
    /// Per column its parts.
    columns: Vec<Vec<ArrayRef>>,
}

impl Batches for Table {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        self.columns = vec![Vec::new(); schema.fields().len()];
        self.schema = Some(schema.clone());
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        let (_, columns, _) = batch.into_parts();
        for (parts, column) in self.columns.iter_mut().zip(columns) {
            parts.push(column);
        }
        Ok(())
    }
}

impl Table {
    /// Column by column, so that little is in memory twice; none where a text is too long for one column.
    pub(crate) fn joined(self) -> Option<RecordBatch> {
        let schema = self.schema?;
        if self.columns.iter().any(Vec::is_empty) {
            return Some(RecordBatch::new_empty(schema));
        }
        let columns = self.columns.into_par_iter().map(join).collect::<Option<_>>()?;
        RecordBatch::try_new(schema, columns).ok()
    }
}

fn join(mut parts: Vec<ArrayRef>) -> Option<ArrayRef> {
    if parts.len() == 1 {
        return parts.pop();
    }
    let bytes = |part: &ArrayRef| {
        part.as_string_opt::<i32>().map_or(0, |texts| texts.value_data().len() as u64)
    };
    if parts.iter().map(bytes).sum::<u64>() > i32::MAX as u64 {
        return None;
    }
    concat(&parts.iter().map(|part| part as &dyn Array).collect::<Vec<_>>()).ok()
}
