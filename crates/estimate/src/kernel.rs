//! Many means at once: one pass over the rows for all indicators and all breakdowns.

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::clustered::{Base, Buffers, Clustered};
use crate::grouped::Grouped;
use crate::point::{Influence, mean};
use crate::{Error, Linearisation};

/// Values of an indicator, one per row.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// 0 or 1; any other value = not in the base.
    Binary(&'a [u8]),
    /// Numbers; NaN = not in the base.
    Numeric(&'a [f64]),
}

/// Categories of a breakdown, one per row.
#[derive(Debug, Clone, Copy)]
pub struct Breakdown<'a> {
    /// Category of the row; `levels` or more (`NO_CODE`) = in none.
    pub codes: &'a [u32],
    /// Number of categories.
    pub levels: usize,
}

/// A weighted mean (share) of an indicator in a category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Respondents in the base (weight above 0).
    pub respondents: usize,
    /// Respondents in the base with a value other than 0.
    pub nonzero: usize,
    /// Σw over the base.
    pub weight_sum: f64,
    /// (Σw)²/Σw² over the base.
    pub effective_sample_size: f64,
    /// Weighted mean; NaN on an empty base.
    pub mean: f64,
    /// Weighted standard deviation (n/(n-1)); NaN below two respondents.
    pub standard_deviation: f64,
    /// Design-based standard error; NaN on an empty base.
    pub standard_error: f64,
    /// Variance over that of simple random sampling with replacement; NaN without variation.
    pub design_effect: f64,
    /// PSUs minus strata with a row in the base.
    pub degrees_of_freedom: i64,
}

/// Cells by indicator, breakdown and category: `cells[indicator][breakdown][category]`.
///
/// One pass over the rows sums weights and squared weights per group (cross cell of the calibration × stratum)
/// and category; the regression residuals follow from these sums. Clusters, later stages and lone PSUs take sums per unit
/// instead; numeric auxiliaries and several weighting steps take the exact way, an estimate at a time.
pub fn means(
    linearisation: &Linearisation,
    indicators: &[Values<'_>],
    breakdowns: &[Breakdown<'_>],
) -> Result<Vec<Vec<Vec<Cell>>>, Error> {
    check_rows(linearisation.weights().len(), indicators, breakdowns)?;
    if let Some(grouped) = Grouped::new(linearisation, breakdowns) {
        return indicators.par_iter().map(|values| grouped.cells(*values)).collect();
    }
    let Some(clustered) = Clustered::new(linearisation) else {
        let exact = |values: &Values<'_>| exact_indicator(linearisation, *values, breakdowns);
        return indicators.par_iter().map(exact).collect();
    };
    let all: Vec<Base> =
        breakdowns.iter().map(|breakdown| clustered.base(breakdown, |_| true)).collect();
    let of_indicator = |buffers: &mut Buffers, values: &Values<'_>| {
        let of_breakdown = |(breakdown, all): (&Breakdown<'_>, &Base)| {
            clustered.means(*values, breakdown, all, buffers)
        };
        breakdowns.iter().zip(&all).map(of_breakdown).collect()
    };
    Ok(indicators.par_iter().map_init(Buffers::default, of_indicator).collect())
}

/// The means of one indicator in the categories of a breakdown, together.
#[derive(Debug, Clone, PartialEq)]
pub struct Domains {
    /// A cell a category.
    pub cells: Vec<Cell>,
    /// Covariance of the means.
    pub covariance: DMatrix<f64>,
    /// Per category a total a PSU, centred and scaled so that Σ of the squares is the first stage's variance: what
    /// two waves that share PSUs have in common is the sum of the products.
    pub unit_totals: Vec<Vec<f64>>,
}

/// A design made ready once for the domains of many indicators and breakdowns.
pub struct Kernel<'a> {
    linearisation: &'a Linearisation,
    clustered: Option<Clustered<'a>>,
}

impl<'a> Kernel<'a> {
    /// Sums that are the same for every indicator.
    pub fn new(linearisation: &'a Linearisation) -> Self {
        Self { linearisation, clustered: Clustered::new(linearisation) }
    }

    /// The same where sums by unit suffice; none where influence values are needed (numeric auxiliaries, several steps).
    pub fn fused(linearisation: &'a Linearisation) -> Option<Self> {
        Some(Self::new(linearisation)).filter(|kernel| kernel.clustered.is_some())
    }

    /// Means of the categories of a breakdown with their covariance, under any design.
    pub fn domains(&self, values: Values<'_>, breakdown: &Breakdown<'_>) -> Result<Domains, Error> {
        let rows = self.linearisation.weights().len();
        check_rows(rows, &[values], std::slice::from_ref(breakdown))?;
        match &self.clustered {
            Some(clustered) => Ok(clustered.domains(values, breakdown)),
            None => exact_domains(self.linearisation, values, breakdown),
        }
    }
}

fn exact_domains(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
) -> Result<Domains, Error> {
    let levels = 0..breakdown.levels;
    let cells = levels.clone().map(|level| exact(linearisation, values, breakdown, level));
    let influences = levels.map(|level| influence(linearisation, values, breakdown, level));
    let influences = influences.collect::<Result<Vec<_>, _>>()?;
    let totals =
        |influence| Ok(linearisation.scaled_unit_totals(&linearisation.adjusted(influence)?));
    Ok(Domains {
        cells: cells.collect::<Result<_, _>>()?,
        covariance: linearisation.covariance(&influences)?,
        unit_totals: influences.iter().map(totals).collect::<Result<_, Error>>()?,
    })
}

/// Influence values of the mean in a category; none at all on an empty base.
fn influence(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
    level: usize,
) -> Result<Influence, Error> {
    let weights = linearisation.weights();
    let value = |row: usize| Some(values.value(row)).filter(|value| value.is_finite());
    let inside = |row: usize| breakdown.codes[row] as usize == level && value(row).is_some();
    let rows: Vec<bool> = (0..weights.len()).map(inside).collect();
    let numbers: Vec<f64> = (0..weights.len()).map(|row| value(row).unwrap_or(0.0)).collect();
    mean(weights, &numbers, &rows)
}

/// Refuses indicators and breakdowns that are not as long as the sample.
pub(crate) fn check_rows(
    expected: usize,
    indicators: &[Values<'_>],
    breakdowns: &[Breakdown<'_>],
) -> Result<(), Error> {
    let indicators = indicators.iter().map(|values| ("indicator", values.rows()));
    let breakdowns = breakdowns.iter().map(|breakdown| ("breakdown", breakdown.codes.len()));
    match indicators.chain(breakdowns).find(|length| length.1 != expected) {
        None => Ok(()),
        Some((what, found)) => Err(Error::Length { what: what.into(), found, expected }),
    }
}

impl Values<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Binary(values) => values.len(),
            Self::Numeric(values) => values.len(),
        }
    }

    /// Value of a row; NaN outside the base.
    pub(crate) fn value(&self, row: usize) -> f64 {
        match self {
            Self::Binary(values) if values[row] <= 1 => f64::from(values[row]),
            Self::Binary(_) => f64::NAN,
            Self::Numeric(values) => values[row],
        }
    }
}

fn exact_indicator(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdowns: &[Breakdown<'_>],
) -> Result<Vec<Vec<Cell>>, Error> {
    let of_breakdown = |breakdown: &Breakdown<'_>| {
        (0..breakdown.levels).map(|level| exact(linearisation, values, breakdown, level)).collect()
    };
    breakdowns.iter().map(of_breakdown).collect()
}

/// One cell by its influence values.
pub(crate) fn exact(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
    level: usize,
) -> Result<Cell, Error> {
    let weights = linearisation.weights();
    let mut numbers: Vec<f64> = (0..weights.len()).map(|row| values.value(row)).collect();
    let inside = |row: usize| {
        breakdown.codes[row] as usize == level && weights[row] != 0.0 && numbers[row].is_finite()
    };
    let rows: Vec<bool> = (0..weights.len()).map(inside).collect();
    let respondents = rows.iter().filter(|row| **row).count();
    if respondents == 0 {
        return Ok(Cell::EMPTY);
    }
    numbers.iter_mut().zip(&rows).filter(|row| !row.1).for_each(|row| *row.0 = 0.0);
    let influence = mean(weights, &numbers, &rows)?;
    let of_rows = |value: &dyn Fn(usize) -> f64| {
        (0..weights.len()).filter(|&row| rows[row]).map(value).sum::<f64>()
    };
    let facts = Facts {
        respondents,
        nonzero: (0..weights.len()).filter(|&row| rows[row] && numbers[row] != 0.0).count(),
        weight_sum: of_rows(&|row| weights[row]),
        weight_squares: of_rows(&|row| weights[row] * weights[row]),
        mean: influence.estimate,
        squares: of_rows(&|row| weights[row] * (numbers[row] - influence.estimate).powi(2)),
        variance: linearisation.variance(&influence)?,
        degrees_of_freedom: linearisation.degrees_of_freedom(Some(&rows)),
    };
    Ok(facts.cell())
}

/// What a cell is made of.
pub(crate) struct Facts {
    pub respondents: usize,
    pub nonzero: usize,
    pub weight_sum: f64,
    pub weight_squares: f64,
    pub mean: f64,
    /// Σ w (y - mean)².
    pub squares: f64,
    pub variance: f64,
    pub degrees_of_freedom: i64,
}

impl Facts {
    pub fn cell(&self) -> Cell {
        let n = self.respondents as f64;
        let spread = if self.respondents > 1 {
            n / (n - 1.0) * self.squares.max(0.0) / self.weight_sum
        } else {
            f64::NAN
        };
        Cell {
            respondents: self.respondents,
            nonzero: self.nonzero,
            weight_sum: self.weight_sum,
            effective_sample_size: self.weight_sum * self.weight_sum / self.weight_squares,
            mean: self.mean,
            standard_deviation: spread.sqrt(),
            standard_error: self.variance.max(0.0).sqrt(),
            design_effect: if spread > 0.0 { self.variance / (spread / n) } else { f64::NAN },
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }
}

impl Cell {
    /// A cell without respondents.
    pub const EMPTY: Self = Self {
        respondents: 0,
        nonzero: 0,
        weight_sum: 0.0,
        effective_sample_size: 0.0,
        mean: f64::NAN,
        standard_deviation: f64::NAN,
        standard_error: f64::NAN,
        design_effect: f64::NAN,
        degrees_of_freedom: 0,
    };
}
