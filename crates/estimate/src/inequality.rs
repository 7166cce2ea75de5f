//! Income inequality figures (Eurostat's Laeken indicators), points only.

use crate::point::taking_part;
use crate::quantile::{Rule, quantile_point};

/// Share of the median below which someone is at risk of poverty, by Eurostat's definition.
pub const POVERTY_SHARE: f64 = 0.6;

/// Weighted quantile as the Laeken indicators define it: the midpoint when the probability is hit exactly.
pub fn quantile(weights: &[f64], income: &[f64], rows: &[bool], probability: f64) -> f64 {
    quantile_point(weights, income, rows, probability, Rule::Midpoint)
}

/// Income below which someone is at risk of poverty: 60 % of the median over `rows`.
pub fn poverty_threshold(weights: &[f64], income: &[f64], rows: &[bool]) -> f64 {
    POVERTY_SHARE * quantile(weights, income, rows, 0.5)
}

/// At-risk-of-poverty rate in percent: weighted share of `rows` below `threshold`.
pub fn at_risk_of_poverty(weights: &[f64], income: &[f64], rows: &[bool], threshold: f64) -> f64 {
    let (mut all, mut poor) = (0.0, 0.0);
    for row in taking_part(weights, rows) {
        all += weights[row];
        poor += if income[row] < threshold { weights[row] } else { 0.0 };
    }
    100.0 * poor / all
}

/// Relative median poverty gap in percent: how far the median of the poor in `rows` is below `threshold`.
pub fn median_poverty_gap(weights: &[f64], income: &[f64], rows: &[bool], threshold: f64) -> f64 {
    let poor: Vec<bool> =
        rows.iter().zip(income).map(|(&row, &income)| row && income < threshold).collect();
    100.0 * (threshold - quantile(weights, income, &poor, 0.5)) / threshold
}

/// S80/S20: income above the fourth quintile over income up to the first.
pub fn quintile_share_ratio(weights: &[f64], income: &[f64], rows: &[bool]) -> f64 {
    let low = quantile(weights, income, rows, 0.2);
    let high = quantile(weights, income, rows, 0.8);
    let received = |takes: &dyn Fn(f64) -> bool| {
        let rows = taking_part(weights, rows).filter(|&row| takes(income[row]));
        rows.map(|row| weights[row] * income[row]).sum::<f64>()
    };
    received(&|income| income > high) / received(&|income| income <= low)
}

/// Gini coefficient in percent, by Eurostat's formula for weights.
pub fn gini(weights: &[f64], income: &[f64], rows: &[bool]) -> f64 {
    let mut order: Vec<usize> = taking_part(weights, rows).collect();
    order.sort_by(|&a, &b| income[a].total_cmp(&income[b]));
    let (mut cumulative, mut ranked, mut squares, mut sum) = (0.0, 0.0, 0.0, 0.0);
    for row in order {
        let (weight, amount) = (weights[row], weights[row] * income[row]);
        cumulative += weight;
        ranked += amount * cumulative;
        squares += weight * amount;
        sum += amount;
    }
    100.0 * ((2.0 * ranked - squares) / (cumulative * sum) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_incomes_have_no_inequality() {
        let (weights, income, rows) = ([1.0, 2.0, 3.0], [7.0; 3], [true; 3]);
        assert!(gini(&weights, &income, &rows).abs() < 1e-12);
        assert_eq!(
            at_risk_of_poverty(
                &weights,
                &income,
                &rows,
                poverty_threshold(&weights, &income, &rows)
            ),
            0.0
        );
    }

    #[test]
    fn one_owner_of_everything_has_the_largest_gini() {
        let mut income = [0.0; 100];
        income[40] = 5.0;
        assert!((gini(&[1.0; 100], &income, &[true; 100]) - 99.0).abs() < 1e-9);
    }
}
