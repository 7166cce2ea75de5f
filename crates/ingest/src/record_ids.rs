//! A table without a column of ids, where its profile says so: each row's record number is its id.

use std::io;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int8Array, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use survey::codebook::RECORD_NUMBER;
use survey::handoff::{RawColumn, Treatment};
use survey::{Class, Code, Raw, Warning, columns};

use crate::batches::Batches;
use crate::key::Key;

/// Adds a column of pseudonyms to every batch that passes.
pub(crate) struct RecordIds<'a> {
    key: &'a Key,
    batches: &'a mut dyn Batches,
    schema: SchemaRef,
}

/// Beyond every column that a file can have.
const POSITION: u32 = 1 << 20;

impl<'a> RecordIds<'a> {
    pub(crate) fn new(key: &'a Key, batches: &'a mut dyn Batches) -> Self {
        Self { key, batches, schema: Arc::new(Schema::empty()) }
    }

    /// The hand-off with the column, and a warning of what such ids are worth.
    pub(crate) fn told(self, raw: Raw) -> Raw {
        let mut raw = Raw { table: RecordBatch::new_empty(self.schema), ..raw };
        let mut classes = [0; 7];
        classes[Class::Number as usize] = raw.about.rows_out;
        raw.about.columns.push(RawColumn {
            position: POSITION,
            header: RECORD_NUMBER.to_owned(),
            occurrence: 1,
            header_rows: Vec::new(),
            treatment: Treatment::Pseudonymised,
            classes,
        });
        raw.warnings.push(Warning {
            code: Code::IdsAreRecordNumbers,
            panel: None,
            wave: None,
            message: format!(
                "delivery `{}` has no id column: the record number is the id, so respondents cannot be matched across deliveries, nor in this one if its rows are reordered",
                raw.about.delivery
            ),
            hint: None,
        });
        raw
    }
}

impl Batches for RecordIds<'_> {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(columns::text(POSITION), DataType::Utf8, false)));
        fields.push(Arc::new(Field::new(columns::class(POSITION), DataType::Int8, false)));
        self.schema = Arc::new(Schema::new(fields));
        self.batches.begin(&self.schema)
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        let records = batch.column_by_name(columns::RECORD);
        let records = records.and_then(|records| records.as_primitive_opt::<Int64Type>());
        let records = records.ok_or_else(|| io::Error::other("rows without record numbers"))?;
        let pseudonym = |record: &i64| {
            let text = self.key.pseudonym(record.to_string().as_bytes());
            String::from_utf8_lossy(&text).into_owned()
        };
        let texts = StringArray::from_iter_values(records.values().iter().map(pseudonym));
        let classes = Int8Array::from(vec![Class::Number as i8; batch.num_rows()]);
        let mut arrays = batch.columns().to_vec();
        arrays.extend([Arc::new(texts) as ArrayRef, Arc::new(classes)]);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        self.batches.take(batch.map_err(io::Error::other)?)
    }
}
