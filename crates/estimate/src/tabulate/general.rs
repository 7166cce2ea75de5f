//! Means of domains with their covariance under any design: sums by unit where the kernel can, else influence values an
//! estimate at a time, or replicate weights.
//!
//! A panel whose weights have replicates adds its covariance over these (`replicated`); the others add the linearised
//! variance of their part of the influence values.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::prelude::*;
use survey::design::NO_CODE;

use super::reach::{Positions, Reach};
use super::replicated::{Asks, Replicated};
use super::{Plan, Side, Values};
use crate::cell::{Breakdown, Cell, Facts};
use crate::kernel::Kernel;
use crate::sample::{Column, OUTSIDE, Refusal, Sample};
use crate::{Error, Influence, Linearisation};

/// Domains of one wave by indicator and cut; none where not asked.
pub(crate) struct General {
    domains: Vec<Vec<Option<Domains>>>,
    pub limits: Limits,
    /// Where some panel has replicate weights.
    replicated: Option<Replicated>,
    linearisation: Arc<Linearisation>,
}

/// The levels of one cut.
pub(crate) struct Domains {
    pub cells: Vec<Cell>,
    pub covariance: DMatrix<f64>,
    pub reach: Vec<Reach>,
}

/// What bounds the degrees of freedom of a panel: its units and strata are its own, and a bootstrap has replicates - 1.
pub(crate) struct Limits {
    pub parts: Vec<PartLimit>,
}

/// Units and strata of one panel, which stand together, and the most degrees of freedom that it can have.
pub(crate) struct PartLimit {
    pub units: Range<usize>,
    pub strata: Range<usize>,
    pub most: i64,
}

impl General {
    /// Of each plan.
    pub(crate) fn all(
        sample: &Sample<'_>,
        linearisation: &Arc<Linearisation>,
        plans: &[Asks<'_>],
    ) -> Result<Vec<Self>, Refusal> {
        let replicated = Replicated::of(sample, plans).map_err(|error| sample.method(error))?;
        let replicated = replicated.map(|all| all.into_iter().map(Some).collect());
        let replicated = replicated.unwrap_or_else(|| plans.iter().map(|_| None).collect());
        let of_plan = |(&(plan, values), replicated): (&Asks<'_>, Option<Replicated>)| {
            let covariance = |indicator: usize, cut: usize| {
                let levels = plan.cuts[cut].levels.len();
                replicated.as_ref()?.covariance(indicator, cut, levels)
            };
            let mut made = Self::new(plan, (sample, linearisation), values, &covariance)?;
            made.replicated = replicated;
            Ok(made)
        };
        plans.iter().zip::<Vec<_>>(replicated).map(of_plan).collect()
    }

    /// Of a plan of differences of these figures, `sides` of each.
    pub(crate) fn of_differences(
        &self,
        plan: &Plan<'_>,
        sample: &Sample<'_>,
        values: &Values,
        sides: &[[Side; 2]],
    ) -> Result<Self, Refusal> {
        let covariance = |difference: usize, cut: usize| {
            let levels = plan.cuts[cut].levels.len();
            self.replicated.as_ref()?.covariance_of_difference(sides[difference], levels)
        };
        Self::new(plan, (sample, &self.linearisation), values, &covariance)
    }

    /// `covariance`: of the levels of an indicator in a cut, from the panels with replicates.
    fn new(
        plan: &Plan<'_>,
        (sample, linearisation): (&Sample<'_>, &Arc<Linearisation>),
        values: &Values,
        covariance: &(dyn Fn(usize, usize) -> Option<DMatrix<f64>> + Sync),
    ) -> Result<Self, Refusal> {
        let limits = Limits::of(sample, linearisation);
        let linearised = sample.replicates.iter().all(Option::is_none);
        let kernel = linearised.then(|| Kernel::fused(linearisation)).flatten();
        let of_indicator = |indicator: &usize| -> Result<Vec<Option<Domains>>, Refusal> {
            let mut cuts: Vec<Option<Domains>> = plan.cuts.iter().map(|_| None).collect();
            let Some(column) = &values.columns[*indicator] else { return Ok(cuts) };
            for &cut in &plan.cuts_of[*indicator] {
                if let Some(codes) = &values.codes[cut] {
                    let levels = plan.cuts[cut].levels.len();
                    let of = Of { sample, linearisation, column, codes, levels };
                    let replicated = covariance(*indicator, cut);
                    let domains = of.domains(&limits, kernel.as_ref(), replicated.as_ref());
                    cuts[cut] = Some(domains.map_err(|error| sample.method(error))?);
                }
            }
            Ok(cuts)
        };
        let indicators: Vec<usize> = (0..plan.indicators.len()).collect();
        let domains = indicators.par_iter().map(of_indicator).collect::<Result<_, _>>()?;
        Ok(Self { domains, limits, replicated: None, linearisation: Arc::clone(linearisation) })
    }

    pub(crate) fn domains(&self, indicator: usize, cut: usize) -> Option<&Domains> {
        self.domains[indicator][cut].as_ref()
    }

    /// Degrees of freedom of the difference of two levels: their units less their strata and one.
    pub(crate) fn pair_degrees(&self, domains: &Domains, levels: [usize; 2]) -> f64 {
        let mut both = domains.reach[levels[0]].clone();
        both.join(&domains.reach[levels[1]]);
        self.limits.degrees(&both) as f64 - 1.0
    }
}

impl Limits {
    fn of(sample: &Sample<'_>, linearisation: &Linearisation) -> Self {
        let selection = &linearisation.selections[0];
        let (mut row, mut unit, mut stratum) = (0, 0, 0);
        let limit = |(part, replicates): (&crate::sample::Part<'_>, &Option<_>)| {
            let rows = &selection.unit_of_row[row..row + part.rows()];
            row += part.rows();
            let last = rows.iter().filter(|unit| **unit != NO_CODE).max();
            let end = last.map_or(unit, |&last| last as usize + 1);
            let of_unit = |unit: usize| selection.stratum_of_unit[unit] as usize;
            let last_stratum = if end > unit { of_unit(end - 1) + 1 } else { stratum };
            let most = match replicates {
                Some(replicates) if part.settings.variance.is_bootstrap() => {
                    let replicates: &crate::sample::Replicates = replicates;
                    replicates.count() as i64 - 1
                }
                _ => i64::MAX,
            };
            let found = PartLimit { units: unit..end, strata: stratum..last_stratum, most };
            (unit, stratum) = (end, last_stratum);
            found
        };
        Self { parts: sample.parts.iter().zip(&sample.replicates).map(limit).collect() }
    }

    /// PSUs less strata, a panel at a time.
    fn degrees(&self, reach: &Reach) -> i64 {
        let of_part = |part: &PartLimit| {
            let degrees = reach.units.count(&part.units) - reach.strata.count(&part.strata);
            degrees.min(part.most)
        };
        self.parts.iter().map(of_part).sum()
    }
}

/// One indicator in one cut of one wave.
pub(crate) struct Of<'a> {
    pub sample: &'a Sample<'a>,
    pub linearisation: &'a Linearisation,
    pub column: &'a Column,
    pub codes: &'a [u32],
    pub levels: usize,
}

/// What one pass over the respondents tells of a level.
#[derive(Clone, Default)]
struct Sums {
    /// Σw, Σwy and Σw².
    size: f64,
    sum: f64,
    weight_squares: f64,
    respondents: usize,
    nonzero: usize,
    units: Positions,
}

impl Of<'_> {
    /// Hands on the rows with weight in some level: row, level, value.
    fn each(&self, mut take: impl FnMut(usize, usize, f64)) {
        let weights = self.sample.weights();
        let mut in_level = |row: usize, value: f64| {
            if self.codes[row] != NO_CODE && weights[row] != 0.0 {
                take(row, self.codes[row] as usize, value);
            }
        };
        // A loop a kind of column: it is as short as it can be.
        match self.column {
            Column::Binary(values) => {
                for (row, &value) in values.iter().enumerate().filter(|row| *row.1 != OUTSIDE) {
                    in_level(row, f64::from(value));
                }
            }
            Column::Numeric(values) => {
                for (row, &value) in values.iter().enumerate().filter(|row| !row.1.is_nan()) {
                    in_level(row, value);
                }
            }
            Column::Few { .. } => {
                let values = (0..self.codes.len()).map(|row| (row, self.column.value(row)));
                values.filter(|row| !row.1.is_nan()).for_each(|(row, value)| in_level(row, value));
            }
        }
    }

    fn sums(&self) -> Vec<Sums> {
        let weights = self.sample.weights();
        let unit_of_row = &self.linearisation.selections[0].unit_of_row;
        let units = self.linearisation.selections[0].units();
        let empty = Sums { units: Positions::with_room(units), ..Sums::default() };
        let mut sums = vec![empty; self.levels];
        self.each(|row, level, value| {
            let (sums, weight) = (&mut sums[level], weights[row]);
            sums.size += weight;
            sums.sum += weight * value;
            sums.weight_squares += weight * weight;
            sums.respondents += 1;
            sums.nonzero += usize::from(value != 0.0);
            sums.units.put(unit_of_row[row] as usize);
        });
        sums
    }

    /// `replicated`: covariance of the levels from the panels with replicates.
    fn domains(
        &self,
        limits: &Limits,
        kernel: Option<&Kernel<'_>>,
        replicated: Option<&DMatrix<f64>>,
    ) -> Result<Domains, Error> {
        let sums = self.sums();
        let breakdown = Breakdown { codes: self.codes, levels: self.levels };
        let mut covariance = match kernel {
            Some(kernel) => {
                self.column.with_values(|values| kernel.domains(values, &breakdown))?.covariance
            }
            None => self.linearised(&sums)?,
        };
        if let Some(replicated) = replicated {
            covariance += replicated;
        }
        let facts = self.facts(&sums, &covariance);
        let selection = &self.linearisation.selections[0];
        let reach = sums.into_iter().map(|sums| Reach::of(sums.units, selection));
        let reach: Vec<Reach> = reach.collect();
        let cell = |(facts, reach): (Facts, &Reach)| {
            let facts = Facts { degrees_of_freedom: limits.degrees(reach), ..facts };
            let effective = facts.weight_sum * facts.weight_sum / facts.weight_squares;
            let empty = facts.respondents == 0;
            let cell = facts.cell();
            if empty { Cell { effective_sample_size: effective, ..Cell::EMPTY } } else { cell }
        };
        let cells = facts.into_iter().zip(&reach).map(cell).collect();
        Ok(Domains { cells, covariance, reach })
    }

    fn facts(&self, sums: &[Sums], covariance: &DMatrix<f64>) -> Vec<Facts> {
        let weights = self.sample.weights();
        let fact = |(level, sums): (usize, &Sums)| Facts {
            respondents: sums.respondents,
            nonzero: sums.nonzero,
            weight_sum: sums.size,
            weight_squares: sums.weight_squares,
            mean: sums.sum / sums.size,
            squares: 0.0,
            variance: covariance[(level, level)],
            degrees_of_freedom: 0,
        };
        let mut facts: Vec<Facts> = sums.iter().enumerate().map(fact).collect();
        if let Column::Binary(_) = self.column {
            for facts in &mut facts {
                facts.squares = facts.weight_sum * facts.mean * (1.0 - facts.mean);
            }
            return facts;
        }
        self.each(|row, level, value| {
            let facts = &mut facts[level];
            facts.squares += weights[row] * (value - facts.mean).powi(2);
        });
        facts
    }

    /// Covariance of the levels from the panels without replicates.
    fn linearised(&self, sums: &[Sums]) -> Result<DMatrix<f64>, Error> {
        if self.sample.replicates.iter().all(Option::is_some) {
            return Ok(DMatrix::zeros(self.levels, self.levels));
        }
        self.linearisation.covariance(&self.influences(sums, Option::is_none))
    }

    /// Influence of the rows of some panels on the mean of each level.
    fn influences(
        &self,
        sums: &[Sums],
        takes: fn(&Option<crate::sample::Replicates>) -> bool,
    ) -> Vec<Influence> {
        let weights = self.sample.weights();
        let parts = self.sample.parts.iter().zip(&self.sample.replicates);
        let of_row: Vec<bool> = parts
            .flat_map(|(part, replicates)| std::iter::repeat_n(takes(replicates), part.rows()))
            .collect();
        let new = |sums: &Sums| Influence {
            estimate: sums.sum / sums.size,
            contributions: vec![0.0; weights.len()],
        };
        let mut influences: Vec<Influence> = sums.iter().map(new).collect();
        self.each(|row, level, value| {
            if of_row[row] {
                let influence = &mut influences[level];
                influence.contributions[row] =
                    weights[row] * (value - influence.estimate) / sums[level].size;
            }
        });
        influences
    }

    /// Contributions of each row to the mean of each level, after what the weighting steps explain.
    pub(crate) fn contributions(&self) -> Result<Vec<Vec<f64>>, Error> {
        let influences = self.influences(&self.sums(), |_| true);
        influences.iter().map(|influence| self.linearisation.adjusted(influence)).collect()
    }

    /// Centred and scaled total of each unit for each level: their products over shared units are a covariance.
    pub(crate) fn unit_scores(&self, kernel: Option<&Kernel<'_>>) -> Result<Vec<Vec<f64>>, Error> {
        if let Some(kernel) = kernel {
            let breakdown = Breakdown { codes: self.codes, levels: self.levels };
            let domains = self.column.with_values(|values| kernel.domains(values, &breakdown))?;
            return Ok(domains.unit_totals);
        }
        let score = |contributions: &Vec<f64>| self.linearisation.scaled_unit_totals(contributions);
        Ok(self.contributions()?.iter().map(score).collect())
    }
}
