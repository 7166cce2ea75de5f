//! The respondents of one wave, of one panel or of several stacked, made ready for estimates.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::Float64Type;
use config::{Indicator, IndicatorKind};
use survey::design::{Factor, NO_CODE};
use survey::{MissingReason, Wave, Weighted, columns};

use super::calibration;
use super::column::{Column, binary, category, floats, numeric};
use super::design::{self, Replicates};
use super::refusal::Refusal;
use crate::settings::{Bases, Settings};
use crate::{Error, Linearisation};

/// One panel's hand-off of a wave with what is known about it.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    /// Position of the panel in the group; the stratum of its respondents.
    pub panel: usize,
    /// Position of the hand-off among the panel's waves.
    pub position: usize,
    pub weighted: &'a Weighted,
    pub settings: &'a Settings,
    pub bases: &'a Bases,
}

impl Part<'_> {
    pub(crate) fn asked(&self, concept: &str) -> bool {
        self.weighted.about.asked.contains(concept)
    }

    /// This panel has the indicator, was asked its concept, and a code that it counts was an answer then.
    pub(crate) fn was_asked(&self, indicator: &Indicator) -> bool {
        let settings = self.settings;
        let mut made = settings.indicators.iter().chain(&settings.shares);
        let own = made.any(|own| own.indicator == indicator.indicator);
        let codes = &indicator.codes;
        own && self.asked(&indicator.concept)
            && (codes.is_empty() || codes.iter().any(|code| self.offers(&indicator.concept, code)))
    }

    /// Whether this code of a concept that was asked was an answer in this wave; a missing reason always can be.
    pub(crate) fn offers(&self, concept: &str, code: &str) -> bool {
        let wave = self.weighted.about.panel_wave.wave;
        let asked = self.settings.comparability.get(concept).and_then(|waves| waves.get(&wave));
        let offered = asked.and_then(|asked| asked.offered.as_ref());
        let is_reason = || MissingReason::from_name(code).is_some();
        offered.is_none_or(|codes| codes.contains(code) || is_reason())
    }

    pub(crate) fn rows(&self) -> usize {
        self.weighted.table.num_rows()
    }

    /// Its sampling units are clusters.
    pub(crate) fn has_clusters(&self) -> bool {
        design::clusters(self).is_some()
    }

    pub(crate) fn wrong(&self, place: &str, found: &str, expected: &str) -> Refusal {
        Refusal::Handoff {
            panel_wave: self.weighted.about.panel_wave.clone(),
            place: place.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }

    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, Refusal> {
        let column = self.weighted.table.column_by_name(name);
        let column =
            column.and_then(|column| column.as_primitive_opt::<Float64Type>()).ok_or_else(
                || self.wrong(&format!("column `{name}`"), "no numbers", "a Float64 column"),
            )?;
        Ok(floats(column))
    }
}

/// One wave's respondents: the design, and who they are for the overlap with other waves.
pub(crate) struct Sample<'a> {
    pub wave: Wave,
    pub parts: Vec<Part<'a>>,
    ready: Ready,
    /// Base weight per row, over the variance of the calibration's model where sums by cell suffice; 0 where the final weight
    /// is 0.
    pub base: Vec<f64>,
    /// Numeric auxiliaries, a column each, where sums by cell suffice.
    pub numbers: Vec<Vec<f64>>,
    /// Auxiliaries of the calibration: level per row, `NO_CODE` where it took no part.
    pub factors: Vec<Factor>,
    /// Position of the panel per row.
    pub panel_of_row: Vec<u32>,
    /// Replicate weights of each part; none where its errors are linearised.
    pub replicates: Vec<Option<Replicates>>,
}

/// What the errors are made of, with the final weights.
enum Ready {
    /// Sums by cell give every error.
    ByCell(Vec<f64>),
    Linearised(Arc<Linearisation>),
}

/// Respondents on their own, calibrated by one regression, linearised: sums by cell give every error.
pub(crate) fn is_by_cell(parts: &[Part<'_>]) -> bool {
    let says = |part: &Part<'_>, what: &str| part.weighted.extra.contains_key(what);
    let is_plain = |part: &Part<'_>| !says(part, "replicate") && !says(part, "design");
    calibration::is_by_cell(parts) && parts.iter().all(is_plain)
}

impl<'a> Sample<'a> {
    /// `by_cell`: all of its panels, and the waves with which it is compared, are so (`is_by_cell`).
    pub(crate) fn new(wave: Wave, parts: Vec<Part<'a>>, by_cell: bool) -> Result<Self, Refusal> {
        let (mut weights, mut base, mut panel_of_row) = (Vec::new(), Vec::new(), Vec::new());
        for part in &parts {
            let of_part = part.numbers(columns::WEIGHT)?;
            let bad =
                of_part.iter().filter(|weight| !(weight.is_finite() && **weight >= 0.0)).count();
            if bad > 0 {
                return Err(part.wrong(
                    &format!("column `{}`", columns::plain(columns::WEIGHT)),
                    &format!("{bad} rows that are no weight"),
                    "0 or more",
                ));
            }
            refuse_other_sum(part, &of_part)?;
            base.extend(calibration::base(part, &of_part)?);
            weights.extend(of_part);
            panel_of_row.extend(std::iter::repeat_n(part.panel as u32, part.rows()));
        }
        let factors = calibration::factors(&parts)?;
        let replicates =
            parts.iter().map(design::replicates).collect::<Result<Vec<_>, Refusal>>()?;
        let mut numbers = Vec::new();
        let ready = if by_cell {
            numbers = calibration::scaled_numbers(&parts, &base);
            calibration::by_variance(&parts, &mut base);
            Ready::ByCell(weights)
        } else {
            let mut design = design::design(&parts, weights)?;
            design.adjustments =
                calibration::adjustments(&parts, &factors, &base, &design.weights)?;
            let linearisation = Linearisation::new(design);
            let linearisation = linearisation.map_err(|source| method(&parts, wave, source))?;
            Ready::Linearised(Arc::new(linearisation))
        };
        Ok(Self { wave, parts, ready, base, numbers, factors, panel_of_row, replicates })
    }

    /// A method's error with panel and wave.
    pub(crate) fn method(&self, source: Error) -> Refusal {
        method(&self.parts, self.wave, source)
    }

    /// Respondents with weight.
    pub(crate) fn weights(&self) -> &[f64] {
        match &self.ready {
            Ready::ByCell(weights) => weights,
            Ready::Linearised(linearisation) => linearisation.weights(),
        }
    }

    /// None where sums by cell give every error.
    pub(crate) fn linearisation(&self) -> Option<&Arc<Linearisation>> {
        match &self.ready {
            Ready::ByCell(_) => None,
            Ready::Linearised(linearisation) => Some(linearisation),
        }
    }

    /// Any of the panels was asked this concept in this wave.
    pub(crate) fn asked(&self, concept: &str) -> bool {
        self.parts.iter().any(|part| part.asked(concept))
    }

    /// Any of the panels was asked what this indicator is about.
    pub(crate) fn was_asked(&self, indicator: &Indicator) -> bool {
        self.parts.iter().any(|part| part.was_asked(indicator))
    }

    /// The indicator's values; those who are not in its base are outside.
    pub(crate) fn values(&self, indicator: &Indicator) -> Result<Column, Refusal> {
        match indicator.kind {
            IndicatorKind::Proportion => {
                let mut values = Vec::with_capacity(self.panel_of_row.len());
                for part in &self.parts {
                    binary(part, indicator, &mut values)?;
                }
                Ok(Column::Binary(values))
            }
            IndicatorKind::Mean => {
                let mut values = Vec::with_capacity(self.panel_of_row.len());
                for part in &self.parts {
                    numeric(part, indicator, &mut values)?;
                }
                Ok(Column::Numeric(values))
            }
        }
    }

    /// Level of each respondent in a breakdown.
    pub(crate) fn levels(&self, concept: &str, levels: &[String]) -> Result<Vec<u32>, Refusal> {
        let mut codes = Vec::with_capacity(self.panel_of_row.len());
        for part in &self.parts {
            if part.asked(concept) {
                let (keys, positions) = category(part, concept, levels)?;
                let code = |key: Option<i16>| key.map_or(NO_CODE, |key| positions[key as usize]);
                codes.extend(keys.iter().map(code));
            } else {
                codes.extend(std::iter::repeat_n(NO_CODE, part.rows()));
            }
        }
        Ok(codes)
    }

    /// Name of the unit of each row, a panel at a time.
    pub(crate) fn unit_names(&self) -> Result<Vec<Vec<Option<&str>>>, Refusal> {
        self.parts.iter().map(design::unit_names).collect()
    }

    /// Code of the stratum of each row, a panel at a time; the same in every wave.
    pub(crate) fn stratum_codes(&self) -> Vec<Vec<i32>> {
        self.parts.iter().map(design::strata).collect()
    }

    /// Respondents with weight by panel and pseudonym; of one panel, or of all.
    pub(crate) fn identities(
        &self,
        of_panel: Option<usize>,
    ) -> Result<Vec<(u32, &str, u32)>, Refusal> {
        let mut identities = Vec::new();
        let mut row = 0_u32;
        for part in &self.parts {
            if of_panel.is_some_and(|panel| panel != part.panel) {
                row += part.rows() as u32;
                continue;
            }
            let column = part.weighted.table.column_by_name(columns::RESPONDENT);
            let column: &StringArray = column
                .and_then(|column| column.as_string_opt())
                .ok_or_else(|| part.wrong("the respondents", "nothing", "pseudonyms"))?;
            for respondent in column {
                if let Some(respondent) = respondent.filter(|_| self.weights()[row as usize] > 0.0)
                {
                    identities.push((part.panel as u32, respondent, row));
                }
                row += 1;
            }
        }
        Ok(identities)
    }
}

/// Refuses weights that are not those of the weighting, as far as their sum tells.
fn refuse_other_sum(part: &Part<'_>, weights: &[f64]) -> Result<(), Refusal> {
    /// Relative difference that is rounding.
    const ROUNDING: f64 = 1e-9;
    let (found, recorded) = (weights.iter().sum::<f64>(), part.weighted.about.sum_of_weights);
    if (found - recorded).abs() <= ROUNDING * recorded.abs() {
        return Ok(());
    }
    let (found, expected) =
        (format!("a sum of {found}"), format!("{recorded}, as weighting recorded"));
    let place = format!("column `{}`", columns::plain(columns::WEIGHT));
    Err(part.wrong(&place, &found, &expected))
}

fn method(parts: &[Part<'_>], wave: Wave, source: Error) -> Refusal {
    let panels: Vec<&str> = parts.iter().map(|part| part.settings.panel.as_str()).collect();
    Refusal::Method { panel: panels.join(" and "), wave, source: Box::new(source) }
}
