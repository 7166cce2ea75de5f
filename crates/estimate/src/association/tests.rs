#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
use super::*;

fn simple_random(proportions: [f64; 4], n: usize) -> Table {
    let covariance = DMatrix::from_fn(4, 4, |row, column| {
        let diagonal = if row == column { proportions[row] } else { 0.0 };
        (diagonal - proportions[row] * proportions[column]) / n as f64
    });
    let proportions = proportions.to_vec();
    Table { rows: 2, columns: 2, proportions, covariance, respondents: n, degrees_of_freedom: 1e9 }
}

#[test]
fn a_simple_random_sample_gives_pearsons_test() {
    let table = simple_random([0.30, 0.20, 0.20, 0.30], 100);
    // X² = 4, p = 0.0455002638963584
    for statistic in [Statistic::F, Statistic::ChiSquare] {
        let found = test(&table, statistic).unwrap();
        assert!(
            (found.value - 4.0).abs() < 1e-9 && (found.p - 0.045_500_263_896).abs() < 1e-6,
            "{found:?}"
        );
    }
}

#[test]
fn the_saddlepoint_is_close_to_the_exact_distribution() {
    // P(a χ²₂ + b χ²₂ > x χ²_df / df) in closed form: the sum is hypoexponential.
    let (a, b) = (1.8, 0.6);
    for df in [8.0, 40.0, f64::INFINITY] {
        let tail = |effect: f64, x: f64| {
            if df.is_finite() {
                (1.0 + x / (effect * df)).powf(-df / 2.0)
            } else {
                (-x / (2.0 * effect)).exp()
            }
        };
        for x in [1.0, 3.0, 8.0, 15.0] {
            let exact = (a * tail(a, x) - b * tail(b, x)) / (a - b);
            let found = saddlepoint(x, &[a, a, b, b], df, df);
            assert!((found / exact - 1.0).abs() < 0.02, "{df} {x}: {found}, exactly {exact}");
        }
    }
}

#[test]
fn the_saddlepoint_of_equal_effects_is_close_to_the_f_test() {
    let table = Table { degrees_of_freedom: 30.0, ..simple_random([0.3, 0.2, 0.2, 0.3], 100) };
    let of = |statistic| test(&table, statistic).unwrap().p;
    let exact = of(Statistic::F);
    for statistic in [Statistic::Saddlepoint, Statistic::SaddlepointAsR] {
        assert!((of(statistic) / exact - 1.0).abs() < 0.05, "{} {exact}", of(statistic));
    }
}

/// Shares of a table of two by three whose cells vary together in an uneven way.
fn uneven() -> Table {
    let shares = [0.20, 0.05, 0.15, 0.10, 0.30, 0.20];
    let shifts = [[1.0, -1.0, 0.0, 2.0, -2.0, 0.0], [0.0, 1.0, 1.0, -3.0, 0.0, 1.0]];
    let covariance = DMatrix::from_fn(6, 6, |row, column| {
        let diagonal = if row == column { shares[row] } else { 0.0 };
        let shifted: f64 = shifts.iter().map(|shift| shift[row] * shift[column]).sum();
        (diagonal - shares[row] * shares[column]) / 80.0 + 2e-4 * shifted
    });
    Table {
        rows: 2,
        columns: 3,
        proportions: shares.to_vec(),
        covariance,
        respondents: 80,
        degrees_of_freedom: 12.0,
    }
}

/// `table` with its cells in another order.
fn reordered(table: &Table, (rows, columns): (usize, usize), order: &[usize]) -> Table {
    let covariance =
        DMatrix::from_fn(6, 6, |row, column| table.covariance[(order[row], order[column])]);
    let proportions = order.iter().map(|cell| table.proportions[*cell]).collect();
    Table { rows, columns, proportions, covariance, ..table.clone() }
}

#[test]
fn a_test_is_the_same_whichever_level_comes_first_and_with_rows_for_columns() {
    let table = uneven();
    let others =
        [((2, 3), [1, 2, 0, 4, 5, 3]), ((2, 3), [3, 4, 5, 0, 1, 2]), ((3, 2), [0, 3, 1, 4, 2, 5])];
    for (size, order) in others {
        let other = reordered(&table, size, &order);
        for statistic in [Statistic::F, Statistic::ChiSquare, Statistic::Saddlepoint] {
            let of = |table| test(table, statistic).unwrap();
            let (here, there) = (of(&table), of(&other));
            assert!((here.value - there.value).abs() < 1e-9, "{order:?} {statistic:?}");
            assert!((here.p - there.p).abs() < 1e-9, "{order:?} {statistic:?}");
        }
        let wald = |table: &Table| {
            let Table { rows, columns, .. } = *table;
            let (totals, covariance) = (table.proportions.clone(), table.covariance.clone());
            let table = TotalsTable { rows, columns, totals, covariance, degrees_of_freedom: 12.0 };
            wald_test(&table, true).unwrap()
        };
        let (here, there) = (wald(&table), wald(&other));
        assert!((here.value - there.value).abs() < 1e-9 && here.value > 0.0, "{order:?}");
        assert_eq!((here.numerator, here.denominator), (2.0, 11.0));
    }
}

#[test]
fn the_design_effect_of_a_table_of_two_by_two_is_that_of_its_log_odds_ratio() {
    let mut table = simple_random([0.35, 0.15, 0.20, 0.30], 100);
    let shift = [0.04, -0.04, 0.0, 0.0];
    table.covariance += DMatrix::from_fn(4, 4, |row, column| shift[row] * shift[column]);
    let simple: f64 = table.proportions.iter().map(|share| 1.0 / (100.0 * share)).sum();
    let shifted = (0.04 / 0.35 + 0.04 / 0.15_f64).powi(2);
    let effect = (simple + shifted) / simple;
    let found = test(&table, Statistic::ChiSquare).unwrap();
    let expected = chi_square_upper(found.value / effect, 1.0);
    assert!((found.p - expected).abs() < 1e-9, "{} {expected}", found.p);
}

#[test]
fn an_empty_row_is_an_error() {
    assert!(test(&simple_random([0.5, 0.5, 0.0, 0.0], 100), Statistic::F).is_err());
}
