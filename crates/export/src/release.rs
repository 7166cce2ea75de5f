//! A release folder: its manifest, its data dictionary, its tables as columns of plain values.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;

use crate::error::Error;

/// The form of release that this crate reads.
const FORMAT: u64 = 1;
pub const TOTAL: &str = "total";
pub const PUBLIC: &str = "public";
pub const RESTRICTED: &str = "restricted";

pub type Text = Arc<str>;

/// What a release says of itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    pub release: String,
    pub monitor: String,
    /// By language: what a person must know before reading a figure, such as that it is synthetic.
    #[serde(default)]
    pub notice: BTreeMap<String, String>,
    #[serde(default)]
    pub publication: Option<Publication>,
    pub run: Run,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Publication {
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub embargo_until: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    pub started: String,
}

/// A column as the data dictionary describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Described {
    pub folder: String,
    pub mart: String,
    #[serde(default)]
    pub grain: String,
    pub column: String,
    pub in_key: String,
    #[serde(default)]
    pub meaning: String,
}

impl Described {
    pub fn is_key(&self) -> bool {
        self.in_key == "yes"
    }
}

pub struct Release {
    pub folder: PathBuf,
    pub manifest: Manifest,
}

impl Release {
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("manifest.json");
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Error::NoRelease { path: folder.to_owned() }
            }
            _ => Error::file(&path)(error),
        })?;
        let unreadable = |error: serde_json::Error| Error::Unreadable {
            path: path.clone(),
            problem: error.to_string(),
        };
        // The version first: the rest of another version may look different.
        let value: serde_json::Value = serde_json::from_str(&text).map_err(unreadable)?;
        let found = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if found != FORMAT {
            return Err(Error::Version { path: folder.to_owned(), found, expected: FORMAT });
        }
        let manifest = serde_json::from_value(value).map_err(unreadable)?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    fn path(&self, part: &str, mart: &str) -> PathBuf {
        self.folder.join(part).join(format!("{mart}.parquet"))
    }

    pub fn has(&self, part: &str, mart: &str) -> bool {
        self.path(part, mart).is_file()
    }

    /// A table that an export cannot do without.
    pub fn table(&self, part: &str, mart: &str) -> Result<Table, Error> {
        let path = self.path(part, mart);
        if path.is_file() {
            return Table::read(&path, mart);
        }
        let hint = if part == RESTRICTED {
            "only those who may read restricted/ can make the restricted version"
        } else {
            "the export needs a whole release or its public part; `peil verify` says what is missing"
        };
        Err(Error::MissingMart { path: self.folder.join(part), mart: mart.to_owned(), hint })
    }

    /// A table that a release may have.
    pub fn optional(&self, part: &str, mart: &str) -> Result<Option<Table>, Error> {
        self.has(part, mart).then(|| self.table(part, mart)).transpose()
    }

    /// The data dictionary, in its order.
    pub fn dictionary(&self) -> Result<Vec<Described>, Error> {
        let path = self.folder.join("data_dictionary.csv");
        let file = File::open(&path).map_err(Error::file(&path))?;
        csv::Reader::from_reader(file)
            .deserialize()
            .collect::<Result<_, _>>()
            .map_err(|error| Error::Unreadable { path: path.clone(), problem: error.to_string() })
    }

    /// Columns of a table with their types, without its rows.
    pub fn schema(&self, part: &str, mart: &str) -> Result<SchemaRef, Error> {
        Ok(open(&self.path(part, mart))?.schema().clone())
    }

    /// Languages of the labels of a table, in its order.
    pub fn languages(&self) -> Result<Vec<String>, Error> {
        if !self.has(PUBLIC, "dim_indicator") {
            self.table(PUBLIC, "dim_indicator")?;
        }
        let schema = self.schema(PUBLIC, "dim_indicator")?;
        let labels = schema.fields().iter().filter_map(|field| field.name().strip_prefix("label_"));
        Ok(labels.map(str::to_owned).collect())
    }
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
    let file = File::open(path).map_err(Error::file(path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), problem: error.to_string() }
}

enum Values {
    Text(Vec<Option<Text>>),
    Number(Vec<Option<f64>>),
    Other,
}

/// A table by column.
pub struct Table {
    name: String,
    pub rows: usize,
    columns: BTreeMap<String, Values>,
}

impl Table {
    fn read(path: &Path, name: &str) -> Result<Self, Error> {
        let builder = open(path)?;
        let schema = builder.schema().clone();
        let reader = builder.build().map_err(|error| unreadable(path, &error))?;
        let batches: Vec<RecordBatch> =
            reader.collect::<Result<_, _>>().map_err(|error| unreadable(path, &error))?;
        let all = concat_batches(&schema, &batches).map_err(|error| unreadable(path, &error))?;
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns = names.zip(all.columns().iter().map(|array| values(array.as_ref()))).collect();
        Ok(Self { name: name.to_owned(), rows: all.num_rows(), columns })
    }

    pub fn text(&self, column: &str) -> Result<&[Option<Text>], Error> {
        self.optional_text(column).ok_or_else(|| self.lacks(column, "of texts"))
    }

    pub fn number(&self, column: &str) -> Result<&[Option<f64>], Error> {
        self.optional_number(column).ok_or_else(|| self.lacks(column, "of numbers"))
    }

    pub fn optional_text(&self, column: &str) -> Option<&[Option<Text>]> {
        match self.columns.get(column) {
            Some(Values::Text(values)) => Some(values),
            _ => None,
        }
    }

    pub fn optional_number(&self, column: &str) -> Option<&[Option<f64>]> {
        match self.columns.get(column) {
            Some(Values::Number(values)) => Some(values),
            _ => None,
        }
    }

    /// Whether every row has a value; an empty text is none.
    pub fn is_complete(&self, column: &str) -> bool {
        match self.columns.get(column) {
            Some(Values::Text(texts)) => {
                texts.iter().all(|text| text.as_ref().is_some_and(|text| !text.is_empty()))
            }
            Some(Values::Number(numbers)) => numbers.iter().all(Option::is_some),
            _ => false,
        }
    }

    /// A column of labels in a language; where it has none, whatever language comes first, then the column itself.
    pub fn labels(&self, stem: &str, language: &str, key: &str) -> Result<&[Option<Text>], Error> {
        let prefix = format!("{stem}_");
        let first = || self.columns.keys().find(|name| name.starts_with(&prefix));
        self.optional_text(&format!("{stem}_{language}"))
            .or_else(|| first().and_then(|name| self.optional_text(name)))
            .map_or_else(|| self.text(key), Ok)
    }

    fn lacks(&self, column: &str, expected: &'static str) -> Error {
        Error::Column { mart: self.name.clone(), column: column.to_owned(), expected }
    }
}

fn values(array: &dyn Array) -> Values {
    match array.data_type() {
        DataType::Utf8 => {
            let mut known: BTreeMap<&str, Text> = BTreeMap::new();
            let texts = array.as_string::<i32>();
            let shared = texts.iter().map(|text| {
                text.map(|text| known.entry(text).or_insert_with(|| Arc::from(text)).clone())
            });
            Values::Text(shared.collect())
        }
        kind if kind.is_numeric() => cast(array, &DataType::Float64).map_or(Values::Other, |all| {
            Values::Number(all.as_primitive::<Float64Type>().iter().collect())
        }),
        _ => Values::Other,
    }
}

/// A key as a name of a file: letters, digits, `_` and `-`.
pub fn identifier(key: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
    key.chars().map(|sign| if is_plain(sign) { sign } else { '_' }).collect()
}
