//! The data of a case: columns of cells, read as numbers or as levels.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, misfit};
use crate::spec::{ColumnKind, Condition, Data, cell_text};

/// Columns of text; an empty cell is a missing value.
pub struct Frame {
    columns: BTreeMap<String, Vec<String>>,
    kinds: BTreeMap<String, ColumnKind>,
    levels: BTreeMap<String, Vec<String>>,
    rows: usize,
}

/// Level of each row; `None` = missing.
pub struct Levels {
    pub names: Vec<String>,
    pub codes: Vec<Option<usize>>,
}

impl Levels {
    /// 1 in rows of a level, 0 in others; NaN = missing.
    pub fn indicator(&self, code: usize) -> Vec<f64> {
        let value = |row: &Option<usize>| row.map_or(f64::NAN, |row| f64::from(row == code));
        self.codes.iter().map(value).collect()
    }
}

impl Frame {
    pub fn read(folder: &Path, data: &Data) -> Result<Self, Error> {
        let columns: BTreeMap<String, Vec<String>> =
            read_columns(&folder.join(&data.file))?.into_iter().collect();
        let rows = columns.values().next().map_or(0, Vec::len);
        if rows != data.rows {
            return Err(misfit(&data.file, format!("{rows} rows"), format!("{} rows", data.rows)));
        }
        let specified: BTreeSet<&String> = data.columns.iter().map(|column| &column.name).collect();
        if let Some(name) = columns.keys().find(|name| !specified.contains(name)) {
            return Err(misfit(&data.file, format!("column `{name}`"), "only specified columns"));
        }
        if let Some(name) = specified.into_iter().find(|name| !columns.contains_key(*name)) {
            return Err(misfit(
                &data.file,
                format!("no column `{name}`"),
                "every specified column",
            ));
        }
        let kinds = data.columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
        let texts = |column: &crate::spec::Column| {
            column.levels.as_ref().map(|levels| {
                (column.name.clone(), levels.iter().map(crate::spec::Label::text).collect())
            })
        };
        let levels = data.columns.iter().filter_map(texts).collect();
        Ok(Self { columns, kinds, levels, rows })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn cells(&self, name: &str) -> Result<&[String], Error> {
        let column = self.columns.get(name).map(Vec::as_slice);
        column.ok_or_else(|| {
            misfit("data", format!("no column `{name}`"), "the column of the specification")
        })
    }

    /// Rows that miss a value in none of the columns.
    pub fn known(&self, names: &[&String]) -> Result<Vec<bool>, Error> {
        let mut rows = vec![true; self.rows];
        for name in names {
            rows.iter_mut().zip(self.cells(name)?).for_each(|(row, cell)| *row &= !cell.is_empty());
        }
        Ok(rows)
    }

    pub fn is_categorical(&self, name: &str) -> bool {
        self.kinds.get(name) == Some(&ColumnKind::Categorical)
    }

    /// Values of a column; NaN = missing.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, Error> {
        let parse = |cell: &String| match cell.as_str() {
            "" => Ok(f64::NAN),
            "TRUE" => Ok(1.0),
            "FALSE" => Ok(0.0),
            text => {
                text.parse().map_err(|_| misfit(&format!("column `{name}`"), "text", "a number"))
            }
        };
        self.cells(name)?.iter().map(parse).collect()
    }

    /// Levels of a column: as specified, or the values that occur in their order.
    pub fn levels(&self, name: &str) -> Result<Levels, Error> {
        let cells = self.cells(name)?;
        let names = match self.levels.get(name) {
            Some(names) => names.clone(),
            None => occurring(cells),
        };
        let index: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(code, name)| (name.as_str(), code)).collect();
        let code = |cell: &String| match (cell.as_str(), index.get(cell.as_str())) {
            ("", _) => Ok(None),
            (_, Some(&code)) => Ok(Some(code)),
            _ => Err(misfit(
                &format!("column `{name}`"),
                "a level that is not specified",
                "a specified level",
            )),
        };
        let codes = cells.iter().map(code).collect::<Result<_, _>>()?;
        Ok(Levels { names, codes })
    }

    /// Rows that meet all conditions.
    pub fn filter(&self, conditions: &[Condition]) -> Result<Vec<bool>, Error> {
        let mut rows = vec![true; self.rows];
        for condition in conditions {
            let meets = self.condition(condition)?;
            rows.iter_mut().zip(meets).for_each(|(row, meets)| *row &= meets);
        }
        Ok(rows)
    }

    fn condition(&self, condition: &Condition) -> Result<Vec<bool>, Error> {
        let Condition { variable, op, value } = condition;
        let cells = self.cells(variable)?;
        let known = |test: &dyn Fn(&str) -> bool| {
            cells.iter().map(|cell| !cell.is_empty() && test(cell)).collect()
        };
        let text = cell_text(value);
        let same = |cell: &str, text: &str| match (cell.parse::<f64>(), text.parse::<f64>()) {
            (Ok(cell), Ok(text)) => cell == text,
            _ => cell == text,
        };
        let listed: Vec<String> =
            value.as_array().map(|list| list.iter().map(cell_text).collect()).unwrap_or_default();
        let number = value.as_f64();
        let compare = |test: fn(f64, f64) -> bool| {
            let limit = number
                .ok_or_else(|| misfit(&format!("where `{variable}`"), text.clone(), "a number"))?;
            let numbers = self.numbers(variable)?;
            Ok(numbers.iter().map(|&value| !value.is_nan() && test(value, limit)).collect())
        };
        match op.as_str() {
            "==" | "!=" if value.is_array() || value.is_object() || value.is_null() => {
                Err(misfit(&format!("where `{variable}`"), text.clone(), "one value"))
            }
            "==" => Ok(known(&|cell| same(cell, &text))),
            "!=" => Ok(known(&|cell| !same(cell, &text))),
            "in" if matches!(value, Value::Array(_)) => {
                Ok(known(&|cell| listed.iter().any(|text| same(cell, text))))
            }
            ">" => compare(|value, limit| value > limit),
            ">=" => compare(|value, limit| value >= limit),
            "<" => compare(|value, limit| value < limit),
            "<=" => compare(|value, limit| value <= limit),
            other => Err(Error::NotImplemented { what: "condition", name: other.into() }),
        }
    }
}

/// Reads a CSV file with a header into columns, in their order.
pub fn read_columns(path: &Path) -> Result<Vec<(String, Vec<String>)>, Error> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let error = |reason: csv::Error| Error::File { file: file.clone(), reason: reason.to_string() };
    let mut reader = csv::Reader::from_path(path).map_err(error)?;
    let names: Vec<String> = reader.headers().map_err(error)?.iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for record in reader.records() {
        let record = record.map_err(error)?;
        columns
            .iter_mut()
            .zip(record.iter())
            .for_each(|(column, cell)| column.push(cell.to_owned()));
    }
    Ok(names.into_iter().zip(columns).collect())
}

/// Distinct cells, numbers in numeric order.
fn occurring(cells: &[String]) -> Vec<String> {
    let mut names: Vec<String> = cells.iter().filter(|cell| !cell.is_empty()).cloned().collect();
    names.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    names.dedup();
    names
}
