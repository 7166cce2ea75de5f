//! The lowest and highest that a sum of numbers can be, by linear programs.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use crate::block::{Range, System};

/// Range of `Σ coefficient · number` over everything that fits the system; none where nothing fits.
pub fn range(system: &System, wanted: &[(usize, f64)]) -> Option<Range> {
    let low = end(system, wanted, OptimizationDirection::Minimize)?;
    let high = end(system, wanted, OptimizationDirection::Maximize)?;
    Some((low, high))
}

fn end(system: &System, wanted: &[(usize, f64)], direction: OptimizationDirection) -> Option<f64> {
    let mut problem = Problem::new(direction);
    let gain =
        |cell: usize| wanted.iter().filter(|(at, _)| *at == cell).map(|(_, gain)| gain).sum();
    let variables: Vec<Variable> = system
        .numbers
        .iter()
        .enumerate()
        .map(|(cell, number)| problem.add_var(gain(cell), number.range))
        .collect();
    let expression = |terms: &[(usize, f64)]| {
        let mut sum = LinearExpr::empty();
        for &(cell, share) in terms {
            sum.add(variables[cell], share);
        }
        sum
    };
    for sum in &system.sums {
        if sum.range.0 < sum.range.1 {
            problem.add_constraint(expression(&sum.terms), ComparisonOp::Ge, sum.range.0);
            problem.add_constraint(expression(&sum.terms), ComparisonOp::Le, sum.range.1);
        } else {
            problem.add_constraint(expression(&sum.terms), ComparisonOp::Eq, sum.range.0);
        }
    }
    for tie in &system.ties {
        let largest = tie.terms.iter().map(|(_, share)| share.abs()).fold(0.0, f64::max);
        let terms = tie.terms.map(|(cell, share)| (cell, share / largest));
        problem.add_constraint(expression(&terms), ComparisonOp::Ge, tie.range.0 / largest);
        problem.add_constraint(expression(&terms), ComparisonOp::Le, tie.range.1 / largest);
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    Some(solution.objective())
}

/// Whole numbers in a range.
pub fn whole_numbers((low, high): Range) -> i64 {
    const HAIR: f64 = 1e-5;
    ((high + HAIR).floor() - (low - HAIR).ceil()) as i64 + 1
}
