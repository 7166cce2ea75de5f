//! What binds the cells of an indicator, wave and breakdown: unknown masses between bounds, sums of them, and differences.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Place, TOTAL, Truth, UNKNOWN, half_step};
use crate::question::Question;
use crate::release::Release;
use crate::text::Text;

/// Lowest and highest that a number can be.
pub type Range = (f64, f64);

/// A number that the attacker looks for, e.g. the respondents of a cell.
#[derive(Debug, Clone)]
pub struct Number {
    pub range: Range,
}

/// Some numbers with their coefficients.
pub type Terms = Vec<(usize, f64)>;

/// What some numbers sum to.
#[derive(Debug, Clone)]
pub struct Sum {
    pub terms: Terms,
    pub range: Range,
}

/// Two numbers whose difference is known: `Σ coefficient · number` lies in the range.
#[derive(Debug, Clone)]
pub struct Tie {
    pub terms: [(usize, f64); 2],
    pub range: Range,
}

/// A system of numbers.
#[derive(Debug, Clone, Default)]
pub struct System {
    pub numbers: Vec<Number>,
    pub sums: Vec<Sum>,
    pub ties: Vec<Tie>,
}

/// The cells of a block with what is told of them.
pub struct Block<'a> {
    pub places: Vec<&'a Place>,
    positions: BTreeMap<&'a Place, usize>,
    pub truths: Vec<&'a Truth>,
    pub counts: System,
    /// Weight times value of each cell, the whole of the largest cell being 1.
    pub masses: System,
    /// Scale of the masses.
    pub scale: f64,
    /// The shares of each question, by position.
    pub questions: Vec<Vec<usize>>,
}

/// What is told of a value and of a base; a release before may tell more than the figure itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    pub value: Option<Range>,
    pub base: Option<Range>,
}

/// Places of a block by indicator, wave and breakdown; the totals of all figures about one question stand together.
pub fn frames(release: &Release) -> Vec<Vec<&Place>> {
    let mut frames: BTreeMap<(&str, i64, &str), Vec<&Place>> = BTreeMap::new();
    for place in release.truth.keys() {
        let key = (place.indicator.as_str(), place.wave, place.breakdown.as_str());
        frames.entry(key).or_default().push(place);
    }
    let mut blocks: Vec<Vec<&Place>> = Vec::new();
    for ((indicator, wave, breakdown), places) in &frames {
        if *breakdown != TOTAL {
            let totals = frames.get(&(*indicator, *wave, TOTAL)).into_iter().flatten();
            blocks.push(places.iter().chain(totals).copied().collect());
        }
    }
    let mut asked: BTreeMap<&str, &str> = BTreeMap::new();
    for Question { concept, shares, counting } in &release.questions {
        let figures = shares.iter().chain(counting.iter().map(|(total, _)| total));
        asked.extend(figures.map(|place| (place.indicator.as_str(), concept.as_str())));
    }
    let mut totals: BTreeMap<(Option<&str>, &str, i64), Vec<&Place>> = BTreeMap::new();
    for ((indicator, wave, _), places) in frames.iter().filter(|(key, _)| key.2 == TOTAL) {
        let question = asked.get(indicator).copied();
        let own = if question.is_some() { "" } else { *indicator };
        totals.entry((question, own, *wave)).or_default().extend(places);
    }
    blocks.extend(totals.into_values());
    blocks
}

impl<'a> Block<'a> {
    pub fn new(release: &'a Release, places: &[&'a Place], told: &BTreeMap<&Place, Told>) -> Self {
        let somebody = |place: &&&Place| {
            let truth = &release.truth[**place];
            truth.is_asked && truth.n > 0.5
        };
        let places: Vec<&Place> = places.iter().filter(somebody).copied().collect();
        let truths: Vec<&Truth> = places.iter().map(|place| &release.truth[*place]).collect();
        let scale = truths.iter().map(|truth| truth.weight).fold(f64::MIN_POSITIVE, f64::max);
        let positions = places.iter().enumerate().map(|(at, place)| (*place, at)).collect();
        let (counts, masses) = (System::default(), System::default());
        let questions = Vec::new();
        let mut block = Self { places, positions, truths, counts, masses, scale, questions };
        block.numbers(release, told);
        block.sums(release);
        block.answers(release);
        block.ties(release);
        block
    }

    /// The true respondents and masses of the cells: numbers that fit both systems.
    pub fn truth(&self) -> (Vec<f64>, Vec<f64>) {
        let counts = self.truths.iter().map(|truth| truth.n).collect();
        let mass = |cell: usize| {
            let (low, high) = self.masses.numbers[cell].range;
            if self.has_value(cell) {
                self.share(cell) * self.truths[cell].value
            } else {
                0.0_f64.clamp(low.min(high), high)
            }
        };
        (counts, (0..self.places.len()).map(mass).collect())
    }

    pub fn share(&self, cell: usize) -> f64 {
        self.truths[cell].weight / self.scale
    }

    /// Whether a cell has a figure: a mean of groups has none where one has nobody.
    fn has_value(&self, cell: usize) -> bool {
        self.truths[cell].value.is_finite() && self.truths[cell].weight > 0.0
    }

    /// Adds to the masses a sum of cells that all have figures.
    fn add_mass(&mut self, terms: Terms, range: Range) {
        if terms.iter().all(|(cell, _)| self.has_value(*cell)) {
            self.masses.sums.push(Sum { terms, range });
        }
    }

    fn add_count(&mut self, terms: Terms) {
        self.counts.sums.push(Sum { terms, range: (0.0, 0.0) });
    }

    fn numbers(&mut self, release: &Release, told: &BTreeMap<&Place, Told>) {
        let most = self.truths.iter().map(|truth| truth.n).fold(0.0, f64::max) * 3.0 + 100.0;
        for (cell, place) in self.places.iter().enumerate() {
            let known = told.get(place).cloned().unwrap_or_default();
            let number =
                |range: Option<Range>, open: Range| Number { range: range.unwrap_or(open) };
            // How many answered a question is what its figures tell; of a share only the answers are a secret.
            let indicator = release.indicator(&place.indicator);
            let base = known.base.filter(|_| !indicator.is_share);
            self.counts.numbers.push(number(base, (0.0, most)));
            let share = self.truths[cell].weight / self.scale;
            let open = values(indicator.is_proportion, indicator.unit, self.truths[cell].value);
            let times = |(low, high): Range| (low * share, high * share);
            self.masses.numbers.push(number(known.value.map(times), times(open)));
        }
    }

    fn position(&self, place: &Place) -> Option<usize> {
        self.positions.get(place).copied()
    }

    fn sums(&mut self, release: &Release) {
        let mut rows: BTreeMap<&str, (Option<usize>, Vec<usize>)> = BTreeMap::new();
        for (cell, place) in self.places.iter().enumerate() {
            let row = rows.entry(&place.panel).or_default();
            if place.breakdown == TOTAL { row.0 = Some(cell) } else { row.1.push(cell) }
        }
        for (panel, (whole, levels)) in rows {
            let Some(whole) = whole.filter(|_| !levels.is_empty()) else { continue };
            let terms: Terms =
                levels.iter().map(|&level| (level, 1.0)).chain([(whole, -1.0)]).collect();
            if release.groups.get(panel).is_none_or(|group| !group.is_mean) {
                let range = self.unsure(release, whole, &levels);
                self.add_mass(terms.clone(), range);
            }
            self.add_count(terms);
        }
        for whole in 0..self.places.len() {
            let place = self.places[whole];
            let Some(group) = release.groups.get(&place.panel) else { continue };
            let of_panel = |panel: &Text| {
                let own = Place { panel: panel.clone(), ..place.clone() };
                // A panel that was not asked for its background is unknown as a whole.
                let is_asked = self
                    .places
                    .iter()
                    .any(|other| other.panel == *panel && other.breakdown == place.breakdown);
                let total =
                    Place { level: Text::from(TOTAL), breakdown: Text::from(TOTAL), ..own.clone() };
                self.position(if is_unknown(place) && !is_asked { &total } else { &own })
            };
            let members: Vec<usize> = group.members.iter().filter_map(of_panel).collect();
            if members.is_empty() {
                continue;
            }
            let ones = members.iter().map(|&member| (member, 1.0));
            let counts: Terms = ones.chain([(whole, -1.0)]).collect();
            let masses = if group.is_mean && self.has_value(whole) {
                // Values and not masses add up to the mean.
                let parts = members.iter().map(|&member| (member, 1.0 / self.share(member)));
                let mean = -(members.len() as f64) / self.share(whole);
                normal(parts.chain([(whole, mean)]).collect())
            } else {
                counts.clone()
            };
            self.add_count(counts);
            self.add_mass(masses, (0.0, 0.0));
        }
    }

    /// The shares of a question make a whole, and some of them a figure; all are of the same people.
    fn answers(&mut self, release: &Release) {
        for Question { shares, counting, .. } in &release.questions {
            let Some(positions) =
                shares.iter().map(|share| self.position(share)).collect::<Option<Vec<usize>>>()
            else {
                continue;
            };
            let everybody = 100.0 * self.share(positions[0]);
            let ones = |cells: &[usize]| cells.iter().map(|&cell| (cell, 1.0)).collect::<Terms>();
            self.add_mass(ones(&positions), (everybody, everybody));
            for (total, parts) in counting {
                let parts = parts.iter().map(|part| self.position(part));
                let parts = parts.collect::<Option<Vec<usize>>>();
                if let (Some(total), Some(parts)) = (self.position(total), parts) {
                    let mut terms = ones(&parts);
                    terms.push((total, -1.0));
                    self.add_mass(terms, (0.0, 0.0));
                }
            }
            self.questions.push(positions);
        }
    }

    /// How far the masses may seem to miss their total, since those whose background is unknown are known rounded only: for each
    /// of them more, the others count for less.
    fn unsure(&self, release: &Release, whole: usize, levels: &[usize]) -> Range {
        let total = self.truths[whole];
        let unknown = levels.iter().find(|level| is_unknown(self.places[**level]));
        let count = unknown.map_or(0.0, |unknown| self.truths[*unknown].n);
        let own = unknown.map(|unknown| self.truths[*unknown]).filter(|own| own.weight > 0.0);
        let one = own.map_or(total.weight / total.n, |own| own.weight / own.n);
        let multiple = release.disclosure.base_multiple;
        let below = (multiple / 2.0).floor();
        let shown = ((count + below) / multiple).floor() * multiple;
        let (low, high) = ((shown - below).max(0.0), shown - below + multiple - 1.0);
        let mass = total.value * one / self.scale;
        ((low - count) * mass, (high - count) * mass)
    }

    fn ties(&mut self, release: &Release) {
        let names: BTreeSet<(Text, i64)> =
            self.places.iter().map(|place| (place.indicator.clone(), place.wave)).collect();
        let within = names.iter().filter_map(|name| release.within.get(name));
        for &at in within.flatten() {
            let difference = &release.differences[at];
            let (first, second) = (&difference.first, &difference.second);
            let (Some(from), Some(to)) = (self.position(first), self.position(second)) else {
                continue;
            };
            let terms = [(to, 1.0 / self.share(to)), (from, -1.0 / self.share(from))];
            self.masses.ties.push(Tie { terms, range: difference_told(release, difference) });
        }
    }
}

/// Coefficients of which the largest is 1.
fn normal(sum: Terms) -> Terms {
    let largest = sum.iter().map(|(_, share)| share.abs()).fold(0.0, f64::max);
    sum.into_iter().map(|(cell, share)| (cell, share / largest)).collect()
}

/// Values that a figure of this kind can have.
fn values(is_proportion: bool, unit: f64, value: f64) -> Range {
    if is_proportion {
        (0.0, unit)
    } else if (0.0..=10.0).contains(&value) {
        (0.0, 10.0)
    } else {
        (-1e4 * value.abs().max(1.0), 1e4 * value.abs().max(1.0))
    }
}

/// The exact differences that are shown as this one.
pub fn difference_told(release: &Release, difference: &crate::release::Difference) -> Range {
    let indicator = release.indicator(&difference.second.indicator);
    let half = half_step(difference.value, indicator.decimals);
    let mut told = (difference.value - half, difference.value + half);
    if let (Some((lower, upper)), false) = (difference.interval, indicator.is_proportion) {
        // Intervals of differences of means are symmetric.
        let middle = f64::midpoint(lower, upper);
        let narrower = (told.0.max(middle - half), told.1.min(middle + half));
        let from = release.truth.get(&difference.first).map_or(f64::NAN, |truth| truth.value);
        let to = release.truth.get(&difference.second).map_or(f64::NAN, |truth| truth.value);
        if (narrower.0..=narrower.1).contains(&(to - from)) {
            told = narrower;
        }
    }
    told
}

pub fn is_unknown(place: &Place) -> bool {
    place.level == UNKNOWN
}
