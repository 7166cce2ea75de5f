//! Many means at once: one pass over the rows for all indicators and all breakdowns.

use rayon::prelude::*;

pub use crate::cell::{Breakdown, Cell, Domains, Values};
use crate::clustered::{Base, Buffers, Clustered};
use crate::exact::{exact_domains, exact_indicator};
use crate::grouped::Grouped;
use crate::{Error, Linearisation};

/// Cells by indicator, breakdown and category: `cells[indicator][breakdown][category]`.
///
/// One pass over the rows sums weights and squared weights per group (cross cell of the calibration × stratum)
/// and category; the regression residuals follow from these sums. Clusters, later stages and lone PSUs take sums per unit
/// instead, numeric auxiliaries with clusters too; the exact way, an estimate at a time, is left for numeric auxiliaries of
/// respondents on their own, several weighting steps and R's sweeps.
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

    /// The same where sums by unit suffice; none where influence values are needed (several steps, sweeps, numbers without clusters).
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
