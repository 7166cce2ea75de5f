//! One release by itself: every confidential group of every block, bounded from what is public.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use crate::block::{Block, Range, Sum, Told, frames, is_unknown};
use crate::bounds::{range, whole_numbers};
use crate::cell::half_step;
use crate::cell::{Indicator, Place, Shown, TOTAL};
use crate::inner::Inner;
use crate::release::{Known, Release};
use crate::report::{Finding, Kind};

/// Fewest values that a confidential count must leave open.
const VALUES: i64 = 3;
/// Most hidden parts of a whole of which every union is attacked.
const EVERY_UNION: usize = 6;
/// Rounds in which published differences are followed.
const ROUNDS: usize = 5;

/// Another release from which some of what is told comes.
#[derive(Clone, Copy)]
pub struct With<'a> {
    pub name: &'a str,
    /// What the attacked release tells without it.
    pub own: &'a BTreeMap<&'a Place, Told>,
}

/// What was found with what is told, and how many groups were attacked; of several releases only the blocks of which another one
/// tells more.
pub fn attack(
    release: &Release,
    told: &BTreeMap<&Place, Told>,
    against: Option<With<'_>>,
) -> (Vec<Finding>, u64) {
    let frames: Vec<Vec<&Place>> = frames(release);
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = frames.len().div_ceil(workers).max(1);
    let of = |frames: &[Vec<&Place>]| {
        let mut found = (Vec::new(), 0);
        for places in frames {
            let (findings, groups) = of_block(release, places, told, against);
            found.0.extend(findings);
            found.1 += groups;
        }
        found
    };
    thread::scope(|scope| {
        let parts: Vec<_> =
            frames.chunks(share).map(|part| scope.spawn(move || of(part))).collect();
        let mut all = (Vec::new(), 0);
        for part in parts {
            let (findings, groups) = part.join().expect("an attack does not panic");
            all.0.extend(findings);
            all.1 += groups;
        }
        all
    })
}

/// What the public figures tell of each cell: rounding, the middle of intervals, published differences.
pub fn told(release: &Release) -> BTreeMap<&Place, Told> {
    let places: Vec<&Place> = release.shown.keys().collect();
    let shown = release.shown.iter();
    let mut all: Vec<Told> = shown.map(|(place, shown)| of_cell(release, place, shown)).collect();
    let position = |place: &Place| places.binary_search(&place).ok();
    let differences: Vec<(usize, usize, Range)> = release
        .differences
        .iter()
        .filter_map(|own| {
            let (first, second) = (position(&own.first)?, position(&own.second)?);
            Some((first, second, crate::block::difference_told(release, own)))
        })
        .collect();
    let sums: Vec<Followed> =
        release.sums.iter().map(|known| Followed::new(release, known, &position)).collect();
    for _ in 0..ROUNDS {
        let mut narrower = false;
        for &(from, to, (low, high)) in &differences {
            let (Some(first), Some(second)) = (all[from].value, all[to].value) else { continue };
            let new_to = both(second, (first.0 + low, first.1 + high));
            let new_from = both(first, (second.0 - high, second.1 - low));
            narrower |= new_to != second || new_from != first;
            all[from].value = Some(new_from);
            all[to].value = Some(new_to);
        }
        for sum in &sums {
            narrower |= sum.narrow(&mut all);
        }
        if !narrower {
            break;
        }
    }
    let mut told: BTreeMap<&Place, Told> = places.into_iter().zip(all).collect();
    bases_of_shares(release, &mut told);
    told
}

/// A published sum, by the positions of its figures.
struct Followed {
    /// None where a figure is not shown.
    terms: Vec<(Option<usize>, f64)>,
    sum: Range,
    /// Ends of the scale, where there are any.
    scale: Option<Range>,
}

impl Followed {
    fn new(release: &Release, known: &Known, position: &dyn Fn(&Place) -> Option<usize>) -> Self {
        let indicator = release.indicator(&known.terms[0].0.indicator);
        let half = if known.is_rounded { half_step(known.sum, indicator.decimals) } else { 1e-7 };
        Self {
            terms: known.terms.iter().map(|(place, sign)| (position(place), *sign)).collect(),
            sum: (known.sum - half, known.sum + half),
            scale: indicator.is_proportion.then_some((0.0, indicator.unit)),
        }
    }

    /// Narrows the figures by each other; of one that is not shown only the ends of its scale are known.
    fn narrow(&self, told: &mut [Told]) -> bool {
        let ranges: Vec<Option<Range>> =
            self.terms.iter().map(|(at, _)| at.and_then(|at| told[at].value)).collect();
        if self.scale.is_none() && ranges.iter().any(Option::is_none) {
            return false;
        }
        let signed =
            |(low, high): Range, sign: f64| if sign > 0.0 { (low, high) } else { (-high, -low) };
        let of = |(range, (_, sign)): (&Option<Range>, &(Option<usize>, f64))| {
            signed(range.or(self.scale).unwrap_or_default(), *sign)
        };
        let all: Vec<Range> = ranges.iter().zip(&self.terms).map(of).collect();
        let (low, high) = all.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        let mut narrower = false;
        for ((at, sign), (before, own)) in self.terms.iter().zip(ranges.iter().zip(&all)) {
            let (Some(at), Some(before)) = (*at, *before) else { continue };
            let rest = (self.sum.0 - (high - own.1), self.sum.1 - (low - own.0));
            let new = both(before, signed(rest, *sign));
            if new != before {
                told[at].value = Some(new);
                narrower = true;
            }
        }
        narrower
    }
}

/// The base of the shares of a question is that of the figures that count its answers.
fn bases_of_shares<'r>(release: &'r Release, told: &mut BTreeMap<&'r Place, Told>) {
    for question in &release.questions {
        let base = question.shares.iter().find_map(|share| told.get(share)?.base);
        for (total, _) in &question.counting {
            if let (Some(base), Some((place, _))) = (base, release.truth.get_key_value(total)) {
                let own = &mut told.entry(place).or_default().base;
                *own = own.or(Some(base));
            }
        }
    }
}

/// What two ranges tell together; the first where they contradict each other.
fn both(one: Range, other: Range) -> Range {
    let both = (one.0.max(other.0), one.1.min(other.1));
    if both.0 <= both.1 { both } else { one }
}

fn of_cell(release: &Release, place: &Place, shown: &Shown) -> Told {
    let indicator = release.indicator(&place.indicator);
    let rounded = |value: f64| {
        let half = half_step(value, indicator.decimals);
        (value - half, value + half)
    };
    let value = shown.value.map(|value| {
        let middle = shown.interval.and_then(|(lower, upper)| {
            middle(
                rounded(lower),
                rounded(upper),
                indicator.is_proportion.then_some(indicator.unit),
            )
        });
        let truth = release.truth.get(place).map_or(value, |truth| truth.value);
        let fits = |middle: &Range| middle.0 <= truth && truth <= middle.1;
        middle.filter(fits).map_or(rounded(value), |middle| both(rounded(value), middle))
    });
    let base = shown.n.map(|n| base_told(n, release.disclosure.base_multiple));
    Told { value, base }
}

/// Bases that are published as this one: nearest multiple, half up.
fn base_told(shown: f64, multiple: f64) -> Range {
    let below = (multiple / 2.0).floor();
    if (shown / multiple).fract() > 1e-9 {
        return (shown, shown);
    }
    ((shown - below).max(0.0), shown - below + multiple - 1.0)
}

/// The figure in the middle of its interval: of a share on the scale of logits.
fn middle(lower: Range, upper: Range, unit: Option<f64>) -> Option<Range> {
    let Some(unit) = unit else {
        return Some((f64::midpoint(lower.0, upper.0), f64::midpoint(lower.1, upper.1)));
    };
    if lower.0 <= 0.0 || upper.1 >= unit {
        return None;
    }
    let logit = |value: f64| (value / (unit - value)).ln();
    let back = |logit: f64| unit / (1.0 + (-logit).exp());
    let middle = |lower: f64, upper: f64| back(f64::midpoint(logit(lower), logit(upper)));
    Some((middle(lower.0, upper.0), middle(lower.1, upper.1)))
}

fn of_block(
    release: &Release,
    places: &[&Place],
    told: &BTreeMap<&Place, Told>,
    against: Option<With<'_>>,
) -> (Vec<Finding>, u64) {
    let is_news =
        |with: With<'_>| places.iter().any(|place| told.get(place) != with.own.get(place));
    if against.is_some_and(|with| !is_news(with)) {
        return (Vec::new(), 0);
    }
    let is_confidential = |place: &Place| {
        let truth = &release.truth[place];
        truth.is_asked && release.is_confidential(truth.n, truth.yes)
    };
    // Totals are attacked in their own block, and again in breakdowns from which they could follow.
    if !places.iter().any(|place| is_confidential(place)) {
        return (Vec::new(), 0);
    }
    let block = Block::new(release, places, told);
    let groups = groups(release, &block);
    let count = groups.len() as u64;
    let name = against.map(|with| with.name);
    let (counts, masses) = block.truth();
    let inner = [Inner::new(&block.counts, counts), Inner::new(&block.masses, masses)];
    let found =
        groups.into_iter().filter_map(|group| of_group(release, &block, &inner, &group, name));
    (found.collect(), count)
}

/// Confidential cells, and confidential unions of confidential cells that have a whole together.
fn groups(release: &Release, block: &Block<'_>) -> BTreeSet<Vec<usize>> {
    // Answers are of the same people, levels of others.
    let is_confidential = |cells: &[usize], are_answers: bool| {
        let n = cells.iter().map(|&cell| block.truths[cell].n);
        let n = if are_answers { n.fold(0.0, f64::max) } else { n.sum() };
        let yes = cells.iter().map(|&cell| block.truths[cell].yes).sum::<Option<f64>>();
        release.is_confidential(n, yes)
    };
    let mut groups: BTreeSet<Vec<usize>> = (0..block.places.len())
        .map(|cell| vec![cell])
        .filter(|cell| is_confidential(cell, false))
        .collect();
    let parts_of = |sum: &Sum| -> Vec<usize> {
        sum.terms.iter().filter(|(_, sign)| *sign > 0.0).map(|(cell, _)| *cell).collect()
    };
    let levels = block.counts.sums.iter().map(|sum| (parts_of(sum), false));
    let answers = block.questions.iter().map(|shares| (shares.clone(), true));
    for (parts, are_answers) in levels.chain(answers) {
        let all = parts.len();
        let mut few: Vec<usize> =
            parts.into_iter().filter(|cell| groups.contains(&vec![*cell])).collect();
        few.sort_unstable();
        few.truncate(EVERY_UNION);
        for chosen in 0..1_usize << few.len() {
            let union: Vec<usize> = few
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen >> place & 1 == 1)
                .map(|(_, &cell)| cell)
                .collect();
            // All answers together are everybody.
            let is_everybody = are_answers && union.len() == all;
            if union.len() > 1 && !is_everybody && is_confidential(&union, are_answers) {
                groups.insert(union);
            }
        }
    }
    groups
}

fn of_group(
    release: &Release,
    block: &Block<'_>,
    [counts, masses]: &[Inner<'_>; 2],
    group: &[usize],
    against: Option<&str>,
) -> Option<Finding> {
    let finding = |kind: Kind, arithmetic: String| Finding {
        kind,
        against: against.map(str::to_owned),
        place: name(block, group),
        arithmetic,
    };
    let shows = |cell: &usize| {
        release.shown.get(block.places[*cell]).is_some_and(|shown| shown.value.is_some())
    };
    if let ([only], true) = (group, group.iter().all(shows)) {
        let truth = block.truths[*only];
        let what = format!(
            "its figure is shown, though fewer than {} respondents, or fewer than {} with one answer, are confidential ({} respondents)",
            release.disclosure.minimum_base_confidential, release.disclosure.minimum_cell, truth.n
        );
        return Some(finding(Kind::Shown, what));
    }
    let counted: Vec<(usize, f64)> = group.iter().map(|&cell| (cell, 1.0)).collect();
    let contradiction =
        || Some(finding(Kind::Contradiction, "no numbers fit the public figures".to_owned()));
    if !counts.reaches(group, |range| whole_numbers(range) >= VALUES) {
        let Some((low, high)) = range(&block.counts, &counted) else { return contradiction() };
        let people = (low.max(0.0), high);
        if whole_numbers(people) < VALUES {
            return Some(finding(Kind::Respondents, counts_of(block, group, people)));
        }
    }
    let share: f64 = group.iter().map(|&cell| block.share(cell)).sum();
    if share <= 0.0 {
        return None;
    }
    let indicator = release.indicator(&block.places[group[0]].indicator);
    let n: f64 = group.iter().map(|&cell| block.truths[cell].n).sum();
    let of_mass = |(low, high): Range| (low / share, high / share);
    if masses.reaches(group, |range| answers(&indicator, n, of_mass(range)).is_none()) {
        return None;
    }
    let Some((low, high)) = range(&block.masses, &counted) else { return contradiction() };
    let value = of_mass((low, high));
    answers(&indicator, n, value).map(|kind| finding(kind, values_of(block, group, n, value)))
}

/// What follows of the answers of a group with such a value, for those who know how many they are.
pub fn answers(indicator: &Indicator, n: f64, value: Range) -> Option<Kind> {
    const HAIR: f64 = 1e-6;
    let unit = if indicator.is_proportion { indicator.unit } else { 1.0 };
    let sums = (value.0 / unit * n, value.1 / unit * n);
    let most = if indicator.is_proportion { VALUES.min(n.round() as i64 + 1) } else { VALUES };
    if indicator.is_proportion && sums.1 < 1.0 - HAIR {
        Some(Kind::Nobody)
    } else if indicator.is_proportion && sums.0 > n - 1.0 + HAIR {
        Some(Kind::Everybody)
    } else if whole_numbers(sums) < most {
        Some(Kind::Answers)
    } else {
        None
    }
}

pub fn name(block: &Block<'_>, group: &[usize]) -> String {
    let first = block.places[group[0]];
    let levels: Vec<&str> = group.iter().map(|&cell| block.places[cell].level.as_str()).collect();
    let panels: BTreeSet<&str> =
        group.iter().map(|&cell| block.places[cell].panel.as_str()).collect();
    let panels: Vec<&str> = panels.into_iter().collect();
    let of = if first.breakdown == TOTAL {
        String::new()
    } else {
        format!(" by {}, `{}`", first.breakdown, levels.join("` + `"))
    };
    format!("{} {} {}{of}", first.indicator, panels.join(" + "), first.wave)
}

fn text((low, high): Range, digits: usize) -> String {
    if high - low < 1e-5 {
        format!("{low:.digits$}")
    } else {
        format!("{low:.digits$}..{high:.digits$}")
    }
}

/// The whole and its other parts, as the attacker reads them.
fn counts_of(block: &Block<'_>, group: &[usize], people: Range) -> String {
    let terms =
        terms(block, group, &|cell| text(block.counts.numbers[cell].range, 0), &block.counts.sums);
    format!("respondents {}: {terms}", text(people, 0))
}

fn values_of(block: &Block<'_>, group: &[usize], n: f64, value: Range) -> String {
    let of = |cell: usize| {
        let (low, high) = block.masses.numbers[cell].range;
        let share = block.share(cell);
        let total = block
            .places
            .iter()
            .position(|place| place.breakdown == TOTAL && place.panel == block.places[cell].panel);
        let weight = share / total.map_or(1.0, |total| block.share(total));
        format!("{} x {weight:.4}", text((low / share, high / share), 3))
    };
    let terms = terms(block, group, &of, &block.masses.sums);
    format!("{n} respondents with {}: {terms}", text(value, 3))
}

fn terms(block: &Block<'_>, group: &[usize], of: &dyn Fn(usize) -> String, sums: &[Sum]) -> String {
    let holds = |sum: &&Sum| group.iter().all(|cell| sum.terms.iter().any(|(at, _)| at == cell));
    let Some(sum) = sums.iter().find(holds) else { return "from what else is shown".to_owned() };
    let named = |cell: usize| {
        let place = block.places[cell];
        let what =
            if is_unknown(place) || place.breakdown != TOTAL { &place.level } else { &place.panel };
        format!("{what} {}", of(cell))
    };
    let whole = sum.terms.iter().filter(|(_, sign)| *sign < 0.0).map(|(cell, _)| named(*cell));
    let parts = sum
        .terms
        .iter()
        .filter(|(cell, sign)| *sign > 0.0 && !group.contains(cell))
        .map(|(cell, _)| format!("less {}", named(*cell)));
    whole.chain(parts).collect::<Vec<_>>().join(" ")
}
