//! The stage: the figures of one panel over all its waves, or of a group of panels.

mod check;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use survey::handoff::EstimatesAbout;
use survey::{Code, Estimates, Warning, Wave, Weighted};

pub(crate) use self::check::check;
pub(crate) use self::table::Measure;
use crate::Error;
use crate::compare::{
    Block, Overlap, Place, PlaceOverlap, Sharing, Side, Together, changes, contrasts,
    negative_variances, waves_compared,
};
use crate::sample::{Part, Refusal, Sample};
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
    let mut measure = computed.measure(&plan, settings.panel.clone())?;
    let mut warnings = missing_waves(&plan, &[weighted]);
    warnings.append(&mut measure.warnings);
    Ok(handoff(&[measure], &settings.panel, &plan, warnings))
}

/// The tables of some measures as the stage hands them on.
pub(crate) fn handoff(
    measures: &[Measure<'_>],
    name: &str,
    plan: &Plan<'_>,
    mut warnings: Vec<Warning>,
) -> Estimates {
    warnings.extend(measures.iter().flat_map(without_variance));
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

/// A warning for each wave with comparisons whose variance is negative.
fn without_variance(measure: &Measure<'_>) -> Vec<Warning> {
    let of_wave = |(at, &wave): (usize, &Wave)| {
        let changes = measure.changes.iter().filter(|change| change.wave == at);
        let contrasts = measure.contrasts.iter().filter(|pair| pair.wave == at);
        let count = changes.filter(|change| change.is_negative).count()
            + contrasts.filter(|pair| pair.is_negative).count();
        negative_variances(&measure.panel, wave, count)
    };
    measure.plan.waves.iter().enumerate().filter_map(of_wave).collect()
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
                    (Code::WaveWithoutAnswers, message.to_owned())
                }
                Some(handoff) if !has_figures(settings, handoff) => (
                    Code::AnswersWithoutFigures,
                    format!("delivered, but no indicator is made of it; hint: {WITHOUT_FIGURES}"),
                ),
                Some(_) => continue,
            };
            warnings.push(Warning {
                code,
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

/// Everything that is computed of one plan.
pub(crate) struct Computed<'a> {
    waves: Vec<Computation<'a>>,
    pub series: Vec<Series>,
}

/// One wave.
struct Computation<'a> {
    sample: Option<Sample<'a>>,
    values: Option<Values>,
    errors: Option<WaveErrors>,
}

impl Computation<'_> {
    fn side(&self) -> Option<Side<'_>> {
        Some((self.sample.as_ref()?, self.values.as_ref()?, self.errors.as_ref()?))
    }
}

/// What the waves of a computation share, by indicator and cut.
pub(crate) struct Shared<'c> {
    overlap: Overlap<'c>,
    places: BTreeMap<(usize, usize), PlaceOverlap>,
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
        let waves = samples.into_iter().zip(values).zip(errors);
        let wave = |((sample, values), errors)| Computation { sample, values, errors };
        Ok(Self { waves: waves.map(wave).collect(), series })
    }

    /// What the waves share where the plan compares them.
    pub(crate) fn shared(&self, plan: &Plan<'_>) -> Result<Shared<'_>, Refusal> {
        let overlap = Overlap::of(self.waves.iter().map(Computation::side).collect())?;
        let of_cut = self.series.chunk_by(|a, b| (a.indicator, a.cut) == (b.indicator, b.cut));
        let place = |series: &[Series]| {
            let (pairs, run) = waves_compared(plan, &series[0]);
            Place { indicator: series[0].indicator, cut: series[0].cut, pairs, run }
        };
        let places: Vec<Place> = of_cut.map(place).collect();
        let found = |place: &Place| {
            let found = overlap.at(place)?;
            Ok(found.map(|found| ((place.indicator, place.cut), found)))
        };
        let places: Vec<Option<_>> =
            places.par_iter().map(found).collect::<Result<_, Refusal>>()?;
        Ok(Shared { places: places.into_iter().flatten().collect(), overlap })
    }

    /// What the figures of a series share between these waves.
    pub(crate) fn together(
        &self,
        shared: &Shared<'_>,
        series: usize,
        waves: &[usize],
    ) -> (Together, Sharing) {
        let series = &self.series[series];
        let place = shared.places.get(&(series.indicator, series.cut));
        let later = |(k, &first): (usize, &usize)| {
            waves[k + 1..].iter().map(move |&second| (first, second))
        };
        let pairs = waves.iter().enumerate().flat_map(later);
        let sharing = pairs.map(|(first, second)| shared.overlap.sharing(first, second)).max();
        let together = shared.overlap.together(place, series.level, waves);
        (together, sharing.unwrap_or(Sharing::Independent))
    }

    pub(crate) fn measure<'p>(
        &self,
        plan: &'p Plan<'p>,
        panel: String,
    ) -> Result<Measure<'p>, Refusal> {
        let shared = self.shared(plan)?;
        let joint = |series: usize, waves: &[usize]| {
            let (together, sharing) = self.together(&shared, series, waves);
            let figures = waves.iter().filter_map(|&at| self.series[series].figures[at].as_ref());
            (vec![Block { figures: figures.collect(), weight: 1.0, together }], sharing)
        };
        let changes = changes(plan, &self.series, &joint);
        let contrasts = self.waves.iter().enumerate().flat_map(|(at, wave)| {
            let strata = wave.sample.as_ref().map_or(0, |sample| sample.parts.len());
            let errors = wave.errors.iter();
            errors.flat_map(move |errors| contrasts(plan, &self.series, at, errors, strata))
        });
        let contrasts = contrasts.collect();
        let warnings = shared.overlap.warnings();
        Ok(Measure { panel, plan, series: self.series.clone(), changes, contrasts, warnings })
    }
}
