//! What a request computes, whole or in each of its domains, in the shape of `expected.json`.

use serde_json::{Map, Value, json};

use crate::backend::Backend;
use crate::error::Error;
use crate::frame::{Frame, misfit};
use crate::spec::{Kind, Names, Request};
use crate::{comparison, inequality, points, share};

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

impl Request {
    pub fn compute(&self, context: &Context<'_>) -> Result<Value, Error> {
        let scope = self.scope(context)?;
        if self.kind.compares_groups() {
            let none = || misfit(&self.id, "no `by`", "the groups that are compared");
            return comparison::of_groups(&scope, &self.kind, self.by.as_ref().ok_or_else(none)?);
        }
        match (&self.kind, &self.by) {
            (Kind::Laeken { variable, probs }, by) => {
                inequality::laeken(&scope, variable, probs, by.as_ref())
            }
            (_, None) => self.kind.compute(&scope),
            (_, Some(by)) => self.by_domain(&scope, by),
        }
    }

    fn scope<'a>(&self, context: &'a Context<'_>) -> Result<Scope<'a>, Error> {
        let filtered = context.frame.filter(&self.filter)?;
        let complete = both(&filtered, &context.frame.known(&self.kind.variables())?);
        let rows = if self.na_rm { complete.clone() } else { filtered.clone() };
        let df = context.backend.degrees_of_freedom(&filtered);
        Ok(Scope { context, filtered, rows, complete, df })
    }

    /// The cells of every domain; of several variables, those of the first one in all domains come first, as in R.
    fn by_domain(&self, scope: &Scope<'_>, by: &Names) -> Result<Value, Error> {
        let of_domain = |domain: &Domain| {
            let inside = scope.inside(&domain.rows);
            Ok(with_domain(&inside, self.kind.compute(&inside)?, domain))
        };
        let domains = scope.domains(by, &scope.rows)?;
        let cells = domains.iter().map(of_domain).collect::<Result<Vec<_>, Error>>()?;
        let cells: Vec<Value> = match self.kind {
            Kind::Mean { .. } | Kind::Total { .. } => {
                let variables = cells.first().map_or(0, Vec::len);
                let of_variable =
                    |index: usize| cells.iter().map(move |cells| cells[index].clone());
                (0..variables).flat_map(of_variable).collect()
            }
            _ => cells.into_iter().flatten().collect(),
        };
        Ok(json!({ "n": scope.n(), "df": scope.df, "cells": cells }))
    }
}

impl Kind {
    fn compute(&self, scope: &Scope<'_>) -> Result<Value, Error> {
        match self {
            Self::Mean { variables } => points::means(scope, variables),
            Self::Total { variables } => points::totals(scope, variables),
            Self::Ratio { numerator, denominator } => points::ratio(scope, numerator, denominator),
            Self::Quantile { variable, probs, rules, interval_types } => {
                share::quantiles(scope, variable, probs, (rules, interval_types))
            }
            Self::PropCi { variable, level, methods } => {
                share::intervals(scope, variable, &level.text(), methods)
            }
            _ => comparison::of_scope(scope, self),
        }
    }

    /// Whether `by` names what is compared and not domains.
    fn compares_groups(&self) -> bool {
        matches!(
            self,
            Self::Contrast { .. }
                | Self::Pairwise { .. }
                | Self::Trend { .. }
                | Self::Equality { .. }
        )
    }

    /// Columns in which a value can be missing.
    fn variables(&self) -> Vec<&String> {
        match self {
            Self::Mean { variables } | Self::Total { variables } => variables.iter().collect(),
            Self::Ratio { numerator, denominator } => vec![numerator, denominator],
            Self::Chisq { rows, cols, .. } => vec![rows, cols],
            Self::Ttest { variable, group } => vec![variable, group],
            Self::TtestPaired { variable, minus } => vec![variable, minus],
            Self::Quantile { variable, .. }
            | Self::PropCi { variable, .. }
            | Self::TtestOneSample { variable, .. }
            | Self::Contrast { variable, .. }
            | Self::Pairwise { variable }
            | Self::Trend { variable, .. }
            | Self::Equality { variable }
            | Self::Laeken { variable, .. } => vec![variable],
        }
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
    fn inside(&self, domain: &[bool]) -> Self {
        Self {
            context: self.context,
            filtered: both(&self.filtered, domain),
            rows: both(&self.rows, domain),
            complete: both(&self.complete, domain),
            df: self.df,
        }
    }
}

/// The cells of a result with their domain; its degrees of freedom count PSUs whether or not an answer is missing there, as in R.
fn with_domain(scope: &Scope<'_>, mut result: Value, domain: &Domain) -> Vec<Value> {
    let names: Map<String, Value> =
        domain.name.iter().map(|(name, level)| (name.clone(), json!(level))).collect();
    let n = result.get("n").cloned();
    let cells = match result.get_mut("cells").map(Value::take) {
        Some(Value::Array(cells)) => cells,
        _ => vec![result],
    };
    let describe = |mut cell: Value| {
        cell["domain"] = Value::Object(names.clone());
        cell["domain_df"] = json!(scope.degrees_of_freedom(&scope.filtered));
        if let Some(n) = &n {
            cell["n"] = n.clone();
        }
        cell
    };
    cells.into_iter().map(describe).collect()
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
