//! What each kind of request computes, in the shape of `expected.json`.

use estimate::point::{Comparison, simple_random_variance};
use serde_json::{Map, Value, json};

use crate::backend::{Backend, Figure};
use crate::error::Error;
use crate::frame::Frame;
use crate::spec::{Condition, Names, Request};
use crate::{comparison, share};

/// Data and design that the requests share.
pub struct Context<'a> {
    pub frame: &'a Frame,
    pub backend: &'a Backend,
}

impl Request {
    pub fn id(&self) -> &str {
        match self {
            Self::Mean { id, .. }
            | Self::Total { id, .. }
            | Self::Ratio { id, .. }
            | Self::Quantile { id, .. }
            | Self::PropCi { id, .. }
            | Self::Chisq { id, .. }
            | Self::Ttest { id, .. }
            | Self::TtestOneSample { id, .. }
            | Self::TtestPaired { id, .. }
            | Self::Contrast { id, .. }
            | Self::Pairwise { id, .. }
            | Self::Trend { id, .. }
            | Self::Equality { id, .. }
            | Self::Laeken { id, .. } => id,
        }
    }

    pub fn compute(&self, context: &Context<'_>) -> Result<Value, Error> {
        match self {
            Self::Mean { variables, by, filter, na_rm, .. } => {
                points(context, variables, by.as_ref(), filter, *na_rm, Kind::Mean)
            }
            Self::Total { variables, by, filter, na_rm, .. } => {
                points(context, variables, by.as_ref(), filter, *na_rm, Kind::Total)
            }
            Self::Ratio { numerator, denominator, by, filter, na_rm, .. } => {
                ratios(context, (numerator, denominator), by.as_ref(), filter, *na_rm)
            }
            Self::Quantile { .. } => share::quantiles(context, self),
            Self::PropCi { .. } => share::intervals(context, self),
            Self::Laeken { .. } => share::laeken(context, self),
            _ => comparison::compute(context, self),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mean,
    Total,
}

/// A column of a request: a number, or the indicator of a level.
struct Item {
    variable: String,
    level: Option<String>,
    values: Vec<f64>,
}

/// A domain: its levels by variable and its rows.
pub struct Domain {
    pub name: Vec<(String, String)>,
    /// Rows that take part.
    pub rows: Vec<bool>,
    /// Rows with these levels, taking part or not.
    pub members: Vec<bool>,
}

impl Context<'_> {
    fn items(&self, variables: &[String]) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        for variable in variables {
            if !self.frame.is_categorical(variable) {
                items.push(Item {
                    variable: variable.clone(),
                    level: None,
                    values: self.frame.numbers(variable)?,
                });
                continue;
            }
            let levels = self.frame.levels(variable)?;
            for (code, name) in levels.names.iter().enumerate() {
                let value =
                    |row: &Option<usize>| row.map_or(f64::NAN, |row| f64::from(row == code));
                let values: Vec<f64> = levels.codes.iter().map(value).collect();
                if values.contains(&1.0) {
                    items.push(Item {
                        variable: variable.clone(),
                        level: Some(name.clone()),
                        values,
                    });
                }
            }
        }
        Ok(items)
    }

    /// Rows of the filter, without those that miss one of the columns when `na_rm`.
    pub fn rows(
        &self,
        filter: &[Condition],
        columns: &[&[f64]],
        na_rm: bool,
    ) -> Result<Vec<bool>, Error> {
        let mut rows = self.frame.filter(filter)?;
        for column in columns.iter().filter(|_| na_rm) {
            rows.iter_mut().zip(*column).for_each(|(row, value)| *row &= !value.is_nan());
        }
        Ok(rows)
    }

    /// Occupied crosses of the levels, first variable fastest.
    pub fn domains(&self, by: &Names, rows: &[bool]) -> Result<Vec<Domain>, Error> {
        let members = vec![true; rows.len()];
        let mut domains = vec![Domain { name: Vec::new(), rows: rows.to_vec(), members }];
        for variable in by.list() {
            let levels = self.frame.levels(variable)?;
            let split = |(code, name): (usize, &String)| {
                let narrow = |domain: &Domain| {
                    let narrow = |rows: &[bool]| {
                        rows.iter()
                            .zip(&levels.codes)
                            .map(|(row, level)| *row && *level == Some(code))
                            .collect()
                    };
                    let mut parts = domain.name.clone();
                    parts.push((variable.clone(), name.clone()));
                    Domain {
                        name: parts,
                        rows: narrow(&domain.rows),
                        members: narrow(&domain.members),
                    }
                };
                domains.iter().map(narrow).collect::<Vec<_>>()
            };
            domains = levels.names.iter().enumerate().flat_map(split).collect();
        }
        domains.retain(|domain| domain.rows.contains(&true));
        Ok(domains)
    }
}

fn points(
    context: &Context<'_>,
    variables: &[String],
    by: Option<&Names>,
    filter: &[Condition],
    na_rm: bool,
    kind: Kind,
) -> Result<Value, Error> {
    let items = context.items(variables)?;
    let columns: Vec<&[f64]> = items.iter().map(|item| item.values.as_slice()).collect();
    let rows = context.rows(filter, &columns, na_rm)?;
    let filtered = context.frame.filter(filter)?;
    let df = context.backend.degrees_of_freedom(&filtered);
    let Some(by) = by else {
        let (cells, covariance) = cells(context, &items, &rows, df, kind)?;
        let n = rows.iter().filter(|row| **row).count();
        return Ok(json!({ "n": n, "df": df, "cells": cells, "vcov": matrix(&covariance) }));
    };
    let domains = context.domains(by, &rows)?;
    let of_domain = |domain: &Domain| {
        let (cells, _) = cells(context, &items, &domain.rows, df, kind)?;
        Ok::<_, Error>(
            cells
                .into_iter()
                .map(|cell| with_domain(context, cell, domain, &filtered))
                .collect::<Vec<_>>(),
        )
    };
    let by_domain = domains.iter().map(of_domain).collect::<Result<Vec<_>, _>>()?;
    // The first variable of all domains, then the next one, as svyby() is written out.
    let cells: Vec<&Value> =
        (0..items.len()).flat_map(|item| by_domain.iter().map(move |cells| &cells[item])).collect();
    Ok(json!({ "df": df, "cells": cells }))
}

/// Names the domain; its degrees of freedom count PSUs whether or not an answer is missing there, as in R.
fn with_domain(
    context: &Context<'_>,
    mut cell: Value,
    domain: &Domain,
    filtered: &[bool],
) -> Value {
    let names: Map<String, Value> =
        domain.name.iter().map(|(name, level)| (name.clone(), json!(level))).collect();
    cell["domain"] = Value::Object(names);
    cell["n"] = json!(domain.rows.iter().filter(|row| **row).count());
    let inside: Vec<bool> =
        filtered.iter().zip(&domain.members).map(|(row, member)| *row && *member).collect();
    cell["domain_df"] = json!(context.backend.degrees_of_freedom(&inside));
    cell
}

fn cells(
    context: &Context<'_>,
    items: &[Item],
    rows: &[bool],
    df: i64,
    kind: Kind,
) -> Result<(Vec<Value>, nalgebra::DMatrix<f64>), Error> {
    let figure = |item: &Item| {
        let (values, rows) = (item.values.clone(), rows.to_vec());
        if kind == Kind::Mean {
            Figure::Mean { values, rows }
        } else {
            Figure::Total { values, rows }
        }
    };
    let figures: Vec<Figure> = items.iter().map(figure).collect();
    let (estimates, covariance) = context.backend.estimates(&figures)?;
    let weights = context.backend.weights();
    let size: f64 = weights.iter().zip(rows).filter(|row| *row.1).map(|row| row.0).sum();
    let mut cells = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let variance = covariance[(index, index)];
        let mut cell = estimate_cell(estimates[index], variance, df);
        cell["variable"] = json!(item.variable);
        if let Some(level) = &item.level {
            cell["level"] = json!(level);
        }
        let scale = if kind == Kind::Mean { 1.0 } else { size * size };
        for (key, comparison) in [
            ("deff_wor", Comparison::WithoutReplacement),
            ("deff_replace", Comparison::WithReplacement),
        ] {
            let simple = simple_random_variance(weights, &item.values, rows, comparison);
            cell[key] = number(variance / (simple * scale));
        }
        cells.push(cell);
    }
    Ok((cells, covariance))
}

fn ratios(
    context: &Context<'_>,
    names: (&String, &String),
    by: Option<&Names>,
    filter: &[Condition],
    na_rm: bool,
) -> Result<Value, Error> {
    let (numerator, denominator) =
        (context.frame.numbers(names.0)?, context.frame.numbers(names.1)?);
    let rows = context.rows(filter, &[&numerator, &denominator], na_rm)?;
    let filtered = context.frame.filter(filter)?;
    let df = context.backend.degrees_of_freedom(&filtered);
    let cell = |rows: &[bool]| {
        let rows = rows.to_vec();
        let figure =
            Figure::Ratio { numerator: numerator.clone(), denominator: denominator.clone(), rows };
        let (estimates, covariance) = context.backend.estimates(&[figure])?;
        let mut cell = estimate_cell(estimates[0], covariance[(0, 0)], df);
        cell["numerator"] = json!(names.0);
        cell["denominator"] = json!(names.1);
        Ok::<Value, Error>(cell)
    };
    let cells = match by {
        None => vec![cell(&rows)?],
        Some(by) => {
            let domains = context.domains(by, &rows)?;
            let of_domain =
                |domain: &Domain| Ok(with_domain(context, cell(&domain.rows)?, domain, &filtered));
            domains.iter().map(of_domain).collect::<Result<_, Error>>()?
        }
    };
    let n = rows.iter().filter(|row| **row).count();
    Ok(json!({ "n": n, "df": df, "cells": cells }))
}

/// Estimate, error and intervals at 95 %.
pub fn estimate_cell(estimate: f64, variance: f64, df: i64) -> Value {
    let se = variance.max(0.0).sqrt();
    json!({
        "estimate": number(estimate),
        "se": number(se),
        "cv": number(se / estimate),
        "ci95_z": pair(estimate::interval::student(estimate, se, f64::INFINITY, 0.95)),
        "ci95_t": pair(estimate::interval::student(estimate, se, df as f64, 0.95)),
    })
}

pub fn pair(interval: (f64, f64)) -> Value {
    json!([number(interval.0), number(interval.1)])
}

/// A number, or null where there is none.
pub fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

pub fn matrix(matrix: &nalgebra::DMatrix<f64>) -> Value {
    let row = |row: usize| {
        (0..matrix.ncols()).map(|column| number(matrix[(row, column)])).collect::<Vec<_>>()
    };
    json!((0..matrix.nrows()).map(row).collect::<Vec<_>>())
}
