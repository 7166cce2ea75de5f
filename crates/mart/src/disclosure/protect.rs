//! From the exact cells to the verdict on each: the rule on each by itself, then block by block what else must go.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use survey::config::Indicator;
use survey::config::monitor::{Band, Disclosure, PanelGroup, Protection};

use super::block::{Block, Cell, Difference, Equation, Interval, Kind};
use super::cells::{Exact, Place, TOTAL, UNKNOWN};
use super::narrow::{Told, follow, middle};
use super::program::{Unprotected, hide};
use super::rounding::{Rounding, base_told};
use super::rule::{Verdict, primary, thresholds};
use crate::dimension::{mean_of_groups, pooled};

/// What decides the verdicts.
pub struct Rules<'a> {
    pub settings: &'a Disclosure,
    pub groups: &'a BTreeMap<String, PanelGroup>,
    pub indicators: &'a [Indicator],
    pub bands: &'a [Band],
    /// Cells that earlier releases showed.
    pub shown_before: &'a BTreeSet<Place>,
    /// Cells that earlier releases withheld.
    pub hidden_before: &'a BTreeSet<Place>,
}

impl Rules<'_> {
    pub fn rounding(&self, indicator: &str) -> Rounding {
        let is_on = self.settings.protects(Protection::Rounding);
        let found = self.indicators.iter().find(|known| known.indicator == indicator);
        found.map_or(Rounding { unit: 1.0, step: None }, |found| Rounding::of(found, is_on))
    }

    /// Name of the range in which the exact value lies, where its unit has such names.
    pub fn band(&self, cell: &Exact) -> Option<&str> {
        self.bands(cell).find(|band| band.from.is_none_or(|from| cell.facts.value >= from)).map(|band| band.name.as_str())
    }

    fn bands<'a>(&'a self, cell: &Exact) -> impl Iterator<Item = &'a Band> + use<'a> {
        let indicator = self.indicators.iter().find(|known| known.indicator == cell.place.indicator);
        let unit = indicator.map_or("", |indicator| indicator.unit.as_str());
        self.bands.iter().filter(move |band| band.unit == unit)
    }

    /// The values that have the same name.
    fn band_told(&self, cell: &Exact) -> Interval {
        let value = cell.facts.value;
        let mut told = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        for from in self.bands(cell).filter_map(|band| band.from) {
            if value >= from { told.low = told.low.max(from) } else { told.high = told.high.min(from) }
        }
        told
    }

    /// Multiple to which bases are rounded.
    pub fn multiple(&self) -> u64 {
        if self.settings.protects(Protection::Bases) { self.settings.base_multiple } else { 1 }
    }
}

/// A published difference between two cells, by position, `second - first`.
pub struct Published {
    pub first: usize,
    pub second: usize,
    pub difference: f64,
    /// Its interval, where the difference lies in the middle of it.
    pub interval: Option<(f64, f64)>,
}

impl Published {
    fn told(&self, rounding: Rounding) -> Interval {
        let told = rounding.told(self.difference);
        let middle = self.interval.and_then(|(lower, upper)| {
            middle(rounding.told(lower), rounding.told(upper), false)
        });
        middle.filter(|middle| middle.holds(self.difference)).map_or(told, |middle| told.and(middle))
    }
}

/// The verdict on every cell, in their order.
pub fn verdicts(
    cells: &[Exact],
    differences: &[Published],
    rules: &Rules<'_>,
) -> Result<Vec<Verdict>, Vec<Unprotected>> {
    let settings = rules.settings;
    let mut verdicts: Vec<Verdict> = cells.iter().map(|cell| by_itself(cell, rules)).collect();
    if !settings.protects(Protection::Secondary) {
        return Ok(verdicts);
    }
    let told = told(cells, &verdicts, differences, rules);
    let places: BTreeMap<&Place, usize> =
        cells.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect();
    let around = Around { cells, told: &told, places: &places, differences, rules };
    // The totals first: a hidden one is hidden in every breakdown.
    for totals in [true, false] {
        let frames = frames(cells, totals);
        let hidden: Vec<Result<Vec<usize>, Unprotected>> =
            frames.par_iter().map(|frame| around.hide(frame, &verdicts)).collect();
        let mut unprotected = Vec::new();
        for found in hidden {
            match found {
                Ok(hidden) => hidden.into_iter().for_each(|at| verdicts[at] = Verdict::Secondary),
                Err(block) => unprotected.push(block),
            }
        }
        if !unprotected.is_empty() {
            return Err(unprotected);
        }
    }
    Ok(verdicts)
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
    let counts = told.high - told.low >= 2.0 || verdict != Verdict::Confidential;
    if counts { Verdict::Counted } else { verdict }
}

/// What is told of the value of each cell that is shown, by its rounding, its interval and the published differences.
fn told(
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
    let differences: Vec<Told> = differences
        .iter()
        .filter(|difference| shown(difference.first) && shown(difference.second))
        .map(|difference| Told {
            first: difference.first,
            second: difference.second,
            difference: difference
                .told(rules.rounding(&cells[difference.first].place.indicator)),
        })
        .collect();
    follow(&mut told, &differences);
    told
}

/// Cells of one block: an indicator and wave, and a breakdown or the totals.
struct Frame<'a> {
    indicator: &'a str,
    wave: i32,
    breakdown: &'a str,
}

fn frames(cells: &[Exact], totals: bool) -> Vec<Frame<'_>> {
    let keys: BTreeSet<(&str, i32, &str)> = cells
        .iter()
        .map(|cell| &cell.place)
        .filter(|place| (place.breakdown == TOTAL) == totals)
        .map(|place| (place.indicator.as_str(), place.wave, place.breakdown.as_str()))
        .collect();
    let frame = |(indicator, wave, breakdown)| Frame { indicator, wave, breakdown };
    keys.into_iter().map(frame).collect()
}

/// Everything that a block is made from.
struct Around<'a> {
    cells: &'a [Exact],
    told: &'a [Interval],
    places: &'a BTreeMap<&'a Place, usize>,
    differences: &'a [Published],
    rules: &'a Rules<'a>,
}

impl Around<'_> {
    /// Positions of the cells that are hidden for others.
    fn hide(&self, frame: &Frame<'_>, verdicts: &[Verdict]) -> Result<Vec<usize>, Unprotected> {
        let members = self.members(frame);
        if !members.iter().any(|&at| self.is_confidential(at, verdicts)) {
            return Ok(Vec::new());
        }
        let block = self.block(frame, &members, verdicts);
        let hidden = hide(&block, thresholds(self.rules.settings))?;
        let hidden = members.iter().zip(hidden).filter(|(_, hidden)| *hidden);
        Ok(hidden.map(|(at, _)| *at).collect())
    }

    fn is_confidential(&self, at: usize, verdicts: &[Verdict]) -> bool {
        let facts = &self.cells[at].facts;
        let is_unknown = self.cells[at].place.level == UNKNOWN;
        match verdicts[at] {
            Verdict::Confidential => true,
            Verdict::Counted => {
                self.rules.settings.protects(Protection::UnknownBackground)
                    && is_unknown
                    && thresholds(self.rules.settings).is_confidential(facts.respondents, facts.yes)
            }
            _ => false,
        }
    }

    /// Cells of the frame with somebody in them, and the totals of their panels.
    fn members(&self, frame: &Frame<'_>) -> Vec<usize> {
        let of_frame = |place: &Place| {
            let breakdown = place.breakdown == frame.breakdown || place.breakdown == TOTAL;
            place.indicator == frame.indicator && place.wave == frame.wave && breakdown
        };
        let first = Place {
            indicator: frame.indicator.to_owned(),
            panel: String::new(),
            wave: i32::MIN,
            breakdown: String::new(),
            level: String::new(),
        };
        let of_indicator = self
            .places
            .range::<Place, _>(&first..)
            .take_while(|(place, _)| place.indicator == frame.indicator);
        let has_answers = |at: usize| {
            let cell = &self.cells[at];
            cell.is_asked && cell.facts.respondents > 0
        };
        let found = of_indicator.filter(|(place, _)| of_frame(place)).map(|(_, &at)| at);
        found.filter(|&at| has_answers(at)).collect()
    }

    fn block(&self, frame: &Frame<'_>, members: &[usize], verdicts: &[Verdict]) -> Block {
        let position: BTreeMap<usize, usize> =
            members.iter().enumerate().map(|(position, &at)| (at, position)).collect();
        let cells = members.iter().map(|&at| self.cell(frame, at, verdicts)).collect();
        let differences = self.differences.iter().filter_map(|difference| {
            let (first, second) =
                (*position.get(&difference.first)?, *position.get(&difference.second)?);
            let rounding = self.rules.rounding(frame.indicator);
            Some(Difference { first, second, told: difference.told(rounding) })
        });
        let is_proportion = members.iter().any(|&at| self.cells[at].facts.yes.is_some());
        Block {
            name: format!("{} {} by {}", frame.indicator, frame.wave, frame.breakdown),
            cells,
            equations: self.equations(frame, members, &position),
            differences: differences.collect(),
            scale: is_proportion.then_some(Interval { low: 0.0, high: 1.0 }),
        }
    }

    fn cell(&self, frame: &Frame<'_>, at: usize, verdicts: &[Verdict]) -> Cell {
        let Exact { place, facts, weight, .. } = &self.cells[at];
        let (settings, shown) = (self.rules.settings, verdicts[at].is_shown());
        let is_total_of_breakdown = place.breakdown == TOTAL && frame.breakdown != TOTAL;
        let is_told = self.rules.shown_before.contains(place)
            && settings.protects(Protection::EarlierReleases)
            && verdicts[at] != Verdict::Confidential;
        let is_counted = verdicts[at] == Verdict::Counted;
        let may_hide = (shown || is_counted) && !is_total_of_breakdown && !is_told;
        Cell {
            respondents: facts.respondents,
            yes: facts.yes,
            weight: *weight,
            value: Some(facts.value).filter(|value| value.is_finite() && *weight > 0.0),
            base: base_told(facts.respondents, self.rules.multiple()),
            figure: self.told[at],
            base_shown: shown || is_told || is_counted,
            figure_shown: shown || is_told,
            cost: may_hide.then(|| self.cost(at)),
            confidential: self.is_confidential(at, verdicts),
        }
    }

    /// First as few cells as can be, then those that are to be kept, then few respondents; a cell that was withheld before
    /// costs half, so that the choice stays from release to release.
    fn cost(&self, at: usize) -> f64 {
        let place = &self.cells[at].place;
        if place.level == UNKNOWN {
            // Only a number of people is lost.
            return 0.5;
        }
        let keep = &self.rules.settings.keep;
        let kept = keep.iter().position(|level| *level == place.level);
        let rank = kept.map_or(0.0, |rank| (keep.len() - rank) as f64 / keep.len() as f64);
        let size = self.cells[at].facts.respondents as f64;
        let cost = 1.0 + 0.05 * rank + 0.001 * size / (size + 1000.0);
        if self.rules.hidden_before.contains(place) { cost / 2.0 } else { cost }
    }

    fn equations(
        &self,
        frame: &Frame<'_>,
        members: &[usize],
        position: &BTreeMap<usize, usize>,
    ) -> Vec<Equation> {
        let find = |place: &Place| self.places.get(place).and_then(|at| position.get(at)).copied();
        let mut equations = Vec::new();
        let totals = self.totals();
        if frame.breakdown != TOTAL {
            equations.extend(self.levels(frame, members, &find, &totals));
        }
        if !self.rules.settings.protects(Protection::Groups) {
            return equations;
        }
        for &at in members {
            let place = &self.cells[at].place;
            let Some((kind, panels)) = totals.get(&place.panel) else { continue };
            let part = |panel: &String| {
                let own = place.of_panel(panel);
                let has_level = |at: &usize| {
                    let other = &self.cells[*at].place;
                    other.panel == *panel && other.breakdown != TOTAL
                };
                // Nobody of a panel that was not asked for its background has a known one.
                let whole = place.level == UNKNOWN && !members.iter().any(has_level);
                find(&if whole { own.at(TOTAL, TOTAL) } else { own })
            };
            let parts: Vec<usize> = panels.iter().filter_map(part).collect();
            if let (Some(whole), false) = (find(place), parts.is_empty()) {
                equations.push(Equation { kind: *kind, whole, parts, slack: Interval::point(0.0) });
            }
        }
        equations
    }

    /// How far the weighted levels may seem to miss their total: for each respondent more whose background is unknown, those of
    /// the others count for less.
    fn slack(&self, total: usize, breakdown: &str) -> Interval {
        let Exact { place, facts, weight, .. } = &self.cells[total];
        let unknown = self.places.get(&place.at(breakdown, UNKNOWN)).map(|&at| &self.cells[at]);
        let count = unknown.map_or(0, |unknown| unknown.facts.respondents);
        let own = unknown.filter(|unknown| unknown.facts.respondents > 0 && unknown.weight > 0.0);
        let (weights, people) = own.map_or((*weight, facts.respondents), |own| (own.weight, own.facts.respondents));
        let told = base_told(count, self.rules.multiple());
        let one = facts.value * weights / people as f64 / weight;
        Interval { low: one * (told.low - count as f64), high: one * (told.high - count as f64) }
    }

    /// A total and its levels, a panel each.
    fn levels(
        &self,
        frame: &Frame<'_>,
        members: &[usize],
        find: &dyn Fn(&Place) -> Option<usize>,
        totals: &BTreeMap<String, (Kind, &[String])>,
    ) -> Vec<Equation> {
        let mut rows: BTreeMap<&str, (Option<usize>, Vec<usize>)> = BTreeMap::new();
        for &at in members {
            let place = &self.cells[at].place;
            let Some(position) = find(place) else { continue };
            let row = rows.entry(&place.panel).or_default();
            if place.breakdown == TOTAL { row.0 = Some(position) } else { row.1.push(position) }
        }
        let equation = |(panel, (whole, parts)): (&str, (Option<usize>, Vec<usize>))| {
            // A mean of groups has no levels that add up, but its respondents do.
            let is_mean = totals.get(panel).is_some_and(|(kind, _)| *kind == Kind::Mean);
            let kind = if is_mean { Kind::Bases } else { Kind::Sum };
            let whole = whole.filter(|_| !parts.is_empty())?;
            let slack = self.slack(members[whole], frame.breakdown);
            Some(Equation { kind, whole, parts, slack })
        };
        rows.into_iter().filter_map(equation).collect()
    }

    fn totals(&self) -> BTreeMap<String, (Kind, &[String])> {
        let groups: &BTreeMap<String, PanelGroup> = self.rules.groups;
        let totals = groups.iter().flat_map(|(name, group)| {
            [(pooled(name), Kind::Sum), (mean_of_groups(name), Kind::Mean)]
                .map(|(total, kind)| (total, (kind, group.panels.as_slice())))
        });
        totals.collect()
    }
}
