//! Requests about proportions and quantiles.

use estimate::interval::{ProportionFacts, ProportionMethod, critical_value, proportion, student};
use estimate::profile::{self, Fit};
use estimate::quantile::{QuantileInterval, QuantileOptions, Rule, quantile_by};
use serde_json::{Value, json};

use crate::backend::Figure;
use crate::error::Error;
use crate::error::misfit;
use crate::fit;
use crate::scope::{Context, Scope, number, pair, standard_error};

pub fn intervals(
    scope: &Scope<'_>,
    variable: &str,
    level: &str,
    methods: &[String],
) -> Result<Value, Error> {
    let context = scope.context;
    let levels = context.frame.levels(variable)?;
    let code = levels.names.iter().position(|name| name == level);
    let code =
        code.ok_or_else(|| misfit(&format!("level of `{variable}`"), level, "one of its levels"))?;
    let values = levels.indicator(code);
    let is_missing = scope.rows != scope.complete;
    let answers = Figure::Mean { values: values.clone(), rows: scope.complete.clone() };
    let (estimates, covariance) = context.backend.estimates(&[answers])?;
    let n = scope.complete.iter().filter(|row| **row).count();
    let df = scope.degrees_of_freedom(&scope.rows);
    let facts = ProportionFacts {
        proportion: estimates[0],
        variance: covariance[(0, 0)].max(0.0),
        rows: n,
        degrees_of_freedom: df as f64,
    };
    let cell = |name: &String| {
        let counted = if name == "beta" { context.backend.rows_as_in_r(&scope.rows) } else { n };
        let facts = ProportionFacts { rows: counted, ..facts };
        let ends = match name.as_str() {
            "likelihood" if facts.proportion > 0.0 && facts.proportion < 1.0 => {
                likelihood(context, &values, &scope.complete, facts)
            }
            _ => proportion(facts, method(name)?, 0.95)?,
        };
        // R drops missing answers where it fits a model and has no number where it takes a mean.
        let is_model = matches!(name.as_str(), "logit" | "likelihood");
        let known = |value: Value| if is_missing && !is_model { Value::Null } else { value };
        let se = if is_missing { Value::Null } else { number(facts.variance.sqrt()) };
        let ci95 = if is_missing && !is_model { json!([null, null]) } else { pair(ends) };
        Ok(json!({
            "method": name,
            "estimate": known(number(facts.proportion)),
            "se": se,
            "ci95": ci95,
            "df": df,
        }))
    };
    let cells = methods.iter().map(cell).collect::<Result<Vec<_>, Error>>()?;
    Ok(json!({ "df": scope.df, "n": n, "cells": cells }))
}

/// As R's fit of a model gives it.
fn likelihood(
    context: &Context<'_>,
    values: &[f64],
    rows: &[bool],
    facts: ProportionFacts,
) -> (f64, f64) {
    // A subset of a calibrated design keeps its rows, and the weights are scaled to their number.
    let weight_sum = context.backend.rows_as_in_r(rows) as f64;
    let inside = || {
        values.iter().zip(context.backend.weights()).zip(rows).filter(|row| *row.1).map(|row| row.0)
    };
    let answers: Vec<bool> = inside().map(|row| *row.0 == 1.0).collect();
    let sum: f64 = inside().map(|row| row.1).sum();
    let weights: Vec<f64> = inside().map(|row| row.1 * weight_sum / sum).collect();
    profile::interval(Fit {
        proportion: facts.proportion,
        variance: facts.variance,
        rows: facts.rows as f64,
        weight_sum,
        information: fit::information(&answers, &weights),
        t: critical_value(facts.degrees_of_freedom, 0.95),
    })
}

fn method(name: &str) -> Result<ProportionMethod, Error> {
    Ok(match name {
        "logit" | "xlogit" => ProportionMethod::Logit,
        "likelihood" => ProportionMethod::Likelihood,
        "asin" => ProportionMethod::Arcsine,
        "beta" => ProportionMethod::Beta,
        "mean" => ProportionMethod::Mean,
        "wilson" => ProportionMethod::Wilson,
        other => return Err(Error::NotImplemented { what: "interval method", name: other.into() }),
    })
}

pub fn quantiles(
    scope: &Scope<'_>,
    variable: &str,
    probs: &[f64],
    (rules, intervals): (&[String], &[String]),
) -> Result<Value, Error> {
    let values = scope.context.frame.numbers(variable)?;
    let df = scope.degrees_of_freedom(&scope.rows);
    let mut cells = Vec::new();
    for rule_name in rules {
        for interval in intervals {
            for &probability in probs {
                let rule = rule(rule_name)?;
                let mut cell = if interval == "quantile" {
                    by_replicates(scope, &values, probability, rule, df)?
                } else {
                    let interval = quantile_interval(interval)?;
                    by_share(scope, &values, probability, (rule, interval), df)?
                };
                cell["rule"] = json!(rule_name);
                cell["interval_type"] = json!(interval);
                cell["prob"] = json!(probability);
                cells.push(cell);
            }
        }
    }
    Ok(json!({ "df": df, "n": scope.n(), "cells": cells }))
}

/// Quantile whose interval is that of the share below it.
fn by_share(
    scope: &Scope<'_>,
    values: &[f64],
    probability: f64,
    (rule, interval): (Rule, QuantileInterval),
    df: i64,
) -> Result<Value, Error> {
    if scope.rows != scope.complete {
        return Ok(quantile_cell(f64::NAN, (f64::NAN, f64::NAN), f64::NAN));
    }
    let backend = scope.context.backend;
    let options = QuantileOptions {
        probability,
        rule,
        interval,
        degrees_of_freedom: df as f64,
        confidence: 0.95,
        rows: Some(backend.rows_as_in_r(&scope.rows)),
    };
    let share = |indicator: &[f64]| {
        let figure = Figure::Mean { values: indicator.to_vec(), rows: scope.rows.clone() };
        match backend.estimates(&[figure]) {
            Ok((estimates, covariance)) => Ok((estimates[0], covariance[(0, 0)])),
            Err(Error::Estimate(error)) => Err(error),
            Err(_) => Ok((f64::NAN, f64::NAN)),
        }
    };
    let found = quantile_by(backend.weights(), values, &scope.rows, options, share)?;
    Ok(quantile_cell(found.estimate, found.interval, found.standard_error))
}

/// Quantile whose error is that of its replicates.
fn by_replicates(
    scope: &Scope<'_>,
    values: &[f64],
    probability: f64,
    rule: Rule,
    df: i64,
) -> Result<Value, Error> {
    let backend = scope.context.backend;
    if backend.replicates.is_none() {
        let (what, name) = ("interval without replicates", "quantile".into());
        return Err(Error::NotImplemented { what, name });
    }
    let (values, rows) = (values.to_vec(), scope.rows.clone());
    let figure = Figure::Quantile { values, rows, probability, rule };
    let (estimates, covariance) = backend.estimates(&[figure])?;
    let se = standard_error(covariance[(0, 0)]);
    Ok(quantile_cell(estimates[0], student(estimates[0], se, df as f64, 0.95), se))
}

fn quantile_cell(estimate: f64, interval: (f64, f64), se: f64) -> Value {
    json!({ "estimate": number(estimate), "ci95": pair(interval), "se": number(se) })
}

fn rule(name: &str) -> Result<Rule, Error> {
    Ok(match name {
        "math" => Rule::Inverse,
        "school" => Rule::Midpoint,
        _ => match name.strip_prefix("hf").and_then(|kind| kind.parse().ok()) {
            Some(kind @ 1..=9) => Rule::HyndmanFan(kind),
            _ => return Err(Error::NotImplemented { what: "quantile rule", name: name.into() }),
        },
    })
}

fn quantile_interval(name: &str) -> Result<QuantileInterval, Error> {
    Ok(match name {
        "mean" => QuantileInterval::Mean,
        "beta" => QuantileInterval::Beta,
        "xlogit" => QuantileInterval::Logit,
        "asin" => QuantileInterval::Arcsine,
        "score" => QuantileInterval::Score,
        other => {
            return Err(Error::NotImplemented { what: "quantile interval", name: other.into() });
        }
    })
}
