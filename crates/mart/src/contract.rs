//! A mart's contract: its columns with type, whether they may be empty, allowed values, key and least number of rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use arrow::row::{RowConverter, SortField};
use serde::{Deserialize, Serialize};

use config::tables::LANGUAGE;

use crate::error::{Breach, Error};

/// How a column is kept: signed, plain, known to old readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    Text,
    Int32,
    Int64,
    Float64,
    Boolean,
    /// A day.
    Date,
    /// A list of numbers without gaps.
    Float64List,
}

impl ColumnType {
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
            // The name that the Parquet standard gives to the members of a list.
            Self::Float64List => {
                DataType::List(Arc::new(Field::new("element", DataType::Float64, false)))
            }
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Float64List => "float64_list",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    #[serde(default)]
    pub nullable: bool,
    /// Allowed values of a text column; empty for any.
    #[serde(default)]
    pub values: Vec<String>,
    /// What it says, for the data dictionary.
    pub meaning: String,
    /// The column that will take its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    #[serde(skip)]
    pub mart: String,
    /// Counts the changes that may break a reader, from 1.
    #[serde(default = "first_version")]
    pub version: u32,
    /// What one row is.
    pub grain: String,
    /// Columns that tell the rows apart.
    pub key: Vec<String>,
    #[serde(default)]
    pub minimum_rows: u64,
    /// Other marts with a contract of their own kind that its SQL reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// The mart that will take its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_by: Option<String>,
    /// Columns of the query that are none of these are left out, as after `SELECT *`; otherwise they are a mistake.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaves_out_others: bool,
    pub columns: Vec<Column>,
}

fn first_version() -> u32 {
    1
}

impl Contract {
    /// A contract from its TOML text; its key must be among its columns.
    pub fn parse(mart: &str, text: &str) -> Result<Self, Error> {
        let mistake = |message: String, position| Error::ContractText {
            mart: mart.to_owned(),
            message,
            position,
        };
        let mut contract: Self = toml::from_str(text).map_err(|error| {
            let position = error.span().map(|span| position(text, span.start));
            mistake(error.message().to_owned(), position)
        })?;
        mart.clone_into(&mut contract.mart);
        let names: BTreeSet<&str> =
            contract.columns.iter().map(|column| column.name.as_str()).collect();
        if names.len() < contract.columns.len() {
            return Err(mistake("a column is named twice".to_owned(), None));
        }
        match contract.key.iter().find(|key| !names.contains(key.as_str())) {
            Some(key) => Err(mistake(format!("key column `{key}` is not among the columns"), None)),
            None if contract.key.is_empty() => Err(mistake("a key is missing".to_owned(), None)),
            None => Ok(contract),
        }
    }

    /// A column named `…<language>` once for each language.
    #[must_use]
    pub fn in_languages(mut self, languages: &[String]) -> Self {
        let columns = std::mem::take(&mut self.columns).into_iter();
        let each = columns.flat_map(|column| match column.name.strip_suffix(LANGUAGE) {
            None => vec![column],
            Some(start) => {
                let of = |language: &String| Column {
                    name: format!("{start}{language}"),
                    meaning: column.meaning.replace(LANGUAGE, language),
                    ..column.clone()
                };
                languages.iter().map(of).collect()
            }
        });
        self.columns = each.collect();
        self
    }

    pub fn schema(&self) -> SchemaRef {
        let fields = self
            .columns
            .iter()
            .map(|column| Field::new(&column.name, column.kind.data_type(), column.nullable));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The table with exactly the columns of the contract, in their order and types; all breaches at once.
    pub fn conform(&self, table: &RecordBatch) -> Result<RecordBatch, Error> {
        let mut breaches = self.columns_of(table.schema_ref());
        let mut arrays = Vec::new();
        for column in &self.columns {
            if let Some(array) = table.column_by_name(&column.name) {
                match conform_column(column, array) {
                    Ok(array) => arrays.push(array),
                    Err(found) => breaches.extend(found),
                }
            }
        }
        if (table.num_rows() as u64) < self.minimum_rows {
            breaches.push(whole(
                format!("{} rows", table.num_rows()),
                format!("at least {}", self.minimum_rows),
            ));
        }
        if !breaches.is_empty() {
            return Err(self.broken(breaches));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(table.num_rows()));
        let table = RecordBatch::try_new_with_options(self.schema(), arrays, &options)?;
        let doubles = duplicates(&table, &self.key)?;
        if doubles > 0 {
            let found = format!("{doubles} rows with the key of another row");
            return Err(
                self.broken(vec![whole(found, format!("{} to be unique", self.key.join(", ")))])
            );
        }
        Ok(table)
    }

    /// Holds a public table to it: what is absent is NULL, and nothing is the empty text.
    pub fn without_blanks(&self, table: &RecordBatch) -> Result<(), Error> {
        let blank = |column: &&Column| {
            let texts = table.column_by_name(&column.name)?.as_string_opt::<i32>()?;
            texts.iter().any(|text| text == Some("")).then_some(())
        };
        let columns = self.columns.iter().filter(|column| blank(column).is_some());
        let breaches: Vec<Breach> = columns
            .map(|column| breach(&column.name, "empty texts", "NULL where there is nothing"))
            .collect();
        if breaches.is_empty() { Ok(()) } else { Err(self.broken(breaches)) }
    }

    /// What a table of this schema would break, whatever its rows.
    pub fn unmet(&self, schema: &Schema) -> Vec<Breach> {
        let mut breaches = self.columns_of(schema);
        for column in &self.columns {
            let Ok(field) = schema.field_with_name(&column.name) else { continue };
            breaches.extend(other_type(column, field.data_type()));
        }
        breaches
    }

    /// The same contract for a table whose values in these columns are yet to be decided.
    #[must_use]
    pub fn accepting(&self, any: &[&str]) -> Self {
        let mut contract = self.clone();
        let columns = contract.columns.iter_mut();
        columns
            .filter(|column| any.contains(&column.name.as_str()))
            .for_each(|column| column.values.clear());
        contract
    }

    pub fn broken(&self, breaches: Vec<Breach>) -> Error {
        Error::Contract { mart: self.mart.clone(), breaches }
    }

    /// Columns that are missing or too many.
    fn columns_of(&self, schema: &Schema) -> Vec<Breach> {
        let missing = self.columns.iter().filter(|column| schema.index_of(&column.name).is_err());
        let missing =
            missing.map(|column| breach(&column.name, "no such column", column.kind.name()));
        let known = |name: &str| self.columns.iter().any(|column| column.name == name);
        let is_extra = |name: &str| !self.leaves_out_others && !known(name);
        let extra = schema.fields().iter().filter(|field| is_extra(field.name()));
        let expected = "only those of the contract, unless it says `leaves_out_others = true`";
        let extra = extra.map(|field| breach(field.name(), "a column", expected));
        missing.chain(extra).collect()
    }
}

/// How many rows have the key of a row before them.
pub fn duplicates(table: &RecordBatch, key: &[String]) -> Result<usize, Error> {
    let columns: Vec<ArrayRef> =
        key.iter().filter_map(|name| table.column_by_name(name)).cloned().collect();
    let fields = columns.iter().map(|array| SortField::new(array.data_type().clone())).collect();
    let rows = RowConverter::new(fields)?.convert_columns(&columns)?;
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_unstable();
    Ok(rows.windows(2).filter(|pair| pair[0] == pair[1]).count())
}

fn conform_column(column: &Column, array: &ArrayRef) -> Result<ArrayRef, Vec<Breach>> {
    let expected = column.kind.data_type();
    if let Some(breach) = other_type(column, array.data_type()) {
        return Err(vec![breach]);
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let array = cast_with_options(array, &expected, &options)
        .map_err(|_| vec![breach(&column.name, "values that do not fit", column.kind.name())])?;
    let mut breaches = Vec::new();
    if !column.nullable && array.null_count() > 0 {
        breaches.push(breach(&column.name, &format!("{} empty cells", array.null_count()), "none"));
    }
    if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        let wild = numbers.iter().flatten().filter(|number| !number.is_finite()).count();
        if wild > 0 {
            breaches.push(breach(
                &column.name,
                &format!("{wild} infinite or undefined numbers"),
                "none",
            ));
        }
    }
    if !column.values.is_empty() {
        breaches.extend(unknown_value(column, &array));
    }
    if breaches.is_empty() { Ok(array) } else { Err(breaches) }
}

fn other_type(column: &Column, found: &DataType) -> Option<Breach> {
    let fits = widens(found, &column.kind.data_type());
    (!fits).then(|| breach(&column.name, &format!("type {found}"), column.kind.name()))
}

/// Allowed values are codes of the program or the configuration, so the one found may be shown.
fn unknown_value(column: &Column, array: &ArrayRef) -> Option<Breach> {
    let texts = array.as_string_opt::<i32>()?;
    let unknown =
        texts.iter().flatten().find(|text| !column.values.iter().any(|value| value == text))?;
    Some(breach(
        &column.name,
        &format!("`{unknown}`"),
        &format!("one of: {}", column.values.join(", ")),
    ))
}

/// Types that become the expected one without loss.
fn widens(found: &DataType, expected: &DataType) -> bool {
    match (found, expected) {
        (found, expected) if found == expected => true,
        (DataType::Dictionary(_, inner), expected) => widens(inner, expected),
        (DataType::Null, _) | (DataType::LargeUtf8 | DataType::Utf8View, DataType::Utf8) => true,
        (found, DataType::Int64 | DataType::Int32 | DataType::Float64) => found.is_integer(),
        _ => false,
    }
}

fn breach(column: &str, found: &str, expected: &str) -> Breach {
    Breach { column: column.to_owned(), found: found.to_owned(), expected: expected.to_owned() }
}

fn whole(found: String, expected: String) -> Breach {
    Breach { column: String::new(), found, expected }
}

fn position(text: &str, offset: usize) -> (u64, u64) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line as u64, column as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use arrow::array::{Int64Array, StringArray};

    use super::*;

    const CONTRACT: &str = r#"
grain = "one row a panel"
key = ["panel"]
columns = [
    { name = "panel", type = "text", meaning = "panel" },
    { name = "n", type = "int64", meaning = "answers" },
]
"#;

    fn table() -> RecordBatch {
        let column = |numbers: [i64; 2]| Arc::new(Int64Array::from(numbers.to_vec())) as ArrayRef;
        let panel: ArrayRef = Arc::new(StringArray::from(vec!["gp", "nurse"]));
        RecordBatch::try_from_iter([
            ("n", column([3, 4])),
            ("wave", column([2024, 2025])),
            ("panel", panel),
        ])
        .unwrap()
    }

    #[test]
    fn a_column_that_the_contract_does_not_name_is_left_out_only_where_it_says_so() {
        let strict = Contract::parse("mart", CONTRACT).unwrap();
        let error = strict.conform(&table()).unwrap_err().to_string();
        assert!(error.contains("`wave`"), "{error}");
        assert_eq!(strict.unmet(table().schema_ref()).len(), 1);

        let choosing = format!("leaves_out_others = true\n{CONTRACT}");
        let choosing = Contract::parse("mart", &choosing).unwrap();
        assert_eq!(choosing.unmet(table().schema_ref()), []);
        let found = choosing.conform(&table()).unwrap();
        let names: Vec<&str> =
            found.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["panel", "n"]);
        let missing = choosing.unmet(&found.schema_ref().project(&[0]).unwrap());
        assert_eq!(missing.len(), 1, "what it names must be there");
    }
}
