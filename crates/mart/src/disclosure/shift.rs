//! Room that is seen without a linear program: from the exact figures some are moved against each other, as far as everything
//! that is published still fits.

use super::block::{Block, Interval, Target};
use super::room::{Room, Side, bounds, objective, open, rows, shown};

/// Most cells that balance a move.
const MOST: usize = 12;
const NOTHING: f64 = 1e-12;

/// What limits the cells of one side, with the exact figures inside it.
pub struct Shifts<'b> {
    block: &'b Block,
    side: Side,
    bounds: Vec<Interval>,
    rows: Vec<Row>,
    of_cell: Vec<Vec<usize>>,
    exact: Vec<f64>,
}

struct Row {
    terms: Vec<(usize, f64)>,
    sum: Interval,
    /// A published difference, and no sum of parts.
    is_difference: bool,
}

impl Row {
    fn of(&self, numbers: impl Fn(usize) -> f64) -> f64 {
        self.terms.iter().map(|&(cell, share)| share * numbers(cell)).sum()
    }

    fn has_play(&self) -> bool {
        self.sum.low < self.sum.high
    }
}

impl<'b> Shifts<'b> {
    /// Where `hidden` are hidden besides what is hidden already.
    pub fn new(block: &'b Block, side: Side, hidden: &[bool]) -> Self {
        let bounds = bounds(block, side, hidden);
        let sums = rows(block, side).into_iter().map(|row| Row {
            terms: row.terms,
            sum: row.sum,
            is_difference: false,
        });
        let told = block.differences.iter().filter(|told| {
            side == Side::Values
                && shown(block, hidden, told.first)
                && shown(block, hidden, told.second)
        });
        let differences = told.map(|told| Row {
            terms: vec![(told.first, -1.0), (told.second, 1.0)],
            sum: told.told,
            is_difference: true,
        });
        let rows: Vec<Row> = sums.chain(differences).collect();
        let mut of_cell = vec![Vec::new(); block.cells.len()];
        for (at, row) in rows.iter().enumerate() {
            row.terms.iter().for_each(|(cell, _)| of_cell[*cell].push(at));
        }
        let exact = block.cells.iter().zip(&bounds).map(|(cell, bound)| match side {
            Side::Respondents => cell.respondents as f64,
            Side::Values => cell.value.unwrap_or_else(|| 0.0_f64.max(bound.low).min(bound.high)),
        });
        let exact = exact.collect();
        Self { block, side, bounds, rows, of_cell, exact }
    }

    /// Whether moves make an interval of the group's number or value that is enough.
    pub fn make(&self, target: &Target, is_enough: impl Fn(Interval) -> bool) -> bool {
        let objective = objective(self.block, self.side, target);
        let value =
            |point: &[f64]| objective.iter().map(|&(cell, share)| share * point[cell]).sum();
        let [mut least, mut most] = [self.exact.clone(), self.exact.clone()];
        for &cell in &target.0 {
            let rounds = std::iter::once_with(|| self.rounds(cell, target)).flatten();
            for moved in self.moves(cell, target).chain(rounds) {
                self.go(&mut least, &moved, -1.0);
                self.go(&mut most, &moved, 1.0);
                if is_enough(Interval { low: value(&least), high: value(&most) }) {
                    return true;
                }
            }
        }
        false
    }

    /// Moves of a cell of the group by one, against each other cell of an equation.
    fn moves(&self, cell: usize, target: &Target) -> impl Iterator<Item = Vec<(usize, f64)>> {
        let against = self.of_cell[cell].iter().flat_map(move |&row| {
            let terms = &self.rows[row].terms;
            let own = terms.iter().find(|(at, _)| *at == cell).map_or(0.0, |(_, share)| *share);
            let others = terms.iter().filter(|(other, _)| !target.0.contains(other));
            others.map(move |&(other, share)| vec![(cell, 1.0), (other, -own / share)])
        });
        let moves = std::iter::once(vec![(cell, 1.0)]).chain(against);
        moves.filter_map(|moved| self.balanced(moved, target))
    }

    /// Moves round the corners of a table: a cell, one of its row, one of its column, and the one that is in the row of the
    /// one and in the column of the other.
    fn rounds(&self, cell: usize, target: &Target) -> Vec<Vec<(usize, f64)>> {
        let equations = |of: usize| {
            self.of_cell[of].iter().copied().filter(|&row| !self.rows[row].is_difference)
        };
        let share = |row: usize, of: usize| by(&self.rows[row].terms, of);
        let is_free = |other: usize| other != cell && !target.0.contains(&other);
        let free =
            |row: usize| self.rows[row].terms.iter().map(|(at, _)| *at).filter(|at| is_free(*at));
        let mut rounds = Vec::new();
        for row in equations(cell) {
            for column in equations(cell).filter(|column| row < *column) {
                for beside in free(row) {
                    for below in free(column) {
                        let corner =
                            equations(below).filter(|own| *own != column).find_map(|own| {
                                let meets = |corner: usize| {
                                    let mut others = equations(beside);
                                    others.any(|at| {
                                        at != row && at != own && share(at, corner) != 0.0
                                    })
                                };
                                let is_corner =
                                    |at: &usize| ![beside, below].contains(at) && meets(*at);
                                free(own).find(is_corner).map(|corner| (corner, own))
                            });
                        let Some((corner, own)) = corner else { continue };
                        let by_beside = -share(row, cell) / share(row, beside);
                        let by_below = -share(column, cell) / share(column, below);
                        let by_corner = -by_below * share(own, below) / share(own, corner);
                        let moved = vec![
                            (cell, 1.0),
                            (beside, by_beside),
                            (below, by_below),
                            (corner, by_corner),
                        ];
                        rounds.extend(self.balanced(moved, target));
                    }
                }
            }
        }
        rounds
    }

    /// The move with what keeps the equations, a whole for its parts.
    fn balanced(&self, mut moved: Vec<(usize, f64)>, target: &Target) -> Option<Vec<(usize, f64)>> {
        while moved.len() <= MOST {
            let touched = moved.iter().flat_map(|(cell, _)| &self.of_cell[*cell]);
            let broken = touched.map(|&row| &self.rows[row]).find_map(|row| {
                let sum = row.of(|cell| by(&moved, cell));
                (!row.has_play() && sum.abs() > NOTHING).then_some((row, sum))
            });
            let Some((row, sum)) = broken else { return Some(moved) };
            let is_free = |cell: usize| by(&moved, cell) == 0.0 && !target.0.contains(&cell);
            let (cell, share) = *row.terms.iter().rev().find(|(cell, _)| is_free(*cell))?;
            moved.push((cell, -sum / share));
        }
        None
    }

    /// Makes a move as far as it goes.
    fn go(&self, point: &mut [f64], moved: &[(usize, f64)], sign: f64) {
        let mut far = f64::INFINITY;
        let mut limit = |value: f64, speed: f64, within: Interval| {
            let end = if speed > 0.0 { within.high } else { within.low };
            if speed.abs() > NOTHING {
                far = far.min((end - value) / speed);
            }
        };
        for &(cell, amount) in moved {
            limit(point[cell], sign * amount, self.bounds[cell]);
            for row in self.of_cell[cell].iter().map(|&row| &self.rows[row]) {
                if row.is_difference || row.has_play() {
                    let speed = sign * row.of(|cell| by(moved, cell));
                    limit(row.of(|cell| point[cell]), speed, row.sum);
                }
            }
        }
        if far > 0.0 && far.is_finite() {
            for &(cell, amount) in moved {
                point[cell] += sign * far * amount;
            }
        }
    }
}

fn by(moved: &[(usize, f64)], cell: usize) -> f64 {
    moved.iter().find(|(at, _)| *at == cell).map_or(0.0, |(_, amount)| *amount)
}

/// Whether a group certainly has enough room for its number and for its value, each taken by itself; where it is not sure of it,
/// a program says.
pub fn has_room(block: &Block, [people, values]: &[Shifts<'_>; 2], target: &Target) -> [bool; 2] {
    let number = block.respondents(target);
    let is_open = |room: Room| room.fault(number, block.scale).is_none();
    let respondents = open();
    let value = block.scale.unwrap_or(Interval { low: -1e12, high: 1e12 });
    [
        people.make(target, |respondents| is_open(Room { respondents, value })),
        !block.has_value(target)
            || values.make(target, |value| is_open(Room { respondents, value })),
    ]
}
