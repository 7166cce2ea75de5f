//! The blocks of the release: which cells bind one another, and what becomes of them together.

use std::collections::{BTreeMap, BTreeSet};

use config::monitor::{PanelGroup, Protection};

use super::block::{Block, Cell, Difference, Equation, Interval, Kind};
use super::cells::{Exact, Place, TOTAL, UNKNOWN};
use super::program::{Unprotected, hide};
use super::protect::{Published, Rules};
use super::rounding::base_told;
use super::rule::{Verdict, thresholds};
use super::shares::{Family, Questions};
use crate::names::{mean_of_groups, pooled};

/// Cells of one block: an indicator, wave and breakdown, or the totals of all figures of a family.
pub struct Frame<'a> {
    indicators: BTreeSet<&'a str>,
    wave: i32,
    breakdown: &'a str,
    /// Cells with answers, and the totals of their panels.
    members: Vec<usize>,
}

/// Cells by breakdown and indicator.
type Breakdowns<'a> = BTreeMap<[&'a str; 2], Vec<usize>>;

/// The blocks of each family and wave, the totals first: a hidden one is hidden in every breakdown.
pub fn waves<'a>(cells: &'a [Exact], questions: &Questions<'a>) -> Vec<Vec<Frame<'a>>> {
    let mut waves: BTreeMap<(Family<'a>, i32), Breakdowns<'a>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        let Place { indicator, wave, breakdown, .. } = &cell.place;
        let of_wave = waves.entry((questions.family(indicator), *wave)).or_default();
        let of_breakdown = of_wave.entry([breakdown, indicator]).or_default();
        if cell.is_asked && cell.facts.respondents > 0 {
            of_breakdown.push(at);
        }
    }
    let in_order = |mut members: Vec<usize>| {
        members.sort_by(|&one, &other| cells[one].place.cmp(&cells[other].place));
        members
    };
    let frames = |((_, wave), breakdowns): ((Family<'a>, i32), Breakdowns<'a>)| {
        let (totals, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            breakdowns.into_iter().partition(|([breakdown, _], _)| *breakdown == TOTAL);
        let indicators = totals.keys().map(|[_, indicator]| *indicator).collect();
        let members = in_order(totals.values().flatten().copied().collect());
        let first = Frame { indicators, wave, breakdown: TOTAL, members };
        let of_breakdown = |([breakdown, indicator], mut members): ([&'a str; 2], Vec<usize>)| {
            members.extend(totals.get(&[TOTAL, indicator]).into_iter().flatten());
            let indicators = BTreeSet::from([indicator]);
            Frame { indicators, wave, breakdown, members: in_order(members) }
        };
        std::iter::once(first).chain(others.into_iter().map(of_breakdown)).collect()
    };
    waves.into_iter().map(frames).collect()
}

/// Everything that a block is made from.
pub struct Around<'a> {
    pub cells: &'a [Exact],
    pub told: &'a [Interval],
    pub places: &'a BTreeMap<&'a Place, usize>,
    /// By indicator and wave, the differences within these.
    pub differences_of: BTreeMap<(&'a str, i32), Vec<&'a Published>>,
    pub rules: &'a Rules<'a>,
}

impl Around<'_> {
    /// What becomes of the cells of an indicator and wave besides what the rule says of each by itself. Where a group follows
    /// from the total of its panel alone, the total is a secret too, and everything is looked at again.
    pub fn protect(
        &self,
        frames: &[Frame<'_>],
        first: &[Verdict],
    ) -> Result<Vec<(usize, Verdict)>, Unprotected> {
        let mut secret: BTreeSet<usize> = BTreeSet::new();
        'again: loop {
            let mut verdicts = first.to_vec();
            for &total in &secret {
                verdicts[total] = Verdict::Confidential;
            }
            let mut changed: Vec<usize> = secret.iter().copied().collect();
            for frame in frames {
                match self.hide(frame, &verdicts) {
                    Ok(hidden) => {
                        for &at in &hidden {
                            verdicts[at] = Verdict::Secondary;
                        }
                        changed.extend(hidden);
                    }
                    Err(block) => {
                        let known = secret.len();
                        secret.extend(self.shown_totals(&block.cells, &verdicts));
                        if secret.len() == known {
                            return Err(block);
                        }
                        continue 'again;
                    }
                }
            }
            return Ok(changed.into_iter().map(|at| (at, verdicts[at])).collect());
        }
    }

    /// Totals of the panels of these cells, where they are shown.
    fn shown_totals(&self, cells: &[usize], verdicts: &[Verdict]) -> Vec<usize> {
        let total = |&at: &usize| self.places.get(&self.cells[at].place.at(TOTAL, TOTAL)).copied();
        cells.iter().filter_map(total).filter(|&at| verdicts[at].is_shown()).collect()
    }

    /// Positions of the cells that are hidden for others.
    fn hide(&self, frame: &Frame<'_>, verdicts: &[Verdict]) -> Result<Vec<usize>, Unprotected> {
        let members = &frame.members;
        if !members.iter().any(|&at| self.is_confidential(at, verdicts)) {
            return Ok(Vec::new());
        }
        let block = self.block(frame, members, verdicts);
        let hidden = hide(&block, thresholds(self.rules.settings)).map_err(|found| {
            Unprotected { cells: found.cells.iter().map(|&cell| members[cell]).collect(), ..found }
        })?;
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

    fn block(&self, frame: &Frame<'_>, members: &[usize], verdicts: &[Verdict]) -> Block {
        let position: BTreeMap<usize, usize> =
            members.iter().enumerate().map(|(position, &at)| (at, position)).collect();
        let mut cells: Vec<Cell> =
            members.iter().map(|&at| self.cell(frame, at, verdicts)).collect();
        let indicators = frame.indicators.iter();
        let of_wave = indicators.filter_map(|name| self.differences_of.get(&(*name, frame.wave)));
        let differences = of_wave.flatten().filter_map(|&difference| {
            let (first, second) = difference.pair()?;
            let rounding = self.rules.rounding(&self.cells[first].place.indicator);
            let (first, second) = (*position.get(&first)?, *position.get(&second)?);
            Some(Difference { first, second, told: difference.told(rounding) })
        });
        let is_proportion = members.iter().any(|&at| self.cells[at].facts.yes.is_some());
        let mut equations = self.equations(frame, members, &position);
        if frame.breakdown == TOTAL {
            let questions = &self.rules.questions;
            let distributions = questions.distributions(self.cells, members.iter().copied());
            if !distributions.is_empty() {
                let everybody = cells.len();
                cells.push(Cell::whole());
                let of = distributions.iter().flat_map(|own| own.equations(&position, everybody));
                equations.extend(of);
            }
        }
        let names: Vec<&str> = frame.indicators.iter().copied().collect();
        Block {
            name: format!("{} {} by {}", names.join(", "), frame.wave, frame.breakdown),
            cells,
            equations,
            differences: differences.collect(),
            scale: is_proportion.then_some(Interval { low: 0.0, high: 1.0 }),
        }
    }

    fn cell(&self, frame: &Frame<'_>, at: usize, verdicts: &[Verdict]) -> Cell {
        let Exact { place, facts, weight, .. } = &self.cells[at];
        let shown = verdicts[at].is_shown();
        let is_total_of_breakdown = place.breakdown == TOTAL && frame.breakdown != TOTAL;
        let is_counted = verdicts[at] == Verdict::Counted;
        let may_hide = (shown || is_counted) && !is_total_of_breakdown;
        // What was told of a group when it was no small one is no news.
        let known = (verdicts[at] != Verdict::Confidential).then(|| self.rules.known.of(at));
        let (base_known, figure_known) = known.unwrap_or_default();
        // The base of a share is that of its question; with a figure of it withheld, it is not told.
        let is_share = self.rules.questions.answer(&place.indicator).is_some();
        let base_known = base_known.filter(|_| !is_share);
        let base = base_told(facts.respondents, self.rules.multiple());
        let with =
            |own: Interval, known: Option<Interval>| known.map_or(own, |known| own.and(known));
        Cell {
            name: format!("{} `{}`", place.panel, place.level),
            respondents: facts.respondents,
            yes: facts.yes,
            weight: *weight,
            value: Some(facts.value).filter(|value| value.is_finite() && *weight > 0.0),
            base: with(base, base_known),
            figure: with(self.told[at], figure_known),
            base_shown: (shown || is_counted) && !is_share,
            figure_shown: shown,
            base_known,
            figure_known,
            cost: may_hide.then(|| self.cost(at)),
            confidential: self.is_confidential(at, verdicts),
        }
    }

    /// First as few cells as can be, then those that are to be kept, then few respondents.
    fn cost(&self, at: usize) -> f64 {
        let place = &self.cells[at].place;
        if place.level == UNKNOWN {
            // Only a number of people is lost.
            return 0.5;
        }
        if self.rules.questions.answer(&place.indicator).is_some() {
            return 0.6;
        }
        let keep = &self.rules.settings.keep;
        let kept = keep.iter().position(|level| *level == place.level);
        let rank = kept.map_or(0.0, |rank| (keep.len() - rank) as f64 / keep.len() as f64);
        let size = self.cells[at].facts.respondents as f64;
        1.0 + 0.05 * rank + 0.001 * size / (size + 1000.0)
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
        let (weights, people) =
            own.map_or((*weight, facts.respondents), |own| (own.weight, own.facts.respondents));
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

#[cfg(test)]
mod tests;
