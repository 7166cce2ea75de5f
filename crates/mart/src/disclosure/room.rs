//! How far a group's count can be told from what is published: the room that is left, by linear programs.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use super::block::{Block, Cell, Interval, Kind, Target};

/// Fewest values that a confidential count must leave open.
const VALUES: f64 = 3.0;
const SLACK: f64 = 1e-6;
/// The scale that means are usually on.
const SCORES: Interval = Interval { low: 0.0, high: 10.0 };

/// Respondents and value of a group, as far as they follow.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub respondents: Interval,
    pub value: Interval,
}

/// What a confidential group must not be found out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// How many there are.
    Respondents,
    /// How many of them say yes, or the sum of their scores.
    Answers,
    /// That nobody of them does.
    Nobody,
    /// That everybody does.
    Everybody,
}

/// Which of the two systems of equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Respondents,
    Values,
}

impl Room {
    /// Too little room for a group of so many, if so: their number must stay open, and their answers too for those who know it.
    pub fn fault(&self, respondents: u64, scale: Option<Interval>) -> Option<Fault> {
        let (people, value) = (self.respondents, self.value);
        if are_few(people) {
            return Some(Fault::Respondents);
        }
        let n = respondents as f64;
        if let Some(scale) = scale {
            if (value.high - scale.low) * n < 1.0 - SLACK {
                return Some(Fault::Nobody);
            }
            if (scale.high - value.low) * n < 1.0 - SLACK {
                return Some(Fault::Everybody);
            }
        }
        let most = scale.map_or(VALUES, |scale| (scale.high - scale.low) * n + 1.0);
        let open = whole_numbers(value.low * n, value.high * n);
        (open < VALUES.min(most)).then_some(Fault::Answers)
    }
}

/// Too few numbers of respondents to choose from.
fn are_few(people: Interval) -> bool {
    whole_numbers(people.low, people.high) < VALUES
}

fn whole_numbers(low: f64, high: f64) -> f64 {
    (high + SLACK).floor() - (low - SLACK).ceil() + 1.0
}

/// The bounds of every cell where `hidden` are hidden besides what is hidden already.
pub fn bounds(block: &Block, side: Side, hidden: &[bool]) -> Vec<Interval> {
    let open = unknown(block, side);
    let bound = |(cell, &hidden): (&Cell, &bool)| match side {
        Side::Respondents if cell.base_shown && !hidden => cell.base,
        Side::Values if cell.figure_shown && !hidden => cell.figure,
        Side::Respondents => cell.base_known.unwrap_or(open),
        Side::Values => cell.figure_known.unwrap_or(open),
    };
    block.cells.iter().zip(hidden).map(bound).collect()
}

/// All that is known of a hidden cell of which no earlier release told.
pub fn unknown(block: &Block, side: Side) -> Interval {
    match side {
        Side::Respondents => {
            let most = block.cells.iter().map(|cell| cell.base.high).fold(1.0, f64::max);
            Interval { low: 0.0, high: 2.0 * most }
        }
        Side::Values => block.scale.unwrap_or_else(|| {
            let values = || block.cells.iter().filter_map(|cell| cell.value);
            // Whoever sees means between 0 and 10 takes them for scores on that scale.
            if values().all(|value| SCORES.holds(value)) {
                return SCORES;
            }
            let size = values().map(f64::abs).fold(1.0, f64::max);
            Interval { low: -1e3 * size, high: 1e3 * size }
        }),
    }
}

/// Coefficients of an equation, and what they sum to.
pub struct Row {
    pub terms: Vec<(usize, f64)>,
    pub sum: Interval,
}

/// The equations of one side.
pub fn rows(block: &Block, side: Side) -> Vec<Row> {
    let weight = |cell: usize| block.cells[cell].weight;
    let is_known = |cell: &usize| block.cells[*cell].value.is_some();
    let row = |equation: &super::block::Equation| match (side, equation.kind) {
        (Side::Respondents, Kind::Answers) => None,
        (Side::Respondents, _) => Some((1.0, vec![1.0; equation.parts.len()])),
        _ if !(is_known(&equation.whole) && equation.parts.iter().all(is_known)) => None,
        (Side::Values, Kind::Sum) => {
            let whole = weight(equation.whole);
            Some((1.0, equation.parts.iter().map(|&part| weight(part) / whole).collect()))
        }
        (Side::Values, Kind::Mean) => {
            let parts = equation.parts.len();
            Some((1.0, vec![1.0 / parts as f64; parts]))
        }
        (Side::Values, Kind::Answers) => Some((1.0, vec![1.0; equation.parts.len()])),
        (Side::Values, Kind::Bases) => None,
    };
    let terms = |equation: &super::block::Equation| {
        let (whole, parts) = row(equation)?;
        let parts = equation.parts.iter().copied().zip(parts);
        let sum = if side == Side::Values { equation.slack } else { Interval::point(0.0) };
        Some(Row { terms: parts.chain([(equation.whole, -whole)]).collect(), sum })
    };
    block.equations.iter().filter_map(terms).collect()
}

/// What is summed for a group: its respondents, or its value by weight.
pub fn objective(block: &Block, side: Side, target: &Target) -> Vec<(usize, f64)> {
    let Target(cells) = target;
    let sum: f64 = cells.iter().map(|&cell| block.cells[cell].weight).sum();
    let share = |cell: usize| match side {
        Side::Respondents => 1.0,
        Side::Values => block.cells[cell].weight / sum,
    };
    cells.iter().map(|&cell| (cell, share(cell))).collect()
}

/// Any number of respondents.
pub fn open() -> Interval {
    Interval { low: 0.0, high: f64::from(u32::MAX) }
}

/// The room of a group; all of the scale where the program finds no bound.
pub fn room(block: &Block, hidden: &[bool], target: &Target) -> Room {
    let value = if block.has_value(target) {
        range(block, Side::Values, hidden, target)
    } else {
        // What has no value has none that could be found out.
        unknown(block, Side::Values)
    };
    Room { respondents: range(block, Side::Respondents, hidden, target), value }
}

/// The room of a group as far as it decides: of a side that is known to have enough, and of the value of a group whose number is
/// found out, no program is made. They are taken as open.
pub fn room_in_doubt(block: &Block, hidden: &[bool], target: &Target, has_room: [bool; 2]) -> Room {
    let [has_people, has_values] = has_room;
    let respondents =
        if has_people { open() } else { range(block, Side::Respondents, hidden, target) };
    let is_open = has_values || are_few(respondents) || !block.has_value(target);
    let value = if is_open {
        unknown(block, Side::Values)
    } else {
        range(block, Side::Values, hidden, target)
    };
    Room { respondents, value }
}

fn range(block: &Block, side: Side, hidden: &[bool], target: &Target) -> Interval {
    let bounds = bounds(block, side, hidden);
    let rows = rows(block, side);
    let objective = objective(block, side, target);
    let end = |direction| extreme(block, side, hidden, &bounds, &rows, &objective, direction);
    Interval {
        low: end(OptimizationDirection::Minimize),
        high: end(OptimizationDirection::Maximize),
    }
}

fn extreme(
    block: &Block,
    side: Side,
    hidden: &[bool],
    bounds: &[Interval],
    rows: &[Row],
    objective: &[(usize, f64)],
    direction: OptimizationDirection,
) -> f64 {
    let mut problem = Problem::new(direction);
    let mut gain = vec![0.0; bounds.len()];
    for &(cell, share) in objective {
        gain[cell] += share;
    }
    let variables: Vec<Variable> = bounds
        .iter()
        .zip(&gain)
        .map(|(bound, gain)| problem.add_var(*gain, (bound.low, bound.high)))
        .collect();
    for row in rows {
        let mut sum = LinearExpr::empty();
        row.terms.iter().for_each(|&(cell, share)| sum.add(variables[cell], share));
        if row.sum.low == row.sum.high {
            problem.add_constraint(sum, ComparisonOp::Eq, row.sum.low);
        } else {
            problem.add_constraint(sum.clone(), ComparisonOp::Ge, row.sum.low);
            problem.add_constraint(sum, ComparisonOp::Le, row.sum.high);
        }
    }
    for difference in block.differences.iter().filter(|_| side == Side::Values) {
        let (first, second) = (difference.first, difference.second);
        if shown(block, hidden, first) && shown(block, hidden, second) {
            let terms = [(variables[second], 1.0), (variables[first], -1.0)];
            problem.add_constraint(terms, ComparisonOp::Ge, difference.told.low);
            problem.add_constraint(terms, ComparisonOp::Le, difference.told.high);
        }
    }
    let solved = problem.solve().ok().and_then(|outcome| outcome.into_solution().ok());
    // No answer is no protection: the exact value, so that the group counts as found out.
    solved.map_or_else(
        || {
            let exact = |cell: usize| match side {
                Side::Respondents => block.cells[cell].respondents as f64,
                Side::Values => block.cells[cell].value.unwrap_or(0.0),
            };
            objective.iter().map(|&(cell, share)| share * exact(cell)).sum()
        },
        |solution| solution.objective(),
    )
}

pub fn shown(block: &Block, hidden: &[bool], cell: usize) -> bool {
    block.cells[cell].figure_shown && !hidden[cell]
}
