//! The rows that a request speaks of, whole or domain by domain, and its numbers as JSON.

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::Error;
use crate::frame::Frame;
use crate::spec::Names;

/// Data and design that the requests share.
pub struct Context<'a> {
    pub frame: &'a Frame,
    pub backend: &'a Backend,
}

/// The rows of a request, or of one of its domains.
pub struct Scope<'a> {
    pub context: &'a Context<'a>,
    /// Rows that meet the conditions, answered or not.
    pub filtered: Vec<bool>,
    /// Rows that take part: `filtered`, without those that miss a value when `na_rm`.
    pub rows: Vec<bool>,
    /// Rows of `filtered` that miss no value.
    pub complete: Vec<bool>,
    /// Degrees of freedom of the whole request's `filtered`.
    pub df: i64,
}

/// A domain: its levels by variable and its rows.
pub struct Domain {
    pub name: Vec<(String, String)>,
    pub rows: Vec<bool>,
}

impl Domain {
    /// Its levels, joined as R's `interaction()` does.
    pub fn label(&self) -> String {
        self.name.iter().map(|part| part.1.as_str()).collect::<Vec<_>>().join(".")
    }
}

impl Scope<'_> {
    /// Number of rows that take part.
    pub fn n(&self) -> usize {
        self.rows.iter().filter(|row| **row).count()
    }

    /// Degrees of freedom of some rows.
    pub fn degrees_of_freedom(&self, rows: &[bool]) -> i64 {
        self.context.backend.degrees_of_freedom(rows)
    }

    /// Occupied crosses of the levels among `rows`, first variable fastest.
    pub fn domains(&self, by: &Names, rows: &[bool]) -> Result<Vec<Domain>, Error> {
        let mut domains = vec![Domain { name: Vec::new(), rows: vec![true; rows.len()] }];
        for variable in by.list() {
            let levels = self.context.frame.levels(variable)?;
            let split = |(code, level): (usize, &String)| {
                let members: Vec<bool> =
                    levels.codes.iter().map(|found| *found == Some(code)).collect();
                let narrow = |domain: &Domain| {
                    let part = (variable.clone(), level.clone());
                    let name = domain.name.iter().cloned().chain([part]).collect();
                    Domain { name, rows: both(&domain.rows, &members) }
                };
                domains.iter().map(narrow).collect::<Vec<_>>()
            };
            domains = levels.names.iter().enumerate().flat_map(split).collect();
        }
        domains.retain(|domain| both(&domain.rows, rows).contains(&true));
        Ok(domains)
    }

    /// The part of the scope that lies in a domain.
    pub(crate) fn inside(&self, domain: &[bool]) -> Self {
        Self {
            context: self.context,
            filtered: both(&self.filtered, domain),
            rows: both(&self.rows, domain),
            complete: both(&self.complete, domain),
            df: self.df,
        }
    }
}

/// Rows of both.
pub fn both(left: &[bool], right: &[bool]) -> Vec<bool> {
    left.iter().zip(right).map(|(left, right)| *left && *right).collect()
}

pub fn pair(interval: (f64, f64)) -> Value {
    json!([number(interval.0), number(interval.1)])
}

/// A number, or null where there is none.
pub fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// Standard error; what rounding leaves below 0 is 0.
pub fn standard_error(variance: f64) -> f64 {
    if variance < 0.0 { 0.0 } else { variance.sqrt() }
}

pub fn matrix(matrix: &nalgebra::DMatrix<f64>) -> Value {
    let row = |row: usize| {
        (0..matrix.ncols()).map(|column| number(matrix[(row, column)])).collect::<Vec<_>>()
    };
    json!((0..matrix.nrows()).map(row).collect::<Vec<_>>())
}
