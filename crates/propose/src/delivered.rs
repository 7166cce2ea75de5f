//! A delivery as a proposal needs it: its columns, their questions, and how often each text occurs.

use std::collections::BTreeMap;
use std::io;

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use config::ExportProfile;
use ingest::{Batches, Delivery, Error, Key, Limits};
use survey::codebook::plain_spaces;
use survey::handoff::{RawColumn, Treatment};

/// Different texts of a column are counted up to this.
const MOST_DISTINCT: usize = 2000;

/// The columns of a delivery that are not personal.
#[derive(Debug, Clone, Default)]
pub struct Delivered {
    pub columns: Vec<Column>,
    pub option_separator: char,
    pub decimal_comma: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Column {
    pub position: u32,
    pub header: String,
    pub occurrence: u32,
    /// What was asked, where the file tells it.
    pub question: String,
    /// It holds the ids of the respondents.
    pub is_id: bool,
    pub values: Values,
}

/// How often each text occurs in a column.
#[derive(Debug, Clone, Default)]
pub struct Values {
    counts: BTreeMap<String, u64>,
    pub filled: u64,
    pub empty: u64,
    /// There are more different texts than are counted.
    pub is_cut: bool,
}

impl Values {
    pub fn add(&mut self, text: &str) {
        let text = plain_spaces(text.trim());
        if text.is_empty() {
            self.empty += 1;
            return;
        }
        self.filled += 1;
        if let Some(count) = self.counts.get_mut(text.as_ref()) {
            *count += 1;
        } else if self.counts.len() < MOST_DISTINCT {
            self.counts.insert(text.into_owned(), 1);
        } else {
            self.is_cut = true;
        }
    }

    pub(crate) fn add_times(&mut self, text: &str, times: u64) {
        if times > 0 {
            self.filled += times;
            *self.counts.entry(text.to_owned()).or_default() += times;
        }
    }

    /// Each text with how often it occurs.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(text, count)| (text.as_str(), *count))
    }

    pub fn distinct(&self) -> usize {
        self.counts.len()
    }
}

/// Reads a delivery by its profile; nothing of it is kept.
pub fn read(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<Delivered, Error> {
    let mut cells = Cells::default();
    let raw = ingest::read_in_batches(delivery, profile, key, limits, &mut cells)?;
    let mut values: BTreeMap<String, Values> = cells.0.into_iter().collect();
    let columns = raw.about.columns.iter();
    let columns = columns.filter(|column| column.treatment != Treatment::DroppedPersonal);
    Ok(Delivered {
        option_separator: raw.about.option_separator,
        decimal_comma: raw.about.decimal_comma,
        columns: columns
            .map(|column| Column {
                position: column.position,
                header: column.header.clone(),
                occurrence: column.occurrence,
                question: question(column),
                is_id: column.treatment == Treatment::Pseudonymised,
                values: values.remove(&survey::columns::text(column.position)).unwrap_or_default(),
            })
            .collect(),
    })
}

/// The counts of all columns, while their cells pass.
#[derive(Debug, Default)]
struct Cells(Vec<(String, Values)>);

impl Batches for Cells {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let fields = schema.fields().iter();
        self.0 = fields.map(|field| (field.name().clone(), Values::default())).collect();
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        for ((_, values), cells) in self.0.iter_mut().zip(batch.columns()) {
            if let Some(texts) = cells.as_string_opt::<i32>() {
                texts.iter().for_each(|text| values.add(text.unwrap_or_default()));
            }
        }
        Ok(())
    }
}

/// The longest text of several words above the cells, without the code before it.
fn question(column: &RawColumn) -> String {
    let header = column.header.trim();
    let texts = column.header_rows.iter().map(|text| {
        let rest = text.trim().strip_prefix(header).unwrap_or(text);
        if rest.trim().is_empty() {
            header
        } else {
            rest.trim_start_matches(['.', ':', ' ']).trim()
        }
    });
    let texts = texts.chain([header]).filter(|text| text.contains(' ') && !text.starts_with('{'));
    texts.max_by_key(|text| text.chars().count()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, rows: &[&str], expected: &str) {
        let column = RawColumn {
            position: 0,
            header: header.to_owned(),
            occurrence: 1,
            header_rows: rows.iter().map(|row| (*row).to_owned()).collect(),
            treatment: Treatment::Kept,
            classes: [0; 7],
        };
        assert_eq!(question(&column), expected);
    }

    #[test]
    fn the_question_is_found_wherever_a_producer_writes_it() {
        check("Q1", &["Q1", "Hoe oud bent u?", "{\"ImportId\":\"QID1 a\"}"], "Hoe oud bent u?");
        check("G01Q01", &["G01Q01. Hoe oud bent u?"], "Hoe oud bent u?");
        check("Hoe oud bent u?", &["Hoe oud bent u?"], "Hoe oud bent u?");
        check(
            "Wat gebruikt u? - Portaal",
            &["Wat gebruikt u?", "Portaal"],
            "Wat gebruikt u? - Portaal",
        );
        check("v01", &["v01"], "");
    }

    #[test]
    fn empty_cells_and_different_texts_are_counted() {
        let mut values = Values::default();
        for text in [" Ja ", "Ja", "", "Nee", "  "] {
            values.add(text);
        }
        assert_eq!((values.filled, values.empty, values.distinct()), (3, 2, 2));
        assert_eq!(values.counts().collect::<Vec<_>>(), [("Ja", 2), ("Nee", 1)]);
    }
}
