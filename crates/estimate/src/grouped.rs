//! The fast way of the kernel: element samples whose calibration has categorical auxiliaries only.
//!
//! With w the final weight, u = g·base, residual x_i = w z_i - u_i X_i β with β = G Σ X w z / g, and s the stratum's
//! factor, V = Σ s x² - Σ_h (s_h / m_h) (Σ_h x)²: everything that depends on y is a sum over group × category.

mod groups;
mod sums;

use nalgebra::DMatrix;
use survey::design::NO_CODE;

pub(crate) use self::groups::cells_of;
use self::groups::{Group, StratumPart, group, spread, strata_parts};
use self::sums::{Answers, Base, Part};
use crate::algebra::Semidefinite;
use crate::cell::{Breakdown, Cell, Facts, Values};
use crate::exact::exact;
use crate::residual::{Regression, Residual};
use crate::{Error, Linearisation};

/// Design and breakdowns made ready for many indicators.
pub(crate) struct Grouped<'a> {
    linearisation: &'a Linearisation,
    breakdowns: &'a [Breakdown<'a>],
    /// Per row: w, w², w·u and 1; zeros for rows with weight 0.
    moments: Vec<[f64; 4]>,
    /// Per breakdown the slot of each row; the last slot takes rows in no category.
    slots: Vec<Vec<u32>>,
    /// First slot of each breakdown.
    first: Vec<usize>,
    slot_count: usize,
    /// Per breakdown the sums of each category over all rows.
    all: Vec<Vec<Base>>,
    groups: Vec<Group>,
    strata: Vec<StratumPart>,
    regression: Option<Quadratic>,
}

/// G of the regression and Σ s u² X X'.
struct Quadratic {
    gram: Semidefinite,
    spread: DMatrix<f64>,
}

/// Below this part of Σ s x² before calibration a variance is mostly rounding and computed the exact way.
const CANCELLED: f64 = 1e-7;

impl<'a> Grouped<'a> {
    /// `None` when the design does not allow the fast way.
    pub fn new(linearisation: &'a Linearisation, breakdowns: &'a [Breakdown<'a>]) -> Option<Self> {
        let [selection] = linearisation.selections.as_slice() else { return None };
        if !selection.is_of_elements() || selection.has_borrowing() {
            return None;
        }
        let regression = match linearisation.residuals.as_slice() {
            [] => None,
            [Residual::Regression(regression)] if regression.auxiliaries.columns.is_empty() => {
                Some(regression)
            }
            _ => return None,
        };
        let weights = linearisation.weights();
        let fitted = |row: usize| {
            regression.map_or(0.0, |regression| regression.base[row] * regression.g[row])
        };
        let moment = |row: usize| match weights[row] {
            0.0 => [0.0; 4],
            weight => [weight, weight * weight, weight * fitted(row), 1.0],
        };
        let stratum = |row: usize| match selection.unit_of_row[row] {
            NO_CODE => NO_CODE,
            unit => selection.stratum_of_unit[unit as usize],
        };
        let strata: Vec<u32> = (0..weights.len()).map(stratum).collect();
        let (group_of_row, groups) = group(&strata, regression)?;
        let mut of_group = vec![(0.0, 0.0); groups.len()];
        for (row, &group) in group_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
            let sums = &mut of_group[group as usize];
            sums.0 += fitted(row);
            sums.1 += fitted(row) * fitted(row);
        }
        let parameters = regression.map_or(0, Regression::parameters);
        let strata = strata_parts(selection, &groups, &of_group, parameters);
        let regression = regression.map(|regression| Quadratic {
            gram: regression.gram.clone(),
            spread: spread(&strata, &groups, &of_group, parameters),
        });
        let mut grouped = Self {
            linearisation,
            breakdowns,
            moments: (0..weights.len()).map(moment).collect(),
            slots: Vec::new(),
            first: Vec::new(),
            slot_count: 0,
            all: Vec::new(),
            strata,
            regression,
            groups,
        };
        grouped.place_slots(&group_of_row);
        grouped.sum_all();
        Some(grouped)
    }

    fn place_slots(&mut self, group_of_row: &[u32]) {
        for breakdown in self.breakdowns {
            self.first.push(self.slot_count);
            self.slot_count += self.groups.len() * breakdown.levels;
        }
        let outside = self.slot_count as u32;
        for (breakdown, &first) in self.breakdowns.iter().zip(&self.first) {
            let slot = |(&group, &code): (&u32, &u32)| {
                if group == NO_CODE || code as usize >= breakdown.levels {
                    return outside;
                }
                first as u32 + group * breakdown.levels as u32 + code
            };
            self.slots.push(group_of_row.iter().zip(breakdown.codes).map(slot).collect());
        }
        self.slot_count += 1;
    }

    fn sum_all(&mut self) {
        let mut all = vec![[0.0; 4]; self.slot_count];
        for slots in &self.slots {
            for (slot, moment) in slots.iter().zip(&self.moments) {
                add(&mut all[*slot as usize], moment, 1.0);
            }
        }
        self.all = (0..self.breakdowns.len()).map(|index| self.base(index, &all)).collect();
    }

    /// All cells of one indicator.
    pub fn cells(&self, values: Values<'_>) -> Result<Vec<Vec<Cell>>, Error> {
        let tally = self.tally(values);
        let mut cells = Vec::with_capacity(self.breakdowns.len());
        for (index, breakdown) in self.breakdowns.iter().enumerate() {
            let answers = self.answers(index, &tally);
            let base = match &tally.base {
                Counted::All => None,
                Counted::Inside(inside) => Some(self.base(index, inside)),
                Counted::Outside(outside) => {
                    let mut base = self.all[index].clone();
                    base.iter_mut()
                        .zip(self.base(index, outside))
                        .for_each(|(base, outside)| base.subtract(&outside));
                    Some(base)
                }
            };
            let base = base.as_ref().unwrap_or(&self.all[index]);
            let mut of_breakdown = Vec::with_capacity(breakdown.levels);
            for (level, (base, answers)) in base.iter().zip(&answers).enumerate() {
                of_breakdown.push(match self.cell(base, answers, tally.shift, values) {
                    Some(cell) => cell,
                    None => exact(self.linearisation, values, breakdown, level)?,
                });
            }
            cells.push(of_breakdown);
        }
        Ok(cells)
    }

    /// One pass over the rows of an indicator.
    fn tally(&self, values: Values<'_>) -> Tally {
        let missing = match values {
            Values::Binary(values) => values.iter().filter(|value| **value > 1).count(),
            Values::Numeric(values) => values.iter().filter(|value| !value.is_finite()).count(),
        };
        let outside_is_smaller = 2 * missing <= self.moments.len();
        let mut tally = Tally {
            values: vec![[0.0; 4]; self.slot_count],
            base: match missing {
                0 => Counted::All,
                _ if outside_is_smaller => {
                    Counted::Outside(self.count(|row| !is_inside(values, row)))
                }
                _ => Counted::Inside(self.count(|row| is_inside(values, row))),
            },
            squares: Vec::new(),
            shift: 0.0,
        };
        match values {
            Values::Binary(values) => {
                for (row, _) in values.iter().enumerate().filter(|row| *row.1 == 1) {
                    let moment = &self.moments[row];
                    for slots in &self.slots {
                        add(&mut tally.values[slots[row] as usize], moment, 1.0);
                    }
                }
            }
            Values::Numeric(values) => self.tally_numbers(values, &mut tally),
        }
        tally
    }

    /// Sums by slot over the rows that `takes` names.
    fn count(&self, takes: impl Fn(usize) -> bool) -> Vec<[f64; 4]> {
        let mut sums = vec![[0.0; 4]; self.slot_count];
        for row in (0..self.moments.len()).filter(|&row| takes(row)) {
            for slots in &self.slots {
                add(&mut sums[slots[row] as usize], &self.moments[row], 1.0);
            }
        }
        sums
    }

    /// Numbers are taken from their mean, so that squares do not cancel.
    fn tally_numbers(&self, values: &[f64], tally: &mut Tally) {
        let (mut sum, mut size) = (0.0, 0.0);
        for (value, moment) in values.iter().zip(&self.moments).filter(|row| row.0.is_finite()) {
            sum += value * moment[0];
            size += moment[0];
        }
        tally.shift = if size > 0.0 { sum / size } else { 0.0 };
        tally.squares = vec![(0.0, 0.0, 0.0); self.slot_count];
        for (row, &value) in values.iter().enumerate().filter(|row| row.1.is_finite()) {
            let moment = &self.moments[row];
            let deviation = value - tally.shift;
            let square = deviation * deviation;
            for slots in &self.slots {
                let slot = slots[row] as usize;
                add(&mut tally.values[slot], moment, deviation);
                let squares = &mut tally.squares[slot];
                squares.0 += moment[0] * square;
                squares.1 += moment[1] * square;
                squares.2 += f64::from(value != 0.0) * moment[3];
            }
        }
    }

    /// Contracts sums by slot into those of each category of a breakdown.
    fn base(&self, index: usize, slots: &[[f64; 4]]) -> Vec<Base> {
        let levels = self.breakdowns[index].levels;
        let mut base = vec![Base::new(self.part(), self.strata.len()); levels];
        for (group_index, group) in self.groups.iter().enumerate() {
            let first = self.first[index] + group_index * levels;
            for (base, moments) in
                base.iter_mut().zip(&slots[first..first + levels]).filter(|row| row.1[3] != 0.0)
            {
                base.ones.add(group, self.strata[group.stratum].factor, moments);
                base.weight_squares += moments[1];
                base.respondents += moments[3];
                base.respondents_by_stratum[group.stratum] += moments[3];
            }
        }
        base
    }

    /// The same for the sums of y.
    fn answers(&self, index: usize, tally: &Tally) -> Vec<Answers> {
        let levels = self.breakdowns[index].levels;
        let empty = || Answers { values: self.part(), squares: (0.0, 0.0), nonzero: 0.0 };
        let mut answers: Vec<Answers> = (0..levels).map(|_| empty()).collect();
        for (group_index, group) in self.groups.iter().enumerate() {
            let first = self.first[index] + group_index * levels;
            let factor = self.strata[group.stratum].factor;
            for (level, answers) in answers.iter_mut().enumerate() {
                let moments = &tally.values[first + level];
                let squares = match tally.squares.get(first + level) {
                    Some(&squares) => squares,
                    None if moments[3] == 0.0 => continue,
                    None => (moments[0], moments[1], moments[3]),
                };
                answers.values.add(group, factor, moments);
                answers.squares.0 += squares.0;
                answers.squares.1 += factor * squares.1;
                answers.nonzero += squares.2;
            }
        }
        answers
    }

    fn part(&self) -> Part {
        Part::new(
            self.regression.as_ref().map_or(0, |regression| regression.spread.nrows()),
            self.strata.len(),
        )
    }

    /// The cell of a category; `None` when its variance is lost in rounding.
    fn cell(&self, base: &Base, answers: &Answers, shift: f64, values: Values<'_>) -> Option<Cell> {
        if base.respondents == 0.0 {
            return Some(Cell::EMPTY);
        }
        let size = base.ones.weighted;
        let mean = answers.values.weighted / size;
        let is_constant = matches!(values, Values::Binary(_))
            && (answers.nonzero == 0.0 || answers.nonzero == base.respondents);
        let variance = if is_constant { 0.0 } else { self.variance(&base.ones, answers, mean)? };
        let squares = answers.squares.0 - mean * answers.values.weighted;
        let strata = base.respondents_by_stratum.iter().filter(|count| **count > 0.0).count();
        let facts = Facts {
            respondents: base.respondents as usize,
            nonzero: answers.nonzero as usize,
            weight_sum: size,
            weight_squares: base.weight_squares,
            mean: if is_constant { f64::from(answers.nonzero > 0.0) } else { mean + shift },
            squares: if is_constant { 0.0 } else { squares },
            variance,
            degrees_of_freedom: base.respondents as i64 - strata as i64,
        };
        Some(facts.cell())
    }

    fn variance(&self, ones: &Part, answers: &Answers, mean: f64) -> Option<f64> {
        let (Answers { values, squares, .. }, size) = (answers, ones.weighted);
        let own =
            (squares.1 - 2.0 * mean * values.spread + mean * mean * ones.spread) / (size * size);
        let beta = self.regression.as_ref().map(|regression| {
            let right = (&values.right - &ones.right * mean) / size;
            regression.gram.solve(&right)
        });
        let mut variance = own;
        if let (Some(beta), Some(regression)) = (&beta, &self.regression) {
            let cross = (&values.cross - &ones.cross * mean) / size;
            variance += beta.dot(&(&regression.spread * beta)) - 2.0 * beta.dot(&cross);
        }
        for (index, stratum) in self.strata.iter().enumerate() {
            let mut total = (values.by_stratum[index] - mean * ones.by_stratum[index]) / size;
            if let Some(beta) = &beta {
                total -= stratum.explained.dot(beta);
            }
            variance -= stratum.factor / stratum.units * total * total;
        }
        (variance > CANCELLED * own || own == 0.0).then_some(variance)
    }
}

/// Sums of one indicator by slot.
struct Tally {
    values: Vec<[f64; 4]>,
    base: Counted,
    /// Numbers only: Σ w d², Σ w² d² and the count of values other than 0.
    squares: Vec<(f64, f64, f64)>,
    shift: f64,
}

/// The base of an indicator: everyone, or sums by slot over the smaller of the two sides.
enum Counted {
    All,
    Inside(Vec<[f64; 4]>),
    Outside(Vec<[f64; 4]>),
}

fn is_inside(values: Values<'_>, row: usize) -> bool {
    match values {
        Values::Binary(values) => values[row] <= 1,
        Values::Numeric(values) => values[row].is_finite(),
    }
}

fn add(sums: &mut [f64; 4], moment: &[f64; 4], value: f64) {
    for (sum, moment) in sums.iter_mut().zip(moment) {
        *sum += moment * value;
    }
}

#[cfg(test)]
mod tests;
