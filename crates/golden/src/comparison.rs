//! Requests that compare groups: t tests, contrasts, pairs, trend, equality, association.

use estimate::adjust::{Multiplicity, adjust};
use estimate::association::{Statistic, Table, Test, TotalsTable, test, wald_test};
use estimate::contrast::{self, Contrast, Pair};
use nalgebra::DMatrix;
use serde_json::{Value, json};

use crate::backend::Figure;
use crate::error::Error;
use crate::error::misfit;
use crate::frame::Levels;
use crate::scope::{Domain, Scope, both, matrix, number, pair, standard_error};
use crate::spec::{Kind, Names};

/// Comparisons that can stand alone or in each domain.
pub fn of_scope(scope: &Scope<'_>, kind: &Kind) -> Result<Value, Error> {
    let frame = scope.context.frame;
    match kind {
        Kind::Ttest { variable, group } => two_groups(scope, variable, group),
        Kind::TtestOneSample { variable, mu } => {
            let values = frame.numbers(variable)?.iter().map(|value| value - mu).collect();
            one_mean(scope, values, "estimate_minus_mu", 1)
        }
        Kind::TtestPaired { variable, minus } => {
            let (first, second) = (frame.numbers(variable)?, frame.numbers(minus)?);
            let values = first.iter().zip(&second).map(|(first, second)| first - second).collect();
            one_mean(scope, values, "estimate", 0)
        }
        Kind::Chisq { rows, cols, statistics } => association(scope, (rows, cols), statistics),
        _ => Err(misfit("request", "another kind", "a comparison")),
    }
}

/// Comparisons of the groups that `by` makes.
pub fn of_groups(scope: &Scope<'_>, kind: &Kind, by: &Names) -> Result<Value, Error> {
    match kind {
        Kind::Contrast { variable, coefficients } => {
            Groups::new(scope, variable, by)?.contrast(coefficients)
        }
        Kind::Trend { variable, scores } => {
            Groups::new(scope, variable, by)?.contrast(&contrast::trend_coefficients(scores)?)
        }
        Kind::Pairwise { variable } => Groups::new(scope, variable, by)?.pairs(),
        Kind::Equality { variable } => Groups::new(scope, variable, by)?.equality(),
        _ => Err(misfit("request", "another kind", "a comparison of groups")),
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
    /// Rows without a value are left out, as R's models do.
    fn new(scope: &Scope<'_>, variable: &str, by: &Names) -> Result<Self, Error> {
        let values = scope.context.frame.numbers(variable)?;
        let domains = scope.domains(by, &scope.complete)?;
        let rows: Vec<Vec<bool>> =
            domains.iter().map(|domain| both(&domain.rows, &scope.complete)).collect();
        let mean = |rows: &Vec<bool>| Figure::Mean { values: values.clone(), rows: rows.clone() };
        let figures: Vec<Figure> = rows.iter().map(mean).collect();
        let (means, covariance) = scope.context.backend.estimates(&figures)?;
        let n = rows.iter().map(|rows| rows.iter().filter(|row| **row).count()).collect();
        let levels = domains.iter().map(Domain::label).collect();
        Ok(Self { levels, n, means, covariance, df: scope.degrees_of_freedom(&scope.rows) })
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

/// Test of a mean against 0 with `fewer` degrees of freedom than the design has.
fn one_mean(scope: &Scope<'_>, values: Vec<f64>, key: &str, fewer: i64) -> Result<Value, Error> {
    let df = scope.degrees_of_freedom(&scope.rows) - fewer;
    let figure = Figure::Mean { values, rows: scope.rows.clone() };
    let (estimates, covariance) = scope.context.backend.estimates(&[figure])?;
    let se = standard_error(covariance[(0, 0)]);
    let found = contrast::of_difference(estimates[0], se, df as f64, 0.95);
    Ok(json!({
        key: number(found.estimate),
        "se": number(found.standard_error),
        "t": number(found.t),
        "df": df,
        "p": number(found.p),
        "ci95": pair(found.interval),
    }))
}

fn two_groups(scope: &Scope<'_>, variable: &str, group: &str) -> Result<Value, Error> {
    let groups = Groups::new(scope, variable, &Names::One(group.into()))?;
    if groups.levels.len() != 2 {
        let found = format!("{} groups", groups.levels.len());
        return Err(misfit(&format!("t test by `{group}`"), found, "two groups"));
    }
    // R fits a model, which leaves out who has no value or no group.
    let df = scope.degrees_of_freedom(&scope.complete) - 1;
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
    scope: &Scope<'_>,
    names: (&str, &str),
    statistics: &[String],
) -> Result<Value, Error> {
    let backend = scope.context.backend;
    let (row_levels, column_levels) =
        (scope.context.frame.levels(names.0)?, scope.context.frame.levels(names.1)?);
    let rows = &scope.complete;
    let used = |levels: &Levels| {
        let occurs = |code: &usize| {
            levels.codes.iter().zip(rows).any(|(level, row)| *row && *level == Some(*code))
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
        backend.estimates(&cells.iter().map(mean).collect::<Vec<_>>())?;
    let (totals, of_totals) = backend.estimates(&cells.iter().map(total).collect::<Vec<_>>())?;
    // R counts the PSUs of the design, and a subset of a calibrated design keeps them all.
    let respondents = backend.rows_as_in_r(&scope.rows);
    let is_whole = respondents == scope.rows.len();
    let counted = if is_whole { &vec![true; respondents] } else { &scope.rows };
    let df = scope.degrees_of_freedom(&scope.filtered);
    let nu = backend.degrees_of_freedom(counted) as f64;
    let (rows, columns) = (used_rows.len(), used_columns.len());
    let weighted: Vec<Vec<f64>> = totals.chunks(columns).map(<[f64]>::to_vec).collect();
    let wald = TotalsTable { rows, columns, totals, covariance: of_totals, degrees_of_freedom: nu };
    let table =
        Table { rows, columns, proportions, covariance, respondents, degrees_of_freedom: nu };
    // Of replicates, R takes the distribution of the combination without denominator.
    let asymptotic = match &backend.replicates {
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
