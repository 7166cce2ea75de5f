//! Requests about inequality of income.

use estimate::inequality;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::scope::{Domain, Scope, both, number};
use crate::spec::Names;

/// Rows without income are left out, as in R's laeken.
pub fn laeken(
    scope: &Scope<'_>,
    variable: &str,
    probs: &[f64],
    by: Option<&Names>,
) -> Result<Value, Error> {
    let income = scope.context.frame.numbers(variable)?;
    let (weights, rows) = (scope.context.backend.weights(), &scope.complete);
    let domains = by.map(|by| scope.domains(by, rows)).transpose()?.unwrap_or_default();
    let threshold = inequality::poverty_threshold(weights, &income, rows);
    let measure = |figure: &dyn Fn(&[bool]) -> f64| {
        let level = |domain: &Domain| (domain.label(), number(figure(&both(&domain.rows, rows))));
        let by: Map<String, Value> = domains.iter().map(level).collect();
        json!({ "value": number(figure(rows)), "by": by })
    };
    let quantile = |probability: f64| inequality::quantile(weights, &income, rows, probability);
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
