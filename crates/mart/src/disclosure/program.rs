//! The integer program: which further cells to hide, so that no confidential group is found out and least is lost.
//!
//! As Fischetti and Salazar (2001) suppress cells: a master program over the cells to hide, and for every group with too little
//! room a cut from the dual of its linear program, until none is left.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use super::block::{Block, Interval, Target, Thresholds};
use super::room::{
    Fault, Room, Side, bounds, objective, room, room_in_doubt, rows, shown, unknown,
};
use super::shift::{Shifts, has_room};

/// Most rounds of cuts before a block counts as one that cannot be protected.
const ROUNDS: usize = 100;
const SLACK: f64 = 1e-6;

/// A confidential group that follows from what cannot be hidden in its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprotected {
    /// Block, group and what is found out.
    pub what: String,
    pub cells: Vec<usize>,
}

/// Further cells to hide: a truth a cell.
pub fn hide(block: &Block, thresholds: Thresholds) -> Result<Vec<bool>, Unprotected> {
    let targets = block.targets(thresholds);
    let mut hidden = vec![false; block.cells.len()];
    if targets.is_empty() {
        return Ok(hidden);
    }
    let mut cuts = Vec::new();
    let mut roomy: Vec<Roomy> = targets.iter().map(|_| Roomy::default()).collect();
    for _ in 0..ROUNDS {
        let known = cuts.len();
        let shifts =
            [Side::Respondents, Side::Values].map(|side| Shifts::new(block, side, &hidden));
        for (target, roomy) in targets.iter().zip(&mut roomy) {
            if roomy.is_known(&hidden) {
                continue;
            }
            let has_room = has_room(block, &shifts, target);
            let room = room_in_doubt(block, &hidden, target, has_room);
            match room.fault(block.respondents(target), block.scale) {
                Some(fault) => cuts.push(cut(block, &hidden, target, fault, &room)),
                None => roomy.0.push(hidden.clone()),
            }
        }
        if cuts.len() == known {
            return Ok(hidden);
        }
        match cheapest(block, &cuts) {
            Some(next) if next != hidden => hidden = next,
            _ => break,
        }
    }
    let all: Vec<bool> = block.cells.iter().map(|cell| cell.cost.is_some()).collect();
    let fault =
        |target: &Target| room(block, &all, target).fault(block.respondents(target), block.scale);
    match targets.iter().find_map(|target| Some((target, fault(target)?))) {
        None => Ok(all),
        Some((target, fault)) => {
            Err(Unprotected { what: block.describe(target, fault), cells: target.0.clone() })
        }
    }
}

/// Choices of hidden cells that leave a group enough room. Whoever hides more leaves it no less: a hidden cell can have every
/// value that fits the shown one, and what is published of it binds no longer.
#[derive(Default)]
struct Roomy(Vec<Vec<bool>>);

impl Roomy {
    fn is_known(&self, hidden: &[bool]) -> bool {
        let holds = |less: &Vec<bool>| less.iter().zip(hidden).all(|(less, more)| *less <= *more);
        self.0.iter().any(holds)
    }
}

impl Block {
    /// The group that is found out, and how.
    fn describe(&self, target: &Target, fault: Fault) -> String {
        let cells: Vec<&str> =
            target.0.iter().map(|&cell| self.cells[cell].name.as_str()).collect();
        let what = match fault {
            Fault::Respondents => "how many they are",
            Fault::Answers => "how many of them say yes, or the sum of their scores",
            Fault::Nobody => "that nobody of them says yes",
            Fault::Everybody => "that everybody of them says yes",
        };
        format!("{}: {}: {what}", self.name, cells.join(" and "))
    }
}

/// `Σ gain · hidden >= needed` over the cells.
struct Cut {
    gain: Vec<f64>,
    needed: f64,
}

/// What the dual of a program says: a bound on its optimum for every choice of hidden cells.
struct Bound {
    constant: f64,
    gain: Vec<f64>,
}

/// The inequality that every choice which mends this fault fulfils, and this one does not.
fn cut(block: &Block, hidden: &[bool], target: &Target, fault: Fault, room: &Room) -> Cut {
    let mut cut = Cut { gain: vec![0.0; block.cells.len()], needed: 0.0 };
    let mut take = |bound: Bound, times: f64| {
        cut.needed -= times * bound.constant;
        cut.gain.iter_mut().zip(bound.gain).for_each(|(gain, more)| *gain += times * more);
    };
    let highest = |side| bound(block, side, hidden, &objective(block, side, target));
    let lowest = |side| {
        let negative: Vec<_> = objective(block, side, target)
            .into_iter()
            .map(|(cell, share)| (cell, -share))
            .collect();
        bound(block, side, hidden, &negative)
    };
    let (low, high) = block.scale.map_or((0.0, 0.0), |scale| (scale.low, scale.high));
    let people = block.respondents(target) as f64;
    let needed = match fault {
        Fault::Respondents => {
            take(highest(Side::Respondents), 1.0);
            take(lowest(Side::Respondents), 1.0);
            2.0
        }
        Fault::Answers => {
            take(highest(Side::Values), people);
            take(lowest(Side::Values), people);
            answers_needed(room, people, high - low)
        }
        Fault::Nobody => {
            take(highest(Side::Values), 1.0);
            low + 1.0 / people
        }
        Fault::Everybody => {
            take(lowest(Side::Values), 1.0);
            1.0 / people - high
        }
    };
    cut.needed += needed;
    cut
}

/// Width that the sum of the answers needs. Three whole numbers need a width of 2 and always lie in one of 3.
fn answers_needed(room: &Room, people: f64, scale: f64) -> f64 {
    let width = (room.value.high - room.value.low) * people;
    let needed: f64 = if width < 2.0 - SLACK { 2.0 } else { 3.0 };
    if scale > 0.0 { needed.min(scale * people) } else { needed }
}

/// Dual of `max objective`: variables of the equations, of the bounds of the cells and of the published differences.
fn bound(block: &Block, side: Side, hidden: &[bool], objective: &[(usize, f64)]) -> Bound {
    let now = bounds(block, side, hidden);
    let none = vec![false; hidden.len()];
    let all = vec![true; hidden.len()];
    let (told, opened) = (bounds(block, side, &none), bounds(block, side, &all));
    let open = unknown(block, side);
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut columns: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); now.len()];
    let mut sums = Vec::new();
    for row in rows(block, side) {
        let upper = problem.add_var(row.sum.high, (0.0, f64::INFINITY));
        let lower = problem.add_var(-row.sum.low, (0.0, f64::INFINITY));
        for &(cell, share) in &row.terms {
            columns[cell].extend([(upper, share), (lower, -share)]);
        }
        sums.push((row.sum, upper, lower));
    }
    let differences: Vec<_> = block
        .differences
        .iter()
        .filter(|_| side == Side::Values)
        .map(|difference| {
            let free = !(shown(block, hidden, difference.first)
                && shown(block, hidden, difference.second));
            let width = open.high - open.low;
            let told = if free { Interval { low: -width, high: width } } else { difference.told };
            let upper = problem.add_var(told.high, (0.0, f64::INFINITY));
            let lower = problem.add_var(-told.low, (0.0, f64::INFINITY));
            for (cell, sign) in [(difference.second, 1.0), (difference.first, -1.0)] {
                columns[cell].extend([(upper, sign), (lower, -sign)]);
            }
            (difference, upper, lower)
        })
        .collect();
    let limits: Vec<(Variable, Variable)> = now
        .iter()
        .enumerate()
        .map(|(cell, now)| {
            let upper = problem.add_var(now.high, (0.0, f64::INFINITY));
            let lower = problem.add_var(-now.low, (0.0, f64::INFINITY));
            columns[cell].extend([(upper, 1.0), (lower, -1.0)]);
            (upper, lower)
        })
        .collect();
    let mut gains = vec![0.0; now.len()];
    for &(cell, share) in objective {
        gains[cell] += share;
    }
    for (column, gain) in columns.iter().zip(&gains) {
        let mut sum = LinearExpr::empty();
        for &(variable, share) in column {
            sum.add(variable, share);
        }
        problem.add_constraint(sum, ComparisonOp::Eq, *gain);
    }
    let mut bound = Bound { constant: 0.0, gain: vec![0.0; now.len()] };
    let Some(solution) = problem.solve().ok().and_then(|outcome| outcome.into_solution().ok())
    else {
        // Without a dual every cell may help: at least one of those that are shown.
        bound.gain =
            block.cells.iter().map(|cell| f64::from(u8::from(cell.cost.is_some())) * 1e3).collect();
        return bound;
    };
    let value = |variable: Variable| solution.var_value(variable).max(0.0);
    for (sum, upper, lower) in sums {
        bound.constant += value(upper) * sum.high - value(lower) * sum.low;
    }
    for (cell, &(upper, lower)) in limits.iter().enumerate() {
        let (upper, lower) = (value(upper), value(lower));
        bound.constant += upper * told[cell].high - lower * told[cell].low;
        bound.gain[cell] += upper * (opened[cell].high - told[cell].high)
            + lower * (told[cell].low - opened[cell].low);
    }
    let width = open.high - open.low;
    for (difference, upper, lower) in differences {
        let (upper, lower) = (value(upper), value(lower));
        bound.constant += upper * difference.told.high - lower * difference.told.low;
        for cell in [difference.first, difference.second] {
            bound.gain[cell] +=
                upper * (width - difference.told.high) + lower * (difference.told.low + width);
        }
    }
    bound
}

/// The cells whose loss is least, of those that fulfil all cuts.
fn cheapest(block: &Block, cuts: &[Cut]) -> Option<Vec<bool>> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let variables: Vec<Option<Variable>> =
        block.cells.iter().map(|cell| cell.cost.map(|cost| problem.add_binary_var(cost))).collect();
    for cut in cuts {
        // More than is needed helps no more; small coefficients keep the program well scaled.
        let largest = cut.needed.max(SLACK);
        let mut sum = LinearExpr::empty();
        for (variable, gain) in variables.iter().zip(&cut.gain) {
            if let Some(variable) = variable.filter(|_| *gain > SLACK * largest) {
                sum.add(variable, (gain / largest).min(1.0));
            }
        }
        problem.add_constraint(sum, ComparisonOp::Ge, 1.0 - SLACK);
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    let chosen = |variable: &Option<Variable>| {
        variable.is_some_and(|variable| solution.var_value(variable) > 0.5)
    };
    Some(variables.iter().map(chosen).collect())
}

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod tests;
