//! Means, totals and ratios with their errors, intervals and design effects.

use estimate::point::{Comparison, simple_random_variance};
use serde_json::{Value, json};

use crate::backend::Figure;
use crate::error::Error;
use crate::scope::{Context, Scope, matrix, number, pair, standard_error};

/// A column of a request: a number, or the indicator of a level.
struct Item {
    variable: String,
    level: Option<String>,
    values: Vec<f64>,
}

impl Context<'_> {
    fn items(&self, variables: &[String]) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        for variable in variables {
            if !self.frame.is_categorical(variable) {
                let values = self.frame.numbers(variable)?;
                items.push(Item { variable: variable.clone(), level: None, values });
                continue;
            }
            let levels = self.frame.levels(variable)?;
            for (code, name) in levels.names.iter().enumerate() {
                let values = levels.indicator(code);
                if values.contains(&1.0) {
                    let level = Some(name.clone());
                    items.push(Item { variable: variable.clone(), level, values });
                }
            }
        }
        Ok(items)
    }
}

pub fn means(scope: &Scope<'_>, variables: &[String]) -> Result<Value, Error> {
    let mean = |values, rows| Figure::Mean { values, rows };
    points(scope, &scope.context.items(variables)?, mean, 1.0)
}

pub fn totals(scope: &Scope<'_>, variables: &[String]) -> Result<Value, Error> {
    let weights = scope.context.backend.weights().iter().zip(&scope.rows);
    let size: f64 = weights.filter(|row| *row.1).map(|row| row.0).sum();
    let total = |values, rows| Figure::Total { values, rows };
    points(scope, &scope.context.items(variables)?, total, size * size)
}

/// `scale` = variance of the figure over that of the mean.
fn points(
    scope: &Scope<'_>,
    items: &[Item],
    figure: impl Fn(Vec<f64>, Vec<bool>) -> Figure,
    scale: f64,
) -> Result<Value, Error> {
    let backend = scope.context.backend;
    let figures: Vec<Figure> =
        items.iter().map(|item| figure(item.values.clone(), scope.rows.clone())).collect();
    let (estimates, covariance) = backend.estimates(&figures)?;
    let cell = |(index, item): (usize, &Item)| {
        let variance = covariance[(index, index)];
        let mut cell = estimate_cell(estimates[index], variance, scope.df);
        cell["variable"] = json!(item.variable);
        if let Some(level) = &item.level {
            cell["level"] = json!(level);
        }
        for (key, comparison) in [
            ("deff_wor", Comparison::WithoutReplacement),
            ("deff_replace", Comparison::WithReplacement),
        ] {
            let simple =
                simple_random_variance(backend.weights(), &item.values, &scope.rows, comparison);
            cell[key] = number(variance / (simple * scale));
        }
        cell
    };
    let cells: Vec<Value> = items.iter().enumerate().map(cell).collect();
    Ok(json!({ "n": scope.n(), "df": scope.df, "cells": cells, "vcov": matrix(&covariance) }))
}

pub fn ratio(scope: &Scope<'_>, numerator: &str, denominator: &str) -> Result<Value, Error> {
    let frame = scope.context.frame;
    let figure = Figure::Ratio {
        numerator: frame.numbers(numerator)?,
        denominator: frame.numbers(denominator)?,
        rows: scope.rows.clone(),
    };
    let (estimates, covariance) = scope.context.backend.estimates(&[figure])?;
    let mut cell = estimate_cell(estimates[0], covariance[(0, 0)], scope.df);
    cell["numerator"] = json!(numerator);
    cell["denominator"] = json!(denominator);
    Ok(json!({ "n": scope.n(), "df": scope.df, "cells": [cell] }))
}

/// Estimate, error and intervals at 95 %.
fn estimate_cell(estimate: f64, variance: f64, df: i64) -> Value {
    let se = standard_error(variance);
    json!({
        "estimate": number(estimate),
        "se": number(se),
        "cv": number(se / estimate),
        "ci95_z": pair(estimate::interval::student(estimate, se, f64::INFINITY, 0.95)),
        "ci95_t": pair(estimate::interval::student(estimate, se, df as f64, 0.95)),
    })
}
