//! Respondents that two waves share, and what they make two figures have in common.

use std::collections::BTreeMap;

use survey::design::NO_CODE;

use crate::stage::{Column, Refusal, Sample};
use crate::tabulate::{Basis, Mean, Of, Values, WaveErrors, WaveScores};

/// One wave as the overlap reads it.
pub(crate) type Side<'a> = (&'a Sample<'a>, &'a Values, &'a WaveErrors);

/// What two waves share.
pub(crate) enum Overlap {
    ByCell(Respondents),
    /// Positions of the shared units in both waves.
    Units(Vec<[usize; 2]>),
}

impl Overlap {
    /// None where the waves share nobody.
    pub(crate) fn of(earlier: Side<'_>, later: Side<'_>) -> Result<Option<Self>, Refusal> {
        if let (WaveErrors::ByCell(first), WaveErrors::ByCell(second)) = (earlier.2, later.2) {
            let sides = [(earlier.0, earlier.1, first), (later.0, later.1, second)];
            return Ok(Respondents::of(sides[0], sides[1])?.map(Self::ByCell));
        }
        let known = units(earlier.0)?;
        let shared = units(later.0)?
            .into_iter()
            .filter_map(|(name, unit)| Some([*known.get(&name)?, unit]))
            .collect::<Vec<_>>();
        Ok((!shared.is_empty()).then_some(Self::Units(shared)))
    }

    /// Covariance of each level's means in both waves; Σ over the shared units of the products of both waves' centred and
    /// scaled totals, whether the variances are linearised or replicated.
    pub(crate) fn covariances(
        &self,
        earlier: Side<'_>,
        later: Side<'_>,
        place: (usize, usize),
    ) -> Result<Option<Vec<f64>>, Refusal> {
        match (self, earlier.2, later.2) {
            (Self::ByCell(shared), WaveErrors::ByCell(first), WaveErrors::ByCell(second)) => {
                let sides = [(earlier.0, earlier.1, first), (later.0, later.1, second)];
                Ok(shared.covariances(sides[0], sides[1], place))
            }
            (Self::Units(shared), ..) => {
                let (Some(first), Some(second)) =
                    (unit_scores(earlier, place)?, unit_scores(later, place)?)
                else {
                    return Ok(None);
                };
                let covariance = |(first, second): (&Vec<f64>, &Vec<f64>)| {
                    shared.iter().map(|&[a, b]| first[a] * second[b]).sum()
                };
                Ok(Some(first.iter().zip(&second).map(covariance).collect()))
            }
            (Self::ByCell(_), ..) => Ok(None),
        }
    }
}

/// Position of each unit with weight, by panel and name.
fn units(sample: &Sample<'_>) -> Result<BTreeMap<(u32, String), usize>, Refusal> {
    let names = sample.unit_names()?.into_iter().zip(sample.linearisation.unit_of_row());
    let in_sample = names.filter(|(_, unit)| **unit != NO_CODE);
    Ok(in_sample.filter_map(|(name, unit)| Some((name?, *unit as usize))).collect())
}

/// Total of each unit for each level of a cut; none where not asked.
fn unit_scores(side: Side<'_>, place: (usize, usize)) -> Result<Option<Vec<Vec<f64>>>, Refusal> {
    let (sample, values, errors) = side;
    let (indicator, cut) = place;
    let (Some(column), Some(codes), Some(covariance)) =
        (&values.columns[indicator], &values.codes[cut], errors.covariance(indicator, cut))
    else {
        return Ok(None);
    };
    let of = Of { sample, column, codes, levels: covariance.nrows() };
    of.unit_scores().map(Some).map_err(|error| sample.method(error))
}

/// A wave whose errors follow from sums by cell.
type CellSide<'a> = (&'a Sample<'a>, &'a Values, &'a WaveScores);

/// Respondents that two waves share.
pub(crate) struct Respondents {
    shared: Vec<Shared>,
    /// Σw₁w₂, Σw₁, Σw₂ and number of the shared, by their cells in both waves.
    pairs: BTreeMap<(u32, u32), [f64; 4]>,
}

/// One of them: rows, cells of the margins' cross table and weights in both waves, and the product of the strata's factors.
struct Shared {
    rows: [u32; 2],
    cells: [u32; 2],
    weights: [f64; 2],
    factor: f64,
}

impl Respondents {
    /// None where the waves share nobody.
    fn of(earlier: CellSide<'_>, later: CellSide<'_>) -> Result<Option<Self>, Refusal> {
        let known: BTreeMap<(u32, &str), u32> = earlier
            .0
            .identities()?
            .into_iter()
            .map(|(panel, respondent, row)| ((panel, respondent), row))
            .collect();
        let of_row = |(panel, respondent, row): (u32, &str, u32)| {
            let rows = [*known.get(&(panel, respondent))?, row];
            let bases = [&earlier.2.basis, &later.2.basis];
            let cell = |side: usize| bases[side].cell_of_row[rows[side] as usize];
            Some(Shared {
                rows,
                cells: [cell(0), cell(1)],
                weights: [
                    earlier.0.weights()[rows[0] as usize],
                    later.0.weights()[rows[1] as usize],
                ],
                factor: factor(bases, panel as usize),
            })
        };
        let shared: Vec<Shared> = later.0.identities()?.into_iter().filter_map(of_row).collect();
        let mut pairs: BTreeMap<(u32, u32), [f64; 4]> = BTreeMap::new();
        for Shared { cells, weights: [first, second], .. } in &shared {
            let sums = pairs.entry((cells[0], cells[1])).or_default();
            for (sum, value) in sums.iter_mut().zip([first * second, *first, *second, 1.0]) {
                *sum += value;
            }
        }
        Ok((!shared.is_empty()).then_some(Self { shared, pairs }))
    }

    /// Covariance of each level's means in both waves, as `change::overlapping` defines it: Σ of the products of the
    /// centred scores w (z - predicted) of the shared, z the influence value in the level.
    fn covariances(
        &self,
        earlier: CellSide<'_>,
        later: CellSide<'_>,
        place: (usize, usize),
    ) -> Option<Vec<f64>> {
        let sides = [One::of(earlier, place)?, One::of(later, place)?];
        let levels = sides[0].levels.len();
        let mut products = vec![0.0; levels];
        let cells = [sides[0].cells(), sides[1].cells()];
        // Σ of a side's own part times the other side's weight, and alone, by level and the other side's cell.
        let mut crossed = [vec![[0.0; 2]; levels * cells[1]], vec![[0.0; 2]; levels * cells[0]]];
        for shared in &self.shared {
            let own = [sides[0].own(shared, 0), sides[1].own(shared, 1)];
            for side in 0..2 {
                if let Some((level, value)) = own[side] {
                    let other = 1 - side;
                    let sums =
                        &mut crossed[side][level * cells[other] + shared.cells[other] as usize];
                    sums[0] += value * shared.weights[other];
                    sums[1] += value;
                }
            }
            if let [Some((first, value)), Some((second, other))] = own
                && first == second
            {
                products[first] += shared.factor * value * other;
            }
        }
        let bases = [&earlier.2.basis, &later.2.basis];
        let covariance = |level: usize| {
            let mut sum = products[level] + self.predicted(level, &sides, bases);
            for (side, crossed) in crossed.iter().enumerate() {
                let other = 1 - side;
                let of_level = &crossed[level * cells[other]..(level + 1) * cells[other]];
                for (cell, [weighted, alone]) in of_level.iter().enumerate() {
                    let mean = &sides[other].levels[level];
                    let stratum = bases[other].stratum_of_cell[cell];
                    let explained =
                        mean.predictions[cell] * weighted + mean.centres[stratum] * alone;
                    sum -= factor(bases, stratum) * explained;
                }
            }
            sum
        };
        Some((0..levels).map(covariance).collect())
    }

    /// Σ of the products of what is predicted (and the stratum's centre) in both waves.
    fn predicted(&self, level: usize, sides: &[One<'_>; 2], bases: [&Basis; 2]) -> f64 {
        let [first, second] = [&sides[0].levels[level], &sides[1].levels[level]];
        let product = |(cells, sums): (&(u32, u32), &[f64; 4])| {
            let stratum = bases[0].stratum_of_cell[cells.0 as usize];
            let (before, after) =
                (first.predictions[cells.0 as usize], second.predictions[cells.1 as usize]);
            let (centre, later_centre) = (first.centres[stratum], second.centres[stratum]);
            let sum = before * after * sums[0]
                + before * later_centre * sums[1]
                + centre * after * sums[2]
                + centre * later_centre * sums[3];
            factor(bases, stratum) * sum
        };
        self.pairs.iter().map(product).sum()
    }
}

/// √(n/(n-1)) of a stratum in both waves.
fn factor(bases: [&Basis; 2], stratum: usize) -> f64 {
    let of = |basis: &Basis| {
        let rows = basis.stratum_rows.get(stratum).copied().unwrap_or(0.0);
        if rows > 1.0 { rows / (rows - 1.0) } else { 0.0 }
    };
    (of(bases[0]) * of(bases[1])).sqrt()
}

/// One indicator in one cut of one wave.
struct One<'a> {
    column: &'a Column,
    codes: &'a [u32],
    levels: &'a [Mean],
}

impl<'a> One<'a> {
    fn of(side: CellSide<'a>, place: (usize, usize)) -> Option<Self> {
        let (indicator, cut) = place;
        Some(Self {
            column: side.1.columns[indicator].as_ref()?,
            codes: side.1.codes[cut].as_ref()?,
            levels: &side.2.scores[indicator][cut].as_ref()?.levels,
        })
    }

    fn cells(&self) -> usize {
        self.levels.first().map_or(0, |mean| mean.predictions.len())
    }

    /// Level of a respondent and weight times influence value in it; none outside the base.
    fn own(&self, shared: &Shared, side: usize) -> Option<(usize, f64)> {
        let row = shared.rows[side] as usize;
        let value = self.column.value(row);
        let code = self.codes[row];
        if code == NO_CODE || value.is_nan() {
            return None;
        }
        let cell = &self.levels[code as usize].cell;
        Some((code as usize, shared.weights[side] * (value - cell.mean) / cell.weight_sum))
    }
}
