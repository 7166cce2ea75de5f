//! Everything that is computed of one plan: the figures of all waves, and what the waves share.

use std::collections::BTreeMap;

use rayon::prelude::*;
use survey::Wave;

use crate::compare::{
    Block, Overlap, Place, PlaceOverlap, Returning, Sharing, Side, Together, WavesSharing, changes,
    contrasts as contrasts_of, waves_compared,
};
use crate::measure::Measure;
use crate::sample::{Part, Refusal, Sample, is_by_cell};
use crate::tabulate::{Plan, Series, Values, WaveErrors, series, values};

/// The respondents of each wave; none where a wave has none.
pub(crate) fn samples<'a>(
    plan: &Plan<'_>,
    waves: Vec<Vec<Part<'a>>>,
) -> Result<Vec<Option<Sample<'a>>>, Refusal> {
    // One way for all waves, so that two of them can be compared.
    let by_cell = waves.iter().all(|parts| is_by_cell(parts));
    let sample = |(parts, &wave): (Vec<Part<'a>>, &Wave)| {
        (!parts.is_empty()).then(|| Sample::new(wave, parts, by_cell)).transpose()
    };
    in_order(waves.into_par_iter().zip(plan.waves).map(sample).collect())
}

/// The figures of a plan, with what they are made of; an entry a wave.
pub(crate) struct Computed<'s> {
    pub samples: &'s [Option<Sample<'s>>],
    pub values: Vec<Option<Values>>,
    pub errors: Vec<Option<WaveErrors>>,
    pub series: Vec<Series>,
}

/// What the waves of a computation share, with the respondents that tell it.
pub(crate) struct Shared<'c> {
    overlap: Overlap<'c>,
    places: Places,
}

/// What figures share between the waves, by indicator and cut.
struct Places {
    sharing: WavesSharing,
    of: BTreeMap<(usize, usize), PlaceOverlap>,
}

/// Figures with what they share between the waves: all that is left of respondents once they are compared.
pub(crate) struct Compared {
    pub series: Vec<Series>,
    places: Places,
}

impl<'s> Computed<'s> {
    pub(crate) fn new(plan: &Plan<'_>, samples: &'s [Option<Sample<'s>>]) -> Result<Self, Refusal> {
        let [computed] = Self::all([plan], samples)?;
        Ok(computed)
    }

    /// Several plans of the same respondents, in one go.
    pub(crate) fn all<const PLANS: usize>(
        plans: [&Plan<'_>; PLANS],
        samples: &'s [Option<Sample<'s>>],
    ) -> Result<[Self; PLANS], Refusal> {
        let of_wave = |sample: &Option<Sample<'s>>| {
            let Some(sample) = sample else { return Ok(None) };
            let mut all = Vec::new();
            for plan in plans {
                all.push(values(plan, sample)?);
            }
            let asks = plans.into_iter().zip(&all);
            let errors = WaveErrors::all(sample, &asks.collect::<Vec<_>>())?;
            Ok(Some(all.into_iter().zip(errors)))
        };
        let mut waves: Vec<_> = in_order(samples.par_iter().map(of_wave).collect())?;
        let computed = plans.map(|plan| {
            let of_plan =
                waves.iter_mut().map(|wave| wave.as_mut().and_then(Iterator::next).unzip());
            let (values, errors): (Vec<_>, Vec<_>) = of_plan.unzip();
            let mut series = series(plan, samples, &values, &errors);
            plan.judge(&mut series);
            Self { samples, values, errors, series }
        });
        Ok(computed)
    }

    fn sides(&self) -> Vec<Option<Side<'_>>> {
        let side = |at: usize| {
            Some((self.samples[at].as_ref()?, self.values[at].as_ref()?, self.errors[at].as_ref()?))
        };
        (0..self.samples.len()).map(side).collect()
    }

    /// What the waves share where the plan compares them.
    pub(crate) fn shared(&self, plan: &Plan<'_>) -> Result<Shared<'_>, Refusal> {
        self.shared_on(plan, Overlap::of(self.sides())?)
    }

    /// The same where it is known who returns.
    pub(crate) fn shared_of(
        &self,
        plan: &Plan<'_>,
        returning: Returning,
    ) -> Result<Shared<'_>, Refusal> {
        self.shared_on(plan, Overlap::of_returning(self.sides(), returning))
    }

    /// The same of other figures of the respondents of whom `of` tells.
    pub(crate) fn shared_as<'c>(
        &'c self,
        plan: &Plan<'_>,
        of: &Shared<'c>,
    ) -> Result<Shared<'c>, Refusal> {
        self.shared_on(plan, of.overlap.of_further(self.sides()))
    }

    fn shared_on<'c>(&self, plan: &Plan<'_>, overlap: Overlap<'c>) -> Result<Shared<'c>, Refusal> {
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
        let of: Vec<Option<_>> = in_order(places.par_iter().map(found).collect())?;
        let sharing = overlap.sharing.clone();
        Ok(Shared { places: Places { sharing, of: of.into_iter().flatten().collect() }, overlap })
    }

    /// The figures with their changes, and with the contrasts of their levels.
    pub(crate) fn measure<'p>(
        &self,
        plan: &'p Plan<'p>,
        shared: &Shared<'_>,
        panel: &str,
    ) -> Measure<'p> {
        let contrasts = self.samples.par_iter().zip(&self.errors).enumerate();
        let contrasts = contrasts.flat_map(|(at, (sample, errors))| {
            let strata = sample.as_ref().map_or(0, |sample| sample.parts.len());
            let of_wave = |errors| contrasts_of(plan, &self.series, at, errors, strata);
            errors.as_ref().map_or_else(Vec::new, of_wave)
        });
        Measure {
            contrasts: contrasts.collect(),
            warnings: shared.overlap.warnings(),
            ..self.with_changes(plan, shared, panel)
        }
    }

    /// The figures with their changes.
    pub(crate) fn with_changes<'p>(
        &self,
        plan: &'p Plan<'p>,
        shared: &Shared<'_>,
        panel: &str,
    ) -> Measure<'p> {
        let joint = |series: usize, waves: &[usize]| {
            let (together, sharing) = shared.places.together(&self.series[series], waves);
            let figures = waves.iter().filter_map(|&at| self.series[series].figures[at].as_ref());
            (vec![Block { figures: figures.collect(), weight: 1.0, together }], sharing)
        };
        let changes = changes(plan, &self.series, &joint);
        Measure { changes, ..Measure::of_figures(panel, plan, self.series.clone()) }
    }
}

impl Shared<'_> {
    /// Who returns in each of so many panels; none where the errors do not follow from cells.
    pub(crate) fn of_panels(&self, panels: usize) -> Option<Vec<Returning>> {
        self.overlap.of_panels(panels)
    }

    /// These figures, without the respondents.
    pub(crate) fn compared(self, series: Vec<Series>) -> Compared {
        Compared { series, places: self.places }
    }
}

impl Compared {
    /// What the figures of a series share between these waves.
    pub(crate) fn together(&self, series: usize, waves: &[usize]) -> (Together, Sharing) {
        self.places.together(&self.series[series], waves)
    }
}

impl Places {
    fn together(&self, series: &Series, waves: &[usize]) -> (Together, Sharing) {
        let place = self.of.get(&(series.indicator, series.cut));
        (self.sharing.together(place, series.level, waves), self.sharing.most(waves))
    }
}

/// What was made on several threads; of several refusals the first one, on any number of threads.
pub(crate) fn in_order<T>(made: Vec<Result<T, Refusal>>) -> Result<Vec<T>, Refusal> {
    made.into_iter().collect()
}
