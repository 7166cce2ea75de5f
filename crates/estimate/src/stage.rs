//! The stage: the figures of one panel over all its waves, or of a group of panels.

mod calibration;
mod check;
mod column;
mod design;
mod refusal;
mod sample;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use survey::handoff::EstimatesAbout;
use survey::{Estimates, Warning, Wave, Weighted};

pub(crate) use self::check::check;
pub(crate) use self::column::{Column, OUTSIDE};
pub(crate) use self::design::Replicates;
pub use self::refusal::Refusal;
pub(crate) use self::sample::{Part, Sample};
pub(crate) use self::table::Measure;
use crate::Error;
use crate::compare::{Overlap, Side, changes, contrasts, references};
use crate::settings::{Bases, Settings};
use crate::tabulate::{Plan, Series, Values, WaveErrors, series, values};

/// The figures of one panel.
///
/// `weighted`: its waves, in any order, each once; a wave of the settings that is not there counts as not asked, with a
/// warning. `bases`: mask of each indicator's base for each hand-off, in the order of `weighted`. Extra `change` and
/// `contrast` (all pairs of published levels of a breakdown).
pub fn tabulate(
    weighted: &[Weighted],
    bases: &Bases,
    settings: &Settings,
) -> Result<Estimates, Error> {
    let panels = std::slice::from_ref(settings);
    let made = make(settings, weighted, bases, panels).map_err(Box::new)?;
    Ok(made)
}

fn make(
    settings: &Settings,
    weighted: &[Weighted],
    bases: &Bases,
    panels: &[Settings],
) -> Result<Estimates, Refusal> {
    check(settings)?;
    let plan = Plan::new(panels);
    let waves = by_wave(&plan, &[weighted], &[bases])?;
    let computed = Computed::new(&plan, waves)?;
    let measure = computed.measure(&plan, settings.panel.clone());
    Ok(handoff(&[measure], &settings.panel, &plan, missing_waves(&plan, &[weighted])))
}

/// The tables of some measures as the stage hands them on.
pub(crate) fn handoff(
    measures: &[Measure<'_>],
    name: &str,
    plan: &Plan<'_>,
    warnings: Vec<Warning>,
) -> Estimates {
    Estimates {
        table: table::estimates(measures),
        extra: BTreeMap::from([
            ("change".to_owned(), table::changes(measures)),
            ("contrast".to_owned(), table::contrasts(measures)),
        ]),
        findings: Vec::new(),
        warnings,
        about: EstimatesAbout { panel: name.to_owned(), waves: plan.waves.to_vec() },
    }
}

/// The panels' hand-offs of each wave of the plan.
pub(crate) fn by_wave<'a>(
    plan: &Plan<'a>,
    weighted: &[&'a [Weighted]],
    bases: &[&'a Bases],
) -> Result<Vec<Vec<Part<'a>>>, Refusal> {
    let mut waves: Vec<Vec<Part<'a>>> = plan.waves.iter().map(|_| Vec::new()).collect();
    for (panel, settings) in plan.panels.iter().enumerate() {
        let mut seen: BTreeSet<Wave> = BTreeSet::new();
        for (position, handoff) in weighted[panel].iter().enumerate() {
            let panel_wave = handoff.about.panel_wave.clone();
            if panel_wave.panel != settings.panel {
                return Err(Refusal::OtherPanel {
                    found: panel_wave,
                    expected: settings.panel.clone(),
                });
            }
            if !seen.insert(panel_wave.wave) {
                return Err(Refusal::WaveTwice { panel_wave });
            }
            if let Some(at) = plan.waves.iter().position(|&wave| wave == panel_wave.wave) {
                waves[at].push(Part {
                    panel,
                    position,
                    weighted: handoff,
                    settings,
                    bases: bases[panel],
                });
            }
        }
    }
    Ok(waves)
}

/// A warning for every wave of the settings that a panel has no hand-off of, and for every hand-off of which no figure is made.
pub(crate) fn missing_waves(plan: &Plan<'_>, weighted: &[&[Weighted]]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (settings, handoffs) in plan.panels.iter().zip(weighted) {
        for &wave in plan.waves {
            let handoff = handoffs.iter().find(|one| one.about.panel_wave.wave == wave);
            let (code, message) = match handoff {
                None => {
                    let message = "no answers handed in; its figures read `not_asked`";
                    ("wave_without_answers", message.to_owned())
                }
                Some(handoff) if !has_figures(settings, handoff) => (
                    "answers_without_figures",
                    format!("delivered, but no indicator is made of it; hint: {WITHOUT_FIGURES}"),
                ),
                Some(_) => continue,
            };
            warnings.push(Warning {
                code: code.to_owned(),
                panel: Some(settings.panel.clone()),
                wave: Some(wave),
                message: format!("{} {wave}: {message}", settings.panel),
            });
        }
    }
    warnings
}

/// How a panel-wave gets figures.
const WITHOUT_FIGURES: &str =
    "see `panels`, `first_wave` and `last_wave` in config/indicators.csv; an empty end is open";

fn has_figures(settings: &Settings, handoff: &Weighted) -> bool {
    let wave = handoff.about.panel_wave.wave;
    settings.indicators.iter().any(|indicator| {
        indicator.is_made_in(wave) && handoff.about.asked.contains(&indicator.concept)
    })
}

/// By earlier and later wave, indicator and cut: covariance of each level; no entry where the waves share nobody.
type Covariances = BTreeMap<(usize, usize, usize, usize), Vec<f64>>;

/// Everything that is computed of one plan.
pub(crate) struct Computed<'a> {
    samples: Vec<Option<Sample<'a>>>,
    errors: Vec<Option<WaveErrors>>,
    covariances: Covariances,
    pub series: Vec<Series>,
}

impl<'a> Computed<'a> {
    pub(crate) fn new(plan: &Plan<'_>, waves: Vec<Vec<Part<'a>>>) -> Result<Self, Refusal> {
        let sample = |(parts, &wave): (Vec<Part<'a>>, &Wave)| {
            (!parts.is_empty()).then(|| Sample::new(wave, parts)).transpose()
        };
        let samples: Vec<_> =
            waves.into_iter().zip(plan.waves).map(sample).collect::<Result<_, _>>()?;
        let values: Vec<_> = samples
            .iter()
            .map(|sample| sample.as_ref().map(|sample| values(plan, sample)).transpose())
            .collect::<Result<_, _>>()?;
        // One way for all waves, so that two of them can be compared.
        let by_cell = samples.iter().flatten().all(|sample| sample.is_by_cell);
        let of_wave = |(sample, values): (&Option<Sample<'a>>, &Option<Values>)| {
            let both = sample.as_ref().zip(values.as_ref());
            both.map(|(sample, values)| WaveErrors::new(plan, sample, values, by_cell)).transpose()
        };
        let errors: Vec<_> =
            samples.iter().zip(&values).map(of_wave).collect::<Result<_, Refusal>>()?;
        let mut series = series(plan, &samples, &values, &errors);
        plan.judge(&mut series);
        let covariances = covariances(&samples, &values, &errors, &series)?;
        Ok(Self { samples, errors, covariances, series })
    }

    /// Covariance of a series between two waves; none where they share nobody.
    pub(crate) fn covariance(&self, series: usize, earlier: usize, later: usize) -> Option<f64> {
        let series = &self.series[series];
        let levels = self.covariances.get(&(earlier, later, series.indicator, series.cut))?;
        Some(levels[series.level])
    }

    pub(crate) fn measure<'p>(&self, plan: &'p Plan<'p>, panel: String) -> Measure<'p> {
        let contrasts = self.errors.iter().enumerate().flat_map(|(wave, errors)| {
            let strata = self.samples[wave].as_ref().map_or(0, |sample| sample.parts.len());
            errors
                .iter()
                .flat_map(move |errors| contrasts(plan, &self.series, wave, errors, strata))
        });
        Measure {
            panel,
            plan,
            series: self.series.clone(),
            changes: changes(plan, &self.series, &|series, earlier, later| {
                self.covariance(series, earlier, later)
            }),
            contrasts: contrasts.collect(),
        }
    }
}

/// The covariances that the changes of these series need.
fn covariances(
    samples: &[Option<Sample<'_>>],
    values: &[Option<Values>],
    errors: &[Option<WaveErrors>],
    series: &[Series],
) -> Result<Covariances, Refusal> {
    let mut needed: BTreeMap<(usize, usize), BTreeSet<(usize, usize)>> = BTreeMap::new();
    for one in series {
        for (later, _, earlier) in references(one) {
            needed.entry((earlier, later)).or_default().insert((one.indicator, one.cut));
        }
    }
    let side = |at: usize| -> Option<Side<'_>> {
        Some((samples[at].as_ref()?, values[at].as_ref()?, errors[at].as_ref()?))
    };
    let mut covariances = Covariances::new();
    for ((earlier, later), places) in needed {
        let (Some(before), Some(after)) = (side(earlier), side(later)) else { continue };
        let Some(overlap) = Overlap::of(before, after)? else { continue };
        for place in places {
            if let Some(levels) = overlap.covariances(before, after, place)? {
                covariances.insert((earlier, later, place.0, place.1), levels);
            }
        }
    }
    Ok(covariances)
}
