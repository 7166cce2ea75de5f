//! The star of a release as plain values: tables, columns, relations, measures.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;

use super::measures::{self, Measure};
use super::relations::{self, Relation};
use crate::error::Error;
use crate::release::{Described, PUBLIC, Release};

/// A type that BI tools know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Decimal,
    Truth,
    Date,
}

impl Kind {
    /// None for lists and other types that BI tools do not read.
    fn of(kind: &DataType) -> Option<Self> {
        match kind {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Self::Text),
            DataType::Boolean => Some(Self::Truth),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Some(Self::Date),
            kind if kind.is_integer() => Some(Self::Whole),
            kind if kind.is_floating() => Some(Self::Decimal),
            _ => None,
        }
    }
}

/// Where a column comes from that is not in the mart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Several columns as one key.
    Key(Vec<String>),
    /// The place of the row.
    Order,
    /// Two labels as one.
    Label(String, String),
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub meaning: String,
    pub is_key: bool,
    pub is_hidden: bool,
    pub sort_by: Option<String>,
    pub made: Option<Made>,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub grain: String,
    pub columns: Vec<Column>,
}

impl Table {
    pub fn is_dimension(&self) -> bool {
        self.name.starts_with("dim_")
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.name == column)
    }

    pub fn column(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    pub fn kind(&self, column: &str) -> Kind {
        let found = self.columns.iter().find(|known| known.name == column);
        found.map_or(Kind::Text, |column| column.kind)
    }

    /// The columns of the mart's key.
    pub fn key(&self) -> Vec<&str> {
        let keys = self.columns.iter().filter(|column| column.is_key && column.made.is_none());
        keys.map(|column| column.name.as_str()).collect()
    }
}

pub struct Star {
    pub languages: Vec<String>,
    pub tables: Vec<Table>,
    pub relations: Vec<Relation>,
    pub measures: Vec<Measure>,
    pub left_out: Vec<String>,
}

impl Star {
    pub fn of(release: &Release) -> Result<Self, Error> {
        let languages = release.languages()?;
        let mut described: BTreeMap<String, Vec<Described>> = BTreeMap::new();
        for column in release.dictionary()?.into_iter().filter(|it| it.folder == PUBLIC) {
            described.entry(column.mart.clone()).or_default().push(column);
        }
        let (mut tables, mut left_out) = (Vec::new(), Vec::new());
        for (mart, columns) in described {
            let is_dimension = mart.starts_with("dim_");
            if !is_dimension && columns.iter().any(|column| column.column.contains("_label_")) {
                left_out.push(mart);
            } else {
                tables.push(table(release, &mart, &columns)?);
            }
        }
        // The measures read these.
        for mart in ["estimate", "change"] {
            if !tables.iter().any(|table| table.name == mart) {
                release.table(PUBLIC, mart)?;
            }
        }
        let relations = relations::between(&mut tables, |table, column| {
            // A table that cannot be read is an error below, where it is sorted.
            release.table(PUBLIC, table).is_ok_and(|table| table.is_complete(column))
        });
        for table in tables.iter_mut().filter(|table| table.is_dimension()) {
            sort(release, table, &languages)?;
        }
        let measures = measures::of(&tables, &relations);
        Ok(Self { languages, tables, relations, measures, left_out })
    }

    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

fn table(release: &Release, mart: &str, described: &[Described]) -> Result<Table, Error> {
    if !release.has(PUBLIC, mart) {
        release.table(PUBLIC, mart)?;
    }
    let schema = release.schema(PUBLIC, mart)?;
    let is_dimension = mart.starts_with("dim_");
    let has_labels = schema.fields().iter().any(|field| field.name().starts_with("label_"));
    let mut columns = Vec::new();
    for field in schema.fields() {
        let Some(kind) = Kind::of(field.data_type()) else { continue };
        let about = described.iter().find(|column| column.column == *field.name());
        let is_key = about.is_some_and(Described::is_key);
        let is_for_machines = matches!(field.name().as_str(), "run_id" | "sort_order");
        columns.push(Column {
            name: field.name().clone(),
            kind,
            meaning: about.map(|column| column.meaning.clone()).unwrap_or_default(),
            is_key,
            is_hidden: is_for_machines || (is_dimension && is_key && has_labels),
            sort_by: None,
            made: None,
        });
    }
    let grain = described.first().map(|column| column.grain.clone()).unwrap_or_default();
    Ok(Table { name: mart.to_owned(), grain, columns })
}

/// Lets the columns of a dimension be sorted as the survey orders them, where each text has one place.
fn sort(release: &Release, table: &mut Table, languages: &[String]) -> Result<(), Error> {
    let data = release.table(PUBLIC, &table.name)?;
    order_rows(table, languages);
    let Some(order) = data.optional_number("sort_order") else { return Ok(()) };
    for column in &mut table.columns {
        if column.kind != Kind::Text || column.name == "run_id" {
            continue;
        }
        let is_name = column.is_key || column.name.starts_with("label");
        let Some(texts) = data.optional_text(&column.name).filter(|_| is_name) else { continue };
        let mut places: BTreeMap<&str, Option<f64>> = BTreeMap::new();
        let one_place = texts.iter().zip(order).all(|(text, place)| {
            let text = text.as_deref().unwrap_or_default();
            *places.entry(text).or_insert(*place) == *place
        });
        if one_place {
            column.sort_by = Some("sort_order".to_owned());
        }
    }
    Ok(())
}

/// A dimension whose rows have two labels: they get a number, and a name that is theirs alone.
fn order_rows(table: &mut Table, languages: &[String]) {
    let order = "row_order";
    let mut added = Vec::new();
    for language in languages {
        let (first, second) = (format!("label_{language}"), format!("level_label_{language}"));
        if table.has(&first) && table.has(&second) {
            added.push(Column {
                name: format!("cell_label_{language}"),
                kind: Kind::Text,
                meaning: "both labels as one, sorted as the breakdown is".to_owned(),
                is_key: false,
                is_hidden: false,
                sort_by: Some(order.to_owned()),
                made: Some(Made::Label(first, second)),
            });
        }
    }
    if added.is_empty() || table.has(order) {
        return;
    }
    table.columns.push(Column {
        name: order.to_owned(),
        kind: Kind::Whole,
        meaning: "place of the row".to_owned(),
        is_key: false,
        is_hidden: true,
        sort_by: None,
        made: Some(Made::Order),
    });
    table.columns.extend(added);
}
