//! From the exact cells to the verdict on each: the rule on each by itself, then block by block what else must go.

use std::collections::BTreeMap;

use config::Indicator;
use config::monitor::{Band, Disclosure, PanelGroup, Protection};
use rayon::prelude::*;

use super::before::Known;
use super::block::Interval;
use super::cells::{Exact, Place, TOTAL, UNKNOWN};
use super::frame::{Around, waves};
use super::narrow::{Told, follow, middle};
use super::program::Unprotected;
use super::rounding::{Rounding, base_told};
use super::rule::{Verdict, primary};
use super::shares::{Distribution, Questions};

/// What decides the verdicts.
pub struct Rules<'a> {
    pub settings: &'a Disclosure,
    pub groups: &'a BTreeMap<String, PanelGroup>,
    /// By name.
    pub indicators: BTreeMap<&'a str, &'a Indicator>,
    pub bands: &'a [Band],
    pub questions: Questions<'a>,
    /// What earlier releases told.
    pub known: Known,
}

impl Rules<'_> {
    /// How figures of an indicator are rounded where nothing is switched off: what the protection reckons with.
    pub fn rounding(&self, indicator: &str) -> Rounding {
        let found = self.indicators.get(indicator);
        found.map_or(Rounding { unit: 1.0, step: None }, |known| Rounding::of(known))
    }

    /// How they are shown.
    pub fn shown_rounding(&self, indicator: &str) -> Rounding {
        let rounding = self.rounding(indicator);
        let is_on = self.settings.protects(Protection::Rounding);
        Rounding { step: rounding.step.filter(|_| is_on), ..rounding }
    }

    /// Multiple to which bases are shown rounded.
    pub fn shown_multiple(&self) -> u64 {
        if self.settings.protects(Protection::Bases) { self.multiple() } else { 1 }
    }

    pub fn multiple(&self) -> u64 {
        self.settings.base_multiple
    }

    /// Name of the range in which the exact value lies, where its unit has such names.
    pub fn band(&self, cell: &Exact) -> Option<&str> {
        self.bands(cell)
            .find(|band| band.from.is_none_or(|from| cell.facts.value >= from))
            .map(|band| band.name.as_str())
    }

    fn bands<'a>(&'a self, cell: &Exact) -> impl Iterator<Item = &'a Band> + use<'a> {
        let indicator = self.indicators.get(cell.place.indicator.as_str());
        let unit = indicator.map_or("", |indicator| indicator.unit.as_str());
        self.bands.iter().filter(move |band| band.unit == unit)
    }

    /// The values that have the same name.
    fn band_told(&self, cell: &Exact) -> Interval {
        let value = cell.facts.value;
        let mut told = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        for from in self.bands(cell).filter_map(|band| band.from) {
            if value >= from {
                told.low = told.low.max(from);
            } else {
                told.high = told.high.min(from);
            }
        }
        told
    }
}

/// A published difference: what is taken off has the coefficient -1, by position.
#[derive(Debug, Clone)]
pub struct Published {
    pub terms: Vec<(usize, f64)>,
    pub difference: f64,
    /// Its interval, where the difference lies in the middle of it.
    pub interval: Option<(f64, f64)>,
}

impl Published {
    /// `second - first`.
    pub fn between(
        first: usize,
        second: usize,
        difference: f64,
        interval: Option<(f64, f64)>,
    ) -> Self {
        Self { terms: vec![(second, 1.0), (first, -1.0)], difference, interval }
    }

    /// First and second of a difference between two cells.
    pub fn pair(&self) -> Option<(usize, usize)> {
        let [(second, _), (first, _)] = *self.terms.as_slice() else { return None };
        Some((first, second))
    }

    pub fn told(&self, rounding: Rounding) -> Interval {
        let told = rounding.told(self.difference);
        let middle = self
            .interval
            .and_then(|(lower, upper)| middle(rounding.told(lower), rounding.told(upper), false));
        middle
            .filter(|middle| middle.holds(self.difference))
            .map_or(told, |middle| told.and(middle))
    }
}

/// The verdict on every cell, in their order.
pub fn verdicts(
    cells: &[Exact],
    differences: &[Published],
    rules: &Rules<'_>,
) -> Result<Vec<Verdict>, Vec<Unprotected>> {
    if let Some(verdicts) = &rules.known.verdicts {
        return Ok(verdicts.clone());
    }
    let mut verdicts: Vec<Verdict> = cells.iter().map(|cell| by_itself(cell, rules)).collect();
    if !rules.settings.protects(Protection::Secondary) {
        return Ok(verdicts);
    }
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        // What was hidden to protect others protects them still: the release that hid it is known.
        if rules.known.was_hidden(at) && (verdict.is_shown() || *verdict == Verdict::Counted) {
            *verdict = Verdict::Secondary;
        }
    }
    let told = told(cells, &verdicts, differences, rules);
    let places: BTreeMap<&Place, usize> =
        cells.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect();
    let mut differences_of: BTreeMap<(&str, i32), Vec<&Published>> = BTreeMap::new();
    for difference in differences {
        let Some((first, second)) = difference.pair() else { continue };
        let [first, second] = [first, second].map(|at| &cells[at].place);
        if (&first.indicator, first.wave) == (&second.indicator, second.wave) {
            let of_wave = (first.indicator.as_str(), first.wave);
            differences_of.entry(of_wave).or_default().push(difference);
        }
    }
    let around = Around { cells, told: &told, places: &places, differences_of, rules };
    let hidden: Vec<Result<Vec<(usize, Verdict)>, Unprotected>> = waves(cells, &rules.questions)
        .par_iter()
        .map(|frames| around.protect(frames, &verdicts))
        .collect();
    let mut unprotected = Vec::new();
    for found in hidden {
        match found {
            Ok(changed) => changed.into_iter().for_each(|(at, verdict)| verdicts[at] = verdict),
            Err(block) => unprotected.push(block),
        }
    }
    if unprotected.is_empty() { Ok(verdicts) } else { Err(unprotected) }
}

fn by_itself(cell: &Exact, rules: &Rules<'_>) -> Verdict {
    if !cell.is_asked {
        return Verdict::NotAsked;
    }
    let protects = rules.settings.protects(Protection::Primary);
    let verdict = primary(&cell.facts, rules.settings, protects);
    if cell.place.level != UNKNOWN {
        return verdict;
    }
    // Rounded, the number of those whose background is unknown leaves room for the few.
    let told = base_told(cell.facts.respondents, rules.multiple());
    let counts = told.high - told.low >= 2.0
        || verdict != Verdict::Confidential
        || !rules.settings.protects(Protection::UnknownBackground);
    if counts { Verdict::Counted } else { verdict }
}

/// What is told of the value of each cell, where it is shown, by its rounding, its interval and the published differences.
pub fn told(
    cells: &[Exact],
    verdicts: &[Verdict],
    differences: &[Published],
    rules: &Rules<'_>,
) -> Vec<Interval> {
    let of = |cell: &Exact| {
        let rounding = rules.rounding(&cell.place.indicator);
        let told = rounding.told(cell.facts.value).and(rules.band_told(cell));
        let middle = cell.facts.interval.and_then(|(lower, upper)| {
            middle(rounding.told(lower), rounding.told(upper), cell.facts.yes.is_some())
        });
        // An interval that is not symmetric on that scale tells something else.
        let middle = middle.filter(|middle| middle.holds(cell.facts.value));
        middle.map_or(told, |middle| told.and(middle))
    };
    let mut told: Vec<Interval> = cells.iter().map(of).collect();
    let shown = |at: usize| verdicts[at].is_shown();
    let is_shown = |difference: &&Published| difference.terms.iter().all(|(at, _)| shown(*at));
    let sum = |difference: &Published| {
        let rounding = rules.rounding(&cells[difference.terms[0].0].place.indicator);
        Told { terms: difference.terms.clone(), sum: difference.told(rounding) }
    };
    let mut sums: Vec<Told> = differences.iter().filter(is_shown).map(sum).collect();
    let totals = (0..cells.len()).filter(|&at| cells[at].place.breakdown == TOTAL);
    let distributions = rules.questions.distributions(cells, totals);
    sums.extend(distributions.iter().flat_map(Distribution::told));
    let anything = Interval { low: 0.0, high: 1.0 };
    follow(&mut told, &sums, |at| (!shown(at)).then_some(anything));
    told
}
