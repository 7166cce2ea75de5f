//! All batches of a delivery as one table, which grows as they come.

use std::io;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int8Builder, Int64Builder, StringBuilder};
use arrow::datatypes::{DataType, Int8Type, Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::batches::Batches;

#[derive(Default)]
pub(crate) struct AllRows {
    schema: Option<SchemaRef>,
    columns: Vec<Growing>,
    /// A text is too long for one column.
    pub(crate) too_long: bool,
}

enum Growing {
    Places(Int64Builder),
    Texts(StringBuilder),
    Classes(Int8Builder),
}

impl Batches for AllRows {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let column = |data_type: &DataType| match data_type {
            DataType::Int64 => Growing::Places(Int64Builder::new()),
            DataType::Int8 => Growing::Classes(Int8Builder::new()),
            _ => Growing::Texts(StringBuilder::new()),
        };
        self.columns = schema.fields().iter().map(|field| column(field.data_type())).collect();
        self.schema = Some(schema.clone());
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        // Part after part is let go of as soon as it is copied.
        for (column, part) in self.columns.iter_mut().zip(batch.into_parts().1) {
            if !column.append(&part) {
                self.too_long = true;
                return Err(io::Error::other("a text is too long for one column"));
            }
        }
        Ok(())
    }
}

impl AllRows {
    pub(crate) fn table(self) -> Option<RecordBatch> {
        let columns = self.columns.into_iter().map(Growing::finish).collect();
        RecordBatch::try_new(self.schema?, columns).ok()
    }
}

impl Growing {
    /// False where it cannot hold as much.
    fn append(&mut self, part: &dyn Array) -> bool {
        match self {
            Self::Places(numbers) => numbers.append_array(part.as_primitive::<Int64Type>()),
            Self::Classes(classes) => classes.append_array(part.as_primitive::<Int8Type>()),
            Self::Texts(texts) => return texts.append_array(part.as_string::<i32>()).is_ok(),
        }
        true
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Places(mut numbers) => Arc::new(numbers.finish()),
            Self::Classes(mut classes) => Arc::new(classes.finish()),
            Self::Texts(mut texts) => Arc::new(texts.finish()),
        }
    }
}
