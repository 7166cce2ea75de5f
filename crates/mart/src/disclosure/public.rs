//! What everybody may read: rounded figures of the cells that are shown, and comparisons between them only.

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch};
use config::monitor::{Gap, GapPair, Significance};

use super::cells::{Exact, Place};
use super::families::{Decision, Families, Tested};
use super::protect::{Published, Rules};
use super::rounding::round_to;
use super::rule::Verdict;
use crate::compared::Compared;
use crate::error::Error;
use crate::table::{Columns, numbers, small, text};

/// Decimals of a p value, as a step.
const P_STEP: f64 = 0.001;

/// All cells with their verdicts.
pub struct Decided<'a> {
    pub cells: &'a [Exact],
    pub verdicts: &'a [Verdict],
    pub positions: BTreeMap<&'a Place, usize>,
    pub rules: &'a Rules<'a>,
}

impl<'a> Decided<'a> {
    pub fn new(cells: &'a [Exact], verdicts: &'a [Verdict], rules: &'a Rules<'a>) -> Self {
        Self { cells, verdicts, positions: positions(cells), rules }
    }

    fn shown(&self, at: Option<usize>) -> bool {
        at.is_some_and(|at| self.verdicts[at].is_shown())
    }

    pub fn rounded(&self, indicator: &str, exact: f64) -> Option<f64> {
        exact.is_finite().then(|| self.rules.shown_rounding(indicator).shown(exact))
    }

    /// The mart `change`: a comparison of which one end is not shown would tell that end.
    pub fn change(
        &self,
        compared: &Compared,
        significance: &Significance,
        families: &dyn Families,
    ) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let pairs = changes(exact, &self.positions)?;
        let (call, against) = (text(exact, "call")?, text(exact, "against")?);
        let shown: Vec<bool> = pairs.iter().map(|pair| self.is_shown(pair)).collect();
        let is_tested = |row: usize| shown[row] && compared.tests[row].is_some();
        let mut members: BTreeMap<(&str, i32, &str, &str), Vec<usize>> = BTreeMap::new();
        for row in (0..pairs.len()).filter(|&row| is_tested(row)) {
            let place = &pairs[row].place;
            let family =
                (place.panel.as_str(), place.wave, place.breakdown.as_str(), against.value(row));
            members.entry(family).or_default().push(row);
        }
        let decided = decide(&compared.tests, members.into_values(), families, |row| {
            significance.equal_when_rounded_is_stable && self.are_equal(&pairs[row])
        });
        let called = (0..pairs.len()).map(|row| match (&decided[row], call.value(row)) {
            (_, said) if self.is_withheld(&pairs[row]) && said != "not_comparable" => "withheld",
            (Some(_), "not_comparable") | (None, _) => call.value(row),
            (Some(decision), _) if !decision.is_called => "stable",
            _ if pairs[row].difference > 0.0 => "increased",
            _ => "decreased",
        });
        let called: Vec<&str> = called.collect();
        let columns = places(&pairs)
            .text("against", (0..pairs.len()).map(|row| against.value(row)))
            .small("reference_wave", small(exact, "reference_wave")?.iter().flatten());
        let columns = self.compared(columns, &pairs, &shown, &decided);
        let (overlap, duplicate) = (text(exact, "overlap")?, text(exact, "duplicate_of")?);
        columns
            .text("call", called)
            .text("overlap", (0..pairs.len()).map(|row| overlap.value(row)))
            .maybe_text("duplicate_of", duplicate.iter().map(|of| of.filter(|of| !of.is_empty())))
            .build()
    }

    /// All figures that the comparison is made of are shown.
    pub fn is_shown(&self, pair: &Pair) -> bool {
        self.shown(pair.first) && self.shown(pair.second) && !self.is_withheld(pair)
    }

    /// One of the figures that the comparison is made of is withheld.
    fn is_withheld(&self, pair: &Pair) -> bool {
        let ends = pair.first.into_iter().chain(pair.second);
        let mut all = ends.chain(pair.between.iter().copied());
        all.any(|at| self.verdicts[at].is_withheld())
    }

    /// Both figures are shown as the same number; a trend is no difference between its ends.
    fn are_equal(&self, pair: &Pair) -> bool {
        if !pair.is_difference {
            return false;
        }
        let figure = |at: Option<usize>| {
            at.and_then(|at| self.rounded(&pair.place.indicator, self.cells[at].facts.value))
        };
        figure(pair.first) == figure(pair.second)
    }

    /// The mart `contrast`: pairs of levels that are both shown.
    pub fn contrast(
        &self,
        compared: &Compared,
        families: &dyn Families,
    ) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let (level_a, level_b) = (text(exact, "level_a")?, text(exact, "level_b")?);
        let mut pairs = contrasts(exact, &self.positions)?;
        let rows: Vec<usize> = (0..pairs.len()).filter(|&row| self.is_shown(&pairs[row])).collect();
        pairs.retain(|pair| self.is_shown(pair));
        let tests: Vec<Option<Vec<f64>>> =
            rows.iter().map(|&row| compared.tests[row].clone()).collect();
        let mut members: BTreeMap<(&str, &str, i32, &str), Vec<usize>> = BTreeMap::new();
        for (row, pair) in pairs.iter().enumerate().filter(|(row, _)| tests[*row].is_some()) {
            let Place { indicator, panel, wave, breakdown, .. } = &pair.place;
            members.entry((indicator, panel, *wave, breakdown)).or_default().push(row);
        }
        let decided = decide(&tests, members.into_values(), families, |_| false);
        let shown = vec![true; pairs.len()];
        let columns = Columns::default()
            .text("indicator", pairs.iter().map(|pair| pair.place.indicator.as_str()))
            .text("panel", pairs.iter().map(|pair| pair.place.panel.as_str()))
            .small("wave", pairs.iter().map(|pair| pair.place.wave))
            .text("breakdown", pairs.iter().map(|pair| pair.place.breakdown.as_str()))
            .text("level_a", rows.iter().map(|&row| level_a.value(row)))
            .text("level_b", rows.iter().map(|&row| level_b.value(row)))
            .texts("cell_a", pairs.iter().map(|pair| pair.place.cell()))
            .texts(
                "cell_b",
                rows.iter().zip(&pairs).map(|(&row, pair)| {
                    pair.place.at(&pair.place.breakdown, level_b.value(row)).cell()
                }),
            );
        let call = pairs.iter().zip(&decided).map(|(pair, decision)| match decision {
            None => "no_test",
            Some(decision) if !decision.is_called => "not_different",
            Some(_) if pair.difference > 0.0 => "higher",
            Some(_) => "lower",
        });
        self.compared(columns, &pairs, &shown, &decided).text("call", call).build()
    }

    pub fn compared(
        &self,
        columns: Columns,
        pairs: &[Pair],
        shown: &[bool],
        decided: &[Option<Decision>],
    ) -> Columns {
        let figure = |of: &dyn Fn(&Pair) -> Option<f64>| -> Vec<Option<f64>> {
            let rounded = |(pair, shown): (&Pair, &bool)| {
                self.rounded(&pair.place.indicator, of(pair).filter(|_| *shown)?)
            };
            pairs.iter().zip(shown).map(rounded).collect()
        };
        let step = |p: f64| round_to(p, P_STEP);
        let p = pairs.iter().zip(shown).map(|(pair, shown)| pair.p.filter(|_| *shown).map(step));
        let adjusted = decided
            .iter()
            .map(|decision| decision.as_ref().map(|decision| step(decision.p_adjusted)));
        // Bounds at the level of the family say nothing more of the difference than its rounded value does: they are that
        // value less and plus how far they reach, each rounded.
        let reached = |of: &dyn Fn(&Pair, &Decision) -> (f64, f64)| -> Vec<Option<f64>> {
            let rounded = |(pair, decision): (&Pair, &Option<Decision>)| {
                let (from, reach) = of(pair, decision.as_ref()?);
                let indicator = &pair.place.indicator;
                let reach = self.rounded(indicator, reach)?;
                let bound = self.rounded(indicator, from)? + reach;
                Some(self.rules.shown_rounding(indicator).again(bound))
            };
            pairs.iter().zip(decided).map(rounded).collect()
        };
        columns
            .numbers("difference", figure(&|pair| Some(pair.difference)))
            .numbers("ci_lower", figure(&|pair| Some(pair.interval?.0)))
            .numbers("ci_upper", figure(&|pair| Some(pair.interval?.1)))
            .numbers(
                "ci_adjusted_lower",
                reached(&|pair, decision| (pair.difference, decision.interval.0 - pair.difference)),
            )
            .numbers(
                "ci_adjusted_upper",
                reached(&|pair, decision| (pair.difference, decision.interval.1 - pair.difference)),
            )
            .numbers("detectable_difference", reached(&|_, decision| (0.0, decision.detectable)))
            .numbers("p", p)
            .numbers("p_adjusted", adjusted)
    }

    /// The mart `gap`: differences of pairs of indicators, where both are shown.
    pub fn gap(&self, gaps: &[Gap]) -> Result<RecordBatch, Error> {
        let rows = gap_rows(gaps, self.cells, &self.positions);
        let shown = |row: &&GapRow<'_>| self.shown(Some(row.first)) && self.shown(Some(row.second));
        let rows: Vec<&GapRow<'_>> = rows.iter().filter(shown).collect();
        let place = |row: &&GapRow<'_>| &self.cells[row.second].place;
        let difference = |row: &&GapRow<'_>| {
            let exact = self.cells[row.second].facts.value - self.cells[row.first].facts.value;
            self.rounded(&place(row).indicator, exact)
        };
        Columns::default()
            .text("gap", rows.iter().map(|row| row.gap))
            .text("subject", rows.iter().map(|row| row.subject))
            .text("indicator", rows.iter().map(|row| place(row).indicator.as_str()))
            .text("minus", rows.iter().map(|row| self.cells[row.first].place.indicator.as_str()))
            .text("panel", rows.iter().map(|row| place(row).panel.as_str()))
            .small("wave", rows.iter().map(|row| place(row).wave))
            .text("breakdown", rows.iter().map(|row| place(row).breakdown.as_str()))
            .text("level", rows.iter().map(|row| place(row).level.as_str()))
            .texts("cell", rows.iter().map(|row| place(row).cell()))
            .numbers("difference", rows.iter().map(difference))
            .build()
    }
}

pub fn positions(cells: &[Exact]) -> BTreeMap<&Place, usize> {
    cells.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect()
}

/// Decides family by family, over what is shown only; none for a row that is not tested.
pub fn decide(
    tests: &[Option<Vec<f64>>],
    families: impl Iterator<Item = Vec<usize>>,
    by: &dyn Families,
    stays: impl Fn(usize) -> bool,
) -> Vec<Option<Decision>> {
    let mut decided: Vec<Option<Decision>> = vec![None; tests.len()];
    for members in families {
        let tests: Vec<Tested> = members
            .iter()
            .map(|&row| Tested {
                numbers: tests[row].clone().unwrap_or_default(),
                stays: stays(row),
            })
            .collect();
        for (row, decision) in members.into_iter().zip(by.decide(&tests)) {
            decided[row] = Some(decision);
        }
    }
    decided
}

/// A row of `change` or `contrast`, exact, with the positions of the two cells.
pub struct Pair {
    pub place: Place,
    pub first: Option<usize>,
    pub second: Option<usize>,
    pub difference: f64,
    pub interval: Option<(f64, f64)>,
    pub p: Option<f64>,
    /// Difference of two cells, and not a slope over several.
    pub is_difference: bool,
    /// Of a slope: the cells of the waves between.
    pub between: Vec<usize>,
}

fn places(pairs: &[Pair]) -> Columns {
    Columns::default()
        .text("indicator", pairs.iter().map(|pair| pair.place.indicator.as_str()))
        .text("panel", pairs.iter().map(|pair| pair.place.panel.as_str()))
        .small("wave", pairs.iter().map(|pair| pair.place.wave))
        .text("breakdown", pairs.iter().map(|pair| pair.place.breakdown.as_str()))
        .text("level", pairs.iter().map(|pair| pair.place.level.as_str()))
        .texts("cell", pairs.iter().map(|pair| pair.place.cell()))
}

pub fn changes(
    table: &RecordBatch,
    positions: &BTreeMap<&Place, usize>,
) -> Result<Vec<Pair>, Error> {
    let (level, reference) = (text(table, "level")?, small(table, "reference_wave")?);
    let against = text(table, "against")?;
    let ends = |row: usize, place: &Place| {
        let level = |wave: i32| Place { wave, ..place.at(&place.breakdown, level.value(row)) };
        ([level(reference.value(row)), level(place.wave)], against.value(row) != "trend")
    };
    let mut pairs = pairs(table, positions, "level", ends)?;
    for (row, pair) in pairs.iter_mut().enumerate().filter(|(_, pair)| !pair.is_difference) {
        let waves = reference.value(row) + 1..pair.place.wave;
        let at = |wave| positions.get(&Place { wave, ..pair.place.clone() }).copied();
        pair.between = waves.filter_map(at).collect();
    }
    Ok(pairs)
}

pub fn contrasts(
    table: &RecordBatch,
    positions: &BTreeMap<&Place, usize>,
) -> Result<Vec<Pair>, Error> {
    let (level_a, level_b) = (text(table, "level_a")?, text(table, "level_b")?);
    let ends = |row: usize, place: &Place| {
        let levels = [level_a, level_b].map(|level| place.at(&place.breakdown, level.value(row)));
        (levels, true)
    };
    pairs(table, positions, "level_a", ends)
}

fn pairs(
    table: &RecordBatch,
    positions: &BTreeMap<&Place, usize>,
    level: &str,
    ends: impl Fn(usize, &Place) -> ([Place; 2], bool),
) -> Result<Vec<Pair>, Error> {
    let [indicator, panel, breakdown, level] =
        ["indicator", "panel", "breakdown", level].map(|name| text(table, name));
    let (indicator, panel, breakdown, level) = (indicator?, panel?, breakdown?, level?);
    let wave = small(table, "wave")?;
    let [difference, lower, upper, p] =
        ["difference", "ci_lower", "ci_upper", "p"].map(|name| numbers(table, name));
    let (difference, lower, upper, p) = (difference?, lower?, upper?, p?);
    let number = |array: &arrow::array::Float64Array, row: usize| {
        array.is_valid(row).then(|| array.value(row)).filter(|value| value.is_finite())
    };
    let pair = |row: usize| {
        let place = Place {
            indicator: indicator.value(row).to_owned(),
            panel: panel.value(row).to_owned(),
            wave: wave.value(row),
            breakdown: breakdown.value(row).to_owned(),
            level: level.value(row).to_owned(),
        };
        let ([first, second], is_difference) = ends(row, &place);
        Pair {
            first: positions.get(&first).copied(),
            second: positions.get(&second).copied(),
            place,
            difference: number(&difference, row).unwrap_or(f64::NAN),
            interval: number(&lower, row).zip(number(&upper, row)),
            p: number(&p, row),
            is_difference,
            between: Vec::new(),
        }
    };
    Ok((0..table.num_rows()).map(pair).collect())
}

/// A pair of indicators in one cell: positions of what is taken away and of what it is taken from.
struct GapRow<'a> {
    gap: &'a str,
    subject: &'a str,
    first: usize,
    second: usize,
}

fn gap_rows<'a>(
    gaps: &'a [Gap],
    cells: &'a [Exact],
    positions: &BTreeMap<&Place, usize>,
) -> Vec<GapRow<'a>> {
    let mut by_indicator: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        by_indicator.entry(&cell.place.indicator).or_default().push(at);
    }
    let of_pair = |gap: &'a Gap, pair: &'a GapPair| -> Vec<GapRow<'a>> {
        let own = by_indicator.get(pair.indicator.as_str()).into_iter().flatten();
        let row = |&second: &usize| {
            let minus = Place { indicator: pair.minus.clone(), ..cells[second].place.clone() };
            let (gap, subject) = (gap.name.as_str(), pair.subject.as_str());
            Some(GapRow { gap, subject, first: *positions.get(&minus)?, second })
        };
        own.filter_map(row).collect()
    };
    let of = |gap: &'a Gap| gap.pairs.iter().flat_map(move |pair| of_pair(gap, pair));
    gaps.iter().flat_map(of).collect()
}

/// All differences that may be published, for what they tell of the cells.
pub fn differences(
    cells: &[Exact],
    [change, contrast]: [&RecordBatch; 2],
    between_panels: Option<&RecordBatch>,
    gaps: &[Gap],
) -> Result<Vec<Published>, Error> {
    let positions = positions(cells);
    let published = |pair: Pair| {
        let (first, second) = (pair.first?, pair.second?);
        let told = pair.is_difference && pair.difference.is_finite();
        let Pair { difference, interval, .. } = pair;
        told.then_some(Published { first, second, difference, interval })
    };
    let gaps = gap_rows(gaps, cells, &positions).into_iter().filter_map(|row| {
        let difference = cells[row.second].facts.value - cells[row.first].facts.value;
        let GapRow { first, second, .. } = row;
        difference.is_finite().then_some(Published { first, second, difference, interval: None })
    });
    let mut pairs = changes(change, &positions)?;
    pairs.extend(contrasts(contrast, &positions)?);
    if let Some(table) = between_panels {
        pairs.extend(super::panels::pairs(table, &positions)?);
    }
    let pairs = pairs.into_iter();
    Ok(pairs.filter_map(published).chain(gaps).collect())
}
