//! What a request computes, whole or in each of its domains, in the shape of `expected.json`.

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::error::misfit;
use crate::scope::{Context, Domain, Scope, both};
use crate::spec::{Kind, Names, Request};
use crate::{comparison, inequality, points, share};

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
