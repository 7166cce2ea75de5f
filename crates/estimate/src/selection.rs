//! Strata and units of the stages of a design, and the variance of unit totals.

use nalgebra::DMatrix;
use survey::design::{Design, LonelyPsu, NO_CODE, Stage};

use crate::Error;

/// One stage made ready: dense unit indices and strata in order.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// Unit of each row; `NO_CODE` for rows with weight 0.
    pub unit_of_row: Vec<u32>,
    /// Stratum of each unit.
    pub stratum_of_unit: Vec<u32>,
    /// Strata; those of one parent unit are adjacent.
    pub strata: Vec<Stratum>,
    lonely_psu: LonelyPsu,
}

/// A stratum of a stage (at later stages within one unit of the stage before).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stratum {
    pub units: usize,
    /// Part of the population's units that was not sampled; 1 without population size.
    pub unsampled: f64,
    /// Product of the sampling fractions of the stages before.
    pub before: f64,
    /// Unit of the stage before in which it lies (0 at stage 1).
    pub parent: u32,
}

/// A stratum that is sampled up to this part adds nothing.
const CERTAIN: f64 = 1e-7;

impl Selection {
    /// The stages that add to the variance: later ones only while the stage before has a population size.
    pub fn of(design: &Design) -> Result<Vec<Self>, Error> {
        let mut selections: Vec<Self> = Vec::new();
        for (index, stage) in design.stages.iter().enumerate() {
            let selection = Self::new(design, stage, index + 1, selections.last())?;
            selections.push(selection);
            if stage.population.is_none() {
                break;
            }
        }
        if selections.is_empty() {
            let (found, expected) = ("none".into(), "at least one".into());
            return Err(Error::Argument { place: "stages of selection".into(), found, expected });
        }
        Ok(selections)
    }

    fn new(
        design: &Design,
        stage: &Stage,
        number: usize,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        check_lengths(design, stage)?;
        let parent = |row: u32| before.map_or(0, |before| before.unit_of_row[row as usize]);
        let key = |row: u32| (parent(row), stage.strata[row as usize], stage.units[row as usize]);
        let mut rows: Vec<u32> = (0..design.rows() as u32).collect();
        rows.retain(|&row| design.weights[row as usize] != 0.0);
        rows.sort_by_key(|&row| key(row));
        let mut unit_of_row = vec![NO_CODE; design.rows()];
        let (mut stratum_of_unit, mut strata, mut codes) =
            (Vec::new(), Vec::<Stratum>::new(), Vec::new());
        let mut sizes: Vec<f64> = Vec::new();
        let mut previous = None;
        for &row in &rows {
            let (parent, code, unit) = key(row);
            let size = stage.population.as_ref().map_or(f64::INFINITY, |sizes| sizes[row as usize]);
            if codes.last() != Some(&(parent, code)) {
                let before = before.map_or(1.0, |before| before.fraction_to(parent));
                codes.push((parent, code));
                strata.push(Stratum { units: 0, unsampled: 1.0, before, parent });
                sizes.push(size);
            }
            let index = strata.len() - 1;
            if sizes[index] != size {
                let (first, other) = (sizes[index], size);
                return Err(Error::UnequalPopulation {
                    stage: number,
                    stratum: code,
                    first,
                    other,
                });
            }
            if previous != Some((parent, code, unit)) {
                previous = Some((parent, code, unit));
                stratum_of_unit.push(index as u32);
                strata[index].units += 1;
            }
            unit_of_row[row as usize] = stratum_of_unit.len() as u32 - 1;
        }
        for ((stratum, &population), &(_, code)) in strata.iter_mut().zip(&sizes).zip(&codes) {
            let units = stratum.units;
            if population.is_nan() || population < units as f64 {
                return Err(Error::PopulationTooSmall {
                    stage: number,
                    stratum: code,
                    population,
                    units,
                });
            }
            if population.is_finite() {
                stratum.unsampled = (population - units as f64) / population;
            }
            if units == 1 && design.lonely_psu == LonelyPsu::Fail && stratum.unsampled >= CERTAIN {
                return Err(Error::LonelyPsu { stage: number, stratum: code });
            }
        }
        let selection =
            Self { unit_of_row, stratum_of_unit, strata, lonely_psu: design.lonely_psu };
        if number == 1 {
            selection.check_nested(stage, &codes)?;
        }
        Ok(selection)
    }

    /// Refuses a PSU code that occurs in two strata.
    fn check_nested(&self, stage: &Stage, codes: &[(u32, u32)]) -> Result<(), Error> {
        let mut seen: Vec<(u32, u32)> = Vec::with_capacity(self.stratum_of_unit.len());
        let mut known = vec![false; self.stratum_of_unit.len()];
        for (row, &unit) in self.unit_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
            if !std::mem::replace(&mut known[unit as usize], true) {
                seen.push((
                    stage.units[row],
                    codes[self.stratum_of_unit[unit as usize] as usize].1,
                ));
            }
        }
        seen.sort_unstable();
        match seen.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            None => Ok(()),
            Some(pair) => Err(Error::UnitInTwoStrata {
                stage: 1,
                unit: pair[0].0,
                first: pair[0].1,
                other: pair[1].1,
            }),
        }
    }

    /// Product of the sampling fractions up to and including the stage of `unit`.
    fn fraction_to(&self, unit: u32) -> f64 {
        let stratum = &self.strata[self.stratum_of_unit[unit as usize] as usize];
        stratum.before * (1.0 - stratum.unsampled)
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.stratum_of_unit.len()
    }

    /// Every unit is one row.
    pub fn is_of_elements(&self) -> bool {
        self.unit_of_row.iter().filter(|unit| **unit != NO_CODE).count() == self.units()
    }

    /// A stratum with one unit takes part in the variance by a rule that looks beyond the stratum.
    pub fn has_borrowing(&self) -> bool {
        matches!(self.lonely_psu, LonelyPsu::Adjust | LonelyPsu::Average)
            && self.strata.iter().any(|stratum| stratum.units == 1 && stratum.unsampled >= CERTAIN)
    }

    /// Total of `values` (per row) in each unit.
    pub fn totals(&self, values: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.units()];
        for (&unit, &value) in self.unit_of_row.iter().zip(values) {
            if unit != NO_CODE {
                totals[unit as usize] += value;
            }
        }
        totals
    }

    /// Factor of Σ (total - mean)² in a stratum; 0 for one unit or a stratum sampled with certainty.
    pub fn factor(&self, stratum: usize) -> f64 {
        let Stratum { units, unsampled, before, .. } = self.strata[stratum];
        if units < 2 || unsampled < CERTAIN {
            return 0.0;
        }
        before * unsampled * units as f64 / (units as f64 - 1.0)
    }

    /// Covariance that this stage adds; `totals[column][unit]`, which are centred here.
    pub fn covariance(&self, mut totals: Vec<Vec<f64>>) -> DMatrix<f64> {
        let size = totals.len();
        let counts = self.counting(|unit| totals.iter().any(|totals| totals[unit] != 0.0));
        for totals in &mut totals {
            self.centre(totals);
        }
        let mut sum = DMatrix::zeros(size, size);
        let mut of_parent = DMatrix::zeros(size, size);
        let factors: Vec<f64> =
            (0..self.strata.len()).map(|stratum| self.centred_factor(stratum)).collect();
        let (mut unit, mut stratum) = (0, 0);
        while stratum < self.strata.len() {
            let parent = self.strata[stratum].parent;
            let (mut strata, mut lonely) = (0.0_f64, 0.0);
            of_parent.fill(0.0);
            while stratum < self.strata.len() && self.strata[stratum].parent == parent {
                let Stratum { units, unsampled, .. } = self.strata[stratum];
                strata += counts[stratum];
                lonely += counts[stratum] * f64::from(units == 1 && unsampled >= CERTAIN);
                for unit in unit..unit + units {
                    add_products(&totals, unit, factors[stratum], &mut of_parent);
                }
                unit += units;
                stratum += 1;
            }
            let average = self.lonely_psu == LonelyPsu::Average && lonely > 0.0;
            sum += &of_parent * if average { strata / (strata - lonely) } else { 1.0 };
        }
        sum.fill_upper_triangle_with_lower_triangle();
        sum
    }

    /// Variance that this stage adds; `totals` of the units, which are centred here.
    pub fn variance(&self, totals: &mut [f64]) -> f64 {
        let counts = self.counting(|unit| totals[unit] != 0.0);
        self.centre(totals);
        let (mut sum, mut unit, mut stratum) = (0.0, 0, 0);
        while stratum < self.strata.len() {
            let parent = self.strata[stratum].parent;
            let (mut strata, mut lonely, mut of_parent) = (0.0_f64, 0.0, 0.0);
            while stratum < self.strata.len() && self.strata[stratum].parent == parent {
                let Stratum { units, unsampled, .. } = self.strata[stratum];
                strata += counts[stratum];
                lonely += counts[stratum] * f64::from(units == 1 && unsampled >= CERTAIN);
                let squares: f64 =
                    totals[unit..unit + units].iter().map(|total| total * total).sum();
                of_parent += self.centred_factor(stratum) * squares;
                unit += units;
                stratum += 1;
            }
            let average = self.lonely_psu == LonelyPsu::Average && lonely > 0.0;
            sum += of_parent * if average { strata / (strata - lonely) } else { 1.0 };
        }
        sum
    }

    /// 1 for strata that count in the rule `Average`: those in which the domain has a unit, as in R.
    fn counting(&self, has: impl Fn(usize) -> bool) -> Vec<f64> {
        if self.lonely_psu != LonelyPsu::Average {
            return vec![1.0; self.strata.len()];
        }
        let mut counts = vec![0.0; self.strata.len()];
        for (_, &stratum) in self.stratum_of_unit.iter().enumerate().filter(|unit| has(unit.0)) {
            counts[stratum as usize] = 1.0;
        }
        counts
    }

    /// Subtracts the mean of its stratum from each unit's total (of the stage, for a lone unit under `Adjust`).
    pub fn centre(&self, totals: &mut [f64]) {
        let mean_of_stage = totals.iter().sum::<f64>() / totals.len() as f64;
        let mut first = 0;
        for stratum in &self.strata {
            let members = &mut totals[first..first + stratum.units];
            let mean = match (stratum.units, self.lonely_psu) {
                (1, LonelyPsu::Adjust) => mean_of_stage,
                (units, _) => members.iter().sum::<f64>() / units as f64,
            };
            for total in members {
                *total -= mean;
            }
            first += stratum.units;
        }
    }

    pub fn centred_factor(&self, stratum: usize) -> f64 {
        let Stratum { units, unsampled, before, .. } = self.strata[stratum];
        let is_adjusted =
            units == 1 && unsampled >= CERTAIN && self.lonely_psu == LonelyPsu::Adjust;
        if is_adjusted { before * unsampled } else { self.factor(stratum) }
    }
}

fn add_products(totals: &[Vec<f64>], unit: usize, factor: f64, sum: &mut DMatrix<f64>) {
    if factor == 0.0 {
        return;
    }
    for (column, right) in totals.iter().enumerate() {
        let scaled = factor * right[unit];
        for (row, left) in totals.iter().enumerate().skip(column) {
            sum[(row, column)] += scaled * left[unit];
        }
    }
}

fn check_lengths(design: &Design, stage: &Stage) -> Result<(), Error> {
    let population = stage.population.as_ref().map_or(design.rows(), Vec::len);
    let lengths =
        [("strata", stage.strata.len()), ("units", stage.units.len()), ("population", population)];
    let rows = design.rows();
    match lengths.into_iter().find(|length| length.1 != rows) {
        None => Ok(()),
        Some((what, found)) => Err(Error::Length { what: what.into(), found, expected: rows }),
    }
}
