//! Requests that compare groups: t tests, contrasts, pairs, trend, equality, association.

use estimate::adjust::{Multiplicity, adjust};
use estimate::association::{Statistic, Table, Test, TotalsTable, test, wald_test};
use estimate::contrast::{self, Contrast, Pair};
use nalgebra::DMatrix;
use serde_json::{Value, json};

use crate::backend::Figure;
use crate::error::Error;
use crate::frame::misfit;
use crate::request::{Context, matrix, number, pair};
use crate::spec::{Condition, Names, Request};

pub fn compute(context: &Context<'_>, request: &Request) -> Result<Value, Error> {
    match request {
        Request::Ttest { variable, group, filter, .. } => {
            two_groups(context, variable, group, filter)
        }
        Request::TtestOneSample { variable, mu, filter, .. } => {
            let values = context.frame.numbers(variable)?;
            let (df, found) = one_mean(context, &values, *mu, filter, 1)?;
            Ok(json!({
                "estimate_minus_mu": number(found.estimate),
                "se": number(found.standard_error),
                "t": number(found.t),
                "df": df,
                "p": number(found.p),
                "ci95": pair(found.interval),
            }))
        }
        Request::TtestPaired { variable, minus, filter, .. } => {
            let (first, second) = (context.frame.numbers(variable)?, context.frame.numbers(minus)?);
            let values: Vec<f64> =
                first.iter().zip(&second).map(|(first, second)| first - second).collect();
            let (df, found) = one_mean(context, &values, 0.0, filter, 0)?;
            Ok(json!({
                "estimate": number(found.estimate),
                "se": number(found.standard_error),
                "t": number(found.t),
                "df": df,
                "p": number(found.p),
                "ci95": pair(found.interval),
            }))
        }
        Request::Chisq { rows, cols, statistics, filter, .. } => {
            association(context, (rows, cols), statistics, filter)
        }
        Request::Contrast { variable, by, coefficients, filter, .. } => {
            let groups = Groups::new(context, variable, by, filter)?;
            groups.contrast(coefficients)
        }
        Request::Trend { variable, by, scores, filter, .. } => {
            let groups = Groups::new(context, variable, by, filter)?;
            groups.contrast(&contrast::trend_coefficients(scores)?)
        }
        Request::Pairwise { variable, by, filter, .. } => {
            Groups::new(context, variable, by, filter)?.pairs()
        }
        Request::Equality { variable, by, filter, .. } => {
            Groups::new(context, variable, by, filter)?.equality()
        }
        _ => Err(misfit("request", "another kind", "a comparison")),
    }
}

/// Means of a variable in the domains of a breakdown, with their covariance.
struct Groups {
    levels: Vec<String>,
    n: Vec<usize>,
    means: Vec<f64>,
    covariance: DMatrix<f64>,
    df: i64,
}

impl Groups {
    fn new(
        context: &Context<'_>,
        variable: &str,
        by: &Names,
        filter: &[Condition],
    ) -> Result<Self, Error> {
        let values = context.frame.numbers(variable)?;
        let rows = context.rows(filter, &[&values], true)?;
        let domains = context.domains(by, &rows)?;
        let figure = |rows: &Vec<bool>| Figure::Mean { values: values.clone(), rows: rows.clone() };
        let figures: Vec<Figure> = domains.iter().map(|domain| figure(&domain.rows)).collect();
        let (means, covariance) = context.backend.estimates(&figures)?;
        let name = |domain: &crate::request::Domain| {
            domain.name.iter().map(|part| part.1.as_str()).collect::<Vec<_>>().join(".")
        };
        Ok(Self {
            levels: domains.iter().map(name).collect(),
            n: domains
                .iter()
                .map(|domain| domain.rows.iter().filter(|row| **row).count())
                .collect(),
            means,
            covariance,
            df: context.backend.degrees_of_freedom(&context.frame.filter(filter)?),
        })
    }

    fn describe(&self, mut result: Value) -> Value {
        result["levels"] = json!(self.levels);
        result["n"] = json!(self.n);
        result["means"] = json!(self.means);
        result["vcov"] = matrix(&self.covariance);
        result["df"] = json!(self.df);
        result
    }

    fn contrast(&self, coefficients: &[f64]) -> Result<Value, Error> {
        let found =
            contrast::contrast(coefficients, &self.means, &self.covariance, self.df as f64, 0.95)?;
        Ok(self.describe(contrast_cell(&found)))
    }

    fn pairs(&self) -> Result<Value, Error> {
        let pairs = contrast::pairwise(&self.means, &self.covariance, self.df as f64, 0.95)?;
        let p: Vec<f64> = pairs.iter().map(|pair| pair.contrast.p).collect();
        let adjusted = [
            ("p_bonferroni", Multiplicity::Bonferroni),
            ("p_holm", Multiplicity::Holm),
            ("p_hochberg", Multiplicity::Hochberg),
            ("p_BH", Multiplicity::BenjaminiHochberg),
            ("p_BY", Multiplicity::BenjaminiYekutieli),
        ]
        .map(|(key, method)| (key, adjust(&p, method)));
        let cell = |(index, pair): (usize, &Pair)| {
            let mut cell = contrast_cell(&pair.contrast);
            cell["a"] = json!(self.levels[pair.second]);
            cell["b"] = json!(self.levels[pair.first]);
            cell["df"] = json!(self.df);
            for (key, values) in &adjusted {
                cell[*key] = number(values[index]);
            }
            cell
        };
        let pairs: Vec<Value> = pairs.iter().enumerate().map(cell).collect();
        Ok(self.describe(json!({ "pairs": pairs })))
    }

    fn equality(&self) -> Result<Value, Error> {
        let found = contrast::equality(&self.means, &self.covariance, self.df as f64)?;
        Ok(self.describe(json!({
            "chisq": number(found.chi_square),
            "ndf": found.numerator,
            "p_chisq": number(found.p_chi_square),
            "F": number(found.f),
            "ddf": found.denominator,
            "p_F": number(found.p_f),
            "F_adj": number(found.f_adjusted),
            "ddf_adj": found.denominator_adjusted,
            "p_F_adj": number(found.p_f_adjusted),
        })))
    }
}

fn contrast_cell(found: &Contrast) -> Value {
    let normal = contrast::of_difference(found.estimate, found.standard_error, f64::INFINITY, 0.95);
    json!({
        "estimate": number(found.estimate),
        "se": number(found.standard_error),
        "t": number(found.t),
        "p_t": number(found.p),
        "p_z": number(normal.p),
        "ci95_t": pair(found.interval),
    })
}

/// Degrees of freedom (`fewer` than those of the design) and the test of a mean against `mu`.
fn one_mean(
    context: &Context<'_>,
    values: &[f64],
    mu: f64,
    filter: &[Condition],
    fewer: i64,
) -> Result<(i64, Contrast), Error> {
    let rows = context.rows(filter, &[values], true)?;
    let df = context.backend.degrees_of_freedom(&rows) - fewer;
    let (estimates, covariance) =
        context.backend.estimates(&[Figure::Mean { values: values.to_vec(), rows }])?;
    let se = covariance[(0, 0)].max(0.0).sqrt();
    Ok((df, contrast::of_difference(estimates[0] - mu, se, df as f64, 0.95)))
}

fn two_groups(
    context: &Context<'_>,
    variable: &str,
    group: &str,
    filter: &[Condition],
) -> Result<Value, Error> {
    let groups = Groups::new(context, variable, &Names::One(group.into()), filter)?;
    if groups.levels.len() != 2 {
        return Err(misfit(
            &format!("t test by `{group}`"),
            format!("{} groups", groups.levels.len()),
            "two groups",
        ));
    }
    // R fits a model, which leaves out who has no value or no group.
    let values = context.frame.numbers(variable)?;
    let mut rows = context.rows(filter, &[&values], true)?;
    let codes = context.frame.levels(group)?.codes;
    rows.iter_mut().zip(codes).for_each(|(row, code)| *row &= code.is_some());
    let df = context.backend.degrees_of_freedom(&rows) - 1;
    let found =
        contrast::contrast(&[-1.0, 1.0], &groups.means, &groups.covariance, df as f64, 0.95)?;
    Ok(json!({
        "estimate": number(found.estimate),
        "se": number(found.standard_error),
        "t": number(found.t),
        "df": df,
        "p": number(found.p),
        "ci95": pair(found.interval),
        "contrast": format!("{} minus {}", groups.levels[1], groups.levels[0]),
    }))
}

fn association(
    context: &Context<'_>,
    names: (&String, &String),
    statistics: &[String],
    filter: &[Condition],
) -> Result<Value, Error> {
    let (row_levels, column_levels) =
        (context.frame.levels(names.0)?, context.frame.levels(names.1)?);
    let mut rows = context.rows(filter, &[], false)?;
    for levels in [&row_levels, &column_levels] {
        rows.iter_mut().zip(&levels.codes).for_each(|(row, code)| *row &= code.is_some());
    }
    let used = |levels: &crate::frame::Levels| {
        let occurs = |code: &usize| {
            levels.codes.iter().zip(&rows).any(|(level, row)| *row && *level == Some(*code))
        };
        (0..levels.names.len()).filter(occurs).collect::<Vec<_>>()
    };
    let (used_rows, used_columns) = (used(&row_levels), used(&column_levels));
    let mut cells = Vec::new();
    for &row in &used_rows {
        for &column in &used_columns {
            let inside = row_levels.codes.iter().zip(&column_levels.codes);
            let value = |cell: (&Option<usize>, &Option<usize>)| {
                f64::from(*cell.0 == Some(row) && *cell.1 == Some(column))
            };
            cells.push(inside.map(value).collect::<Vec<f64>>());
        }
    }
    let mean = |values: &Vec<f64>| Figure::Mean { values: values.clone(), rows: rows.clone() };
    let total = |values: &Vec<f64>| Figure::Total { values: values.clone(), rows: rows.clone() };
    let (proportions, covariance) =
        context.backend.estimates(&cells.iter().map(mean).collect::<Vec<_>>())?;
    let (totals, of_totals) =
        context.backend.estimates(&cells.iter().map(total).collect::<Vec<_>>())?;
    let filtered = context.frame.filter(filter)?;
    // R counts the PSUs of the design, and a subset of a calibrated design keeps them all.
    let respondents = context.backend.rows_as_in_r(&filtered);
    let counted =
        if respondents == filtered.len() { vec![true; respondents] } else { filtered.clone() };
    let df = context.backend.degrees_of_freedom(&filtered);
    let nu = context.backend.degrees_of_freedom(&counted) as f64;
    let (rows, columns) = (used_rows.len(), used_columns.len());
    let weighted: Vec<Vec<f64>> = totals.chunks(columns).map(<[f64]>::to_vec).collect();
    let wald = TotalsTable { rows, columns, totals, covariance: of_totals, degrees_of_freedom: nu };
    let table =
        Table { rows, columns, proportions, covariance, respondents, degrees_of_freedom: nu };
    // Of replicates, R takes the distribution of the combination without denominator.
    let asymptotic = match &context.backend.replicates {
        Some(_) => Table { degrees_of_freedom: f64::INFINITY, ..table.clone() },
        None => table.clone(),
    };
    let outcome = |name: &str| -> Result<Test, Error> {
        Ok(match name {
            "F" => test(&table, Statistic::F)?,
            "Chisq" => test(&table, Statistic::ChiSquare)?,
            "Wald" => wald_test(&wald, false)?,
            "adjWald" => wald_test(&wald, true)?,
            "lincom" | "saddlepoint" => test(&asymptotic, Statistic::SaddlepointAsR)?,
            other => return Err(Error::NotImplemented { what: "statistic", name: other.into() }),
        })
    };
    let outcome = |name: &String| {
        let found = outcome(name)?;
        Ok::<Value, Error>(json!({
            "statistic": name,
            "value": number(found.value),
            "ndf": number(found.numerator),
            "ddf": number(found.denominator),
            "p": number(found.p),
        }))
    };
    let tests = statistics.iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "df": df, "table_weighted": weighted, "tests": tests }))
}
