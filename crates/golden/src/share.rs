//! Requests about proportions, quantiles and inequality.

use estimate::inequality;
use estimate::interval::{ProportionFacts, ProportionMethod, critical_value, proportion, student};
use estimate::profile::{self, Fit};
use estimate::quantile::{QuantileInterval, QuantileOptions, Rule, quantile_by};
use serde_json::{Map, Value, json};

use crate::backend::Figure;
use crate::error::Error;
use crate::fit;
use crate::frame::misfit;
use crate::request::{Context, number, pair};
use crate::spec::Request;

pub fn intervals(context: &Context<'_>, request: &Request) -> Result<Value, Error> {
    let Request::PropCi { variable, level, methods, filter, na_rm, .. } = request else {
        return Err(misfit("request", "another kind", "prop_ci"));
    };
    let levels = context.frame.levels(variable)?;
    let code = levels.names.iter().position(|name| *name == level.text());
    let code = code.ok_or_else(|| {
        misfit(&format!("level of `{variable}`"), level.text(), "one of its levels")
    })?;
    let value = |row: &Option<usize>| row.map_or(f64::NAN, |row| f64::from(row == code));
    let values: Vec<f64> = levels.codes.iter().map(value).collect();
    let all = context.rows(filter, &[&values], *na_rm)?;
    let rows = context.rows(filter, &[&values], true)?;
    let is_missing = all != rows;
    let df = context.backend.degrees_of_freedom(&context.frame.filter(filter)?);
    let (estimates, covariance) = context
        .backend
        .estimates(&[Figure::Mean { values: values.clone(), rows: rows.clone() }])?;
    let n = rows.iter().filter(|row| **row).count();
    let facts = ProportionFacts {
        proportion: estimates[0],
        variance: covariance[(0, 0)].max(0.0),
        rows: n,
        degrees_of_freedom: df as f64,
    };
    let mut cells = Vec::new();
    for name in methods {
        let counted = if name == "beta" { context.backend.rows_as_in_r(&all) } else { n };
        let facts = ProportionFacts { rows: counted, ..facts };
        let ends = match name.as_str() {
            "likelihood" if (0.0..1.0).contains(&facts.proportion) && facts.proportion > 0.0 => {
                likelihood(context, &values, &rows, facts)
            }
            _ => proportion(facts, method(name)?, 0.95)?,
        };
        // R drops missing answers where it fits a model and has no number where it takes a mean.
        let is_model = matches!(name.as_str(), "logit" | "likelihood");
        let known = |value: Value| if is_missing && !is_model { Value::Null } else { value };
        let se = if is_missing { Value::Null } else { number(facts.variance.sqrt()) };
        let ci95 = if is_missing && !is_model { json!([null, null]) } else { pair(ends) };
        cells.push(json!({ "method": name, "estimate": known(number(facts.proportion)), "se": se, "ci95": ci95, "df": df }));
    }
    Ok(json!({ "df": df, "n": n, "cells": cells }))
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

pub fn quantiles(context: &Context<'_>, request: &Request) -> Result<Value, Error> {
    let Request::Quantile { variable, probs, rules, interval_types, filter, na_rm, .. } = request
    else {
        return Err(misfit("request", "another kind", "quantile"));
    };
    let values = context.frame.numbers(variable)?;
    let rows = context.rows(filter, &[&values], *na_rm)?;
    let df = context.backend.degrees_of_freedom(&rows);
    let mut cells = Vec::new();
    for rule_name in rules {
        for interval_name in interval_types {
            for &probability in probs {
                if interval_name == "quantile" {
                    let rule = rule(rule_name)?;
                    let figure = Figure::Quantile {
                        values: values.clone(),
                        rows: rows.clone(),
                        probability,
                        rule,
                    };
                    let mut cell = by_replicates(context, figure, df)?;
                    cell["rule"] = json!(rule_name);
                    cell["interval_type"] = json!(interval_name);
                    cell["prob"] = json!(probability);
                    cells.push(cell);
                    continue;
                }
                let options = QuantileOptions {
                    probability,
                    rule: rule(rule_name)?,
                    interval: quantile_interval(interval_name)?,
                    degrees_of_freedom: df as f64,
                    confidence: 0.95,
                    rows: Some(context.backend.rows_as_in_r(&rows)),
                };
                let share = |indicator: &[f64]| {
                    let figure = Figure::Mean { values: indicator.to_vec(), rows: rows.clone() };
                    match context.backend.estimates(&[figure]) {
                        Ok((estimates, covariance)) => Ok((estimates[0], covariance[(0, 0)])),
                        Err(Error::Estimate(error)) => Err(error),
                        Err(_) => Ok((f64::NAN, f64::NAN)),
                    }
                };
                let found = quantile_by(context.backend.weights(), &values, &rows, options, share)?;
                cells.push(json!({
                    "rule": rule_name,
                    "interval_type": interval_name,
                    "prob": probability,
                    "estimate": number(found.estimate),
                    "ci95": pair(found.interval),
                    "se": number(found.standard_error),
                }));
            }
        }
    }
    Ok(json!({ "df": df, "cells": cells }))
}

/// Quantile whose error is that of its replicates.
fn by_replicates(context: &Context<'_>, figure: Figure, df: i64) -> Result<Value, Error> {
    if context.backend.replicates.is_none() {
        return Err(Error::NotImplemented {
            what: "interval without replicates",
            name: "quantile".into(),
        });
    }
    let (estimates, covariance) = context.backend.estimates(&[figure])?;
    let se = covariance[(0, 0)].max(0.0).sqrt();
    let ends = student(estimates[0], se, df as f64, 0.95);
    Ok(json!({ "estimate": number(estimates[0]), "ci95": pair(ends), "se": number(se) }))
}

fn rule(name: &str) -> Result<Rule, Error> {
    Ok(match name {
        "math" => Rule::Inverse,
        "school" => Rule::Midpoint,
        "shahvaish" => Rule::ShahVaish,
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

pub fn laeken(context: &Context<'_>, request: &Request) -> Result<Value, Error> {
    let Request::Laeken { variable, probs, by, filter, .. } = request else {
        return Err(misfit("request", "another kind", "laeken"));
    };
    let income = context.frame.numbers(variable)?;
    let rows = context.rows(filter, &[&income], true)?;
    let weights = context.backend.weights();
    let domains = by.as_ref().map(|by| context.domains(by, &rows)).transpose()?.unwrap_or_default();
    let threshold = inequality::poverty_threshold(weights, &income, &rows);
    let measure = |figure: &dyn Fn(&[bool]) -> f64| {
        let level = |domain: &crate::request::Domain| {
            let name = domain.name.iter().map(|part| part.1.as_str()).collect::<Vec<_>>().join(".");
            (name, number(figure(&domain.rows)))
        };
        let by: Map<String, Value> = domains.iter().map(level).collect();
        json!({ "value": number(figure(&rows)), "by": by })
    };
    let quantile = |probability: f64| inequality::quantile(weights, &income, &rows, probability);
    let quantiles: Map<String, Value> =
        probs.iter().map(|&p| (p.to_string(), number(quantile(p)))).collect();
    Ok(json!({
        "weighted_median": number(quantile(0.5)),
        "weighted_quantiles": quantiles,
        "arpr_percent": measure(&|rows| inequality::at_risk_of_poverty(weights, &income, rows, threshold)),
        "qsr": measure(&|rows| inequality::quintile_share_ratio(weights, &income, rows)),
        "gini_percent": measure(&|rows| inequality::gini(weights, &income, rows)),
        "rmpg_percent": measure(&|rows| inequality::median_poverty_gap(weights, &income, rows, threshold)),
    }))
}
