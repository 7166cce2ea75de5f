//! What everybody may read: rounded figures of the cells that are shown, and comparisons between them only.

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch};
use config::monitor::{Gap, Significance};

use super::cells::{Exact, Place};
use super::families::{Decision, Families, Tested};
use super::gaps;
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
        let pairs = changes(&compared.table, &self.positions)?;
        let columns = places(&pairs);
        let equal = |pair: &Pair| significance.equal_when_rounded_is_stable && self.are_equal(pair);
        self.changed(compared, &pairs, columns, &[], &equal, families)?.build()
    }

    /// Changes of figures or of differences: `apart` names further columns that tell their families apart, `stays` which are no
    /// change whatever their p.
    pub fn changed(
        &self,
        compared: &Compared,
        pairs: &[Pair],
        columns: Columns,
        apart: &[&str],
        stays: &dyn Fn(&Pair) -> bool,
        families: &dyn Families,
    ) -> Result<Columns, Error> {
        let exact = &compared.table;
        let (call, against) = (text(exact, "call")?, text(exact, "against")?);
        let shown: Vec<bool> = pairs.iter().map(|pair| self.is_shown(pair)).collect();
        let together = [&["panel", "breakdown", "against"], apart].concat();
        let members = tested_together(compared, &together, &shown)?;
        let decided = decide(&compared.tests, members, families, |row| stays(&pairs[row]));
        let said = (0..pairs.len()).map(|row| match (&decided[row], call.value(row)) {
            (_, said) if self.is_withheld(&pairs[row]) && said != "not_comparable" => "withheld",
            (Some(_), "not_comparable") | (None, _) => call.value(row),
            (Some(decision), _) if !decision.is_called => "stable",
            _ if pairs[row].difference > 0.0 => "increased",
            _ => "decreased",
        });
        let said: Vec<&str> = said.collect();
        let columns = columns
            .text("against", (0..pairs.len()).map(|row| against.value(row)))
            .small("reference_wave", small(exact, "reference_wave")?.iter().flatten());
        let (overlap, duplicate) = (text(exact, "overlap")?, text(exact, "duplicate_of")?);
        let of = duplicate.iter().map(|of| of.filter(|of| !of.is_empty()));
        Ok(self
            .compared(columns, pairs, &shown, &decided)
            .text("call", said)
            .text("overlap", (0..pairs.len()).map(|row| overlap.value(row)))
            .maybe_text("duplicate_of", of))
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
        let all = contrasts(exact, &self.positions)?;
        let family = ["indicator", "panel", "breakdown"];
        let between = self.between(compared, all, &family, families)?;
        let (rows, pairs) = (&between.rows, &between.pairs);
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
                rows.iter().zip(pairs).map(|(&row, pair)| {
                    pair.place.at(&pair.place.breakdown, level_b.value(row)).cell()
                }),
            );
        self.said_between(columns, &between).build()
    }

    /// The comparisons of which both figures are shown, p adjusted over those of a wave that agree in the columns `family`.
    pub fn between(
        &self,
        compared: &Compared,
        all: Vec<Pair>,
        family: &[&str],
        families: &dyn Families,
    ) -> Result<Between, Error> {
        let shown: Vec<bool> = all.iter().map(|pair| self.is_shown(pair)).collect();
        let members = tested_together(compared, family, &shown)?;
        let decided = decide(&compared.tests, members, families, |_| false);
        let mut between = Between::default();
        for (row, (pair, decision)) in all.into_iter().zip(decided).enumerate() {
            if shown[row] {
                between.rows.push(row);
                between.pairs.push(pair);
                between.decided.push(decision);
            }
        }
        Ok(between)
    }

    /// Adds what is published of them.
    pub fn said_between(&self, columns: Columns, between: &Between) -> Columns {
        let Between { pairs, decided, .. } = between;
        let call = called(pairs, decided);
        self.compared(columns, pairs, &vec![true; pairs.len()], decided).text("call", call)
    }

    fn compared(
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
}

pub fn positions(cells: &[Exact]) -> BTreeMap<&Place, usize> {
    cells.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect()
}

/// The shown rows that are tested, by family: those of a wave that agree in these columns.
fn tested_together(
    compared: &Compared,
    columns: &[&str],
    shown: &[bool],
) -> Result<Vec<Vec<usize>>, Error> {
    let wave = small(&compared.table, "wave")?;
    let columns: Result<Vec<_>, Error> =
        columns.iter().map(|name| text(&compared.table, name)).collect();
    let columns = columns?;
    let mut members: BTreeMap<(Vec<&str>, i32), Vec<usize>> = BTreeMap::new();
    for row in (0..shown.len()).filter(|&row| shown[row] && compared.tests[row].is_some()) {
        let family = columns.iter().map(|column| column.value(row)).collect();
        members.entry((family, wave.value(row))).or_default().push(row);
    }
    Ok(members.into_values().collect())
}

/// Decides family by family, over what is shown only; none for a row that is not tested.
fn decide(
    tests: &[Option<Vec<f64>>],
    families: Vec<Vec<usize>>,
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

/// What is said of the second figure against the first.
fn called(pairs: &[Pair], decided: &[Option<Decision>]) -> Vec<&'static str> {
    let call = |(pair, decision): (&Pair, &Option<Decision>)| match decision {
        None => "no_test",
        Some(decision) if !decision.is_called => "not_different",
        Some(_) if pair.difference > 0.0 => "higher",
        Some(_) => "lower",
    };
    pairs.iter().zip(decided).map(call).collect()
}

/// Comparisons of which both figures are shown.
#[derive(Default)]
pub struct Between {
    /// Their rows in the exact table.
    pub rows: Vec<usize>,
    pub pairs: Vec<Pair>,
    pub decided: Vec<Option<Decision>>,
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

pub fn places(pairs: &[Pair]) -> Columns {
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

pub fn pairs(
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

/// The exact comparisons of a release; those that an earlier one may not have are optional.
pub struct Compare<'a> {
    pub change: &'a RecordBatch,
    pub contrast: &'a RecordBatch,
    pub between_panels: Option<&'a RecordBatch>,
    pub gap: Option<&'a RecordBatch>,
    /// Changes of gaps, and of contrasts.
    pub changes_of_differences: &'a [&'a RecordBatch],
}

/// All differences that may be published, for what they tell of the cells.
pub fn differences(
    cells: &[Exact],
    compare: &Compare<'_>,
    of_monitor: &[Gap],
) -> Result<Vec<Published>, Error> {
    let positions = positions(cells);
    let published = |pair: Pair| {
        let (first, second) = (pair.first?, pair.second?);
        let told = pair.is_difference && pair.difference.is_finite();
        told.then(|| Published::between(first, second, pair.difference, pair.interval))
    };
    let mut pairs = changes(compare.change, &positions)?;
    pairs.extend(contrasts(compare.contrast, &positions)?);
    if let Some(table) = compare.between_panels {
        pairs.extend(super::panels::pairs(table, &positions)?);
    }
    if let Some(table) = compare.gap {
        pairs.extend(gaps::gaps(table, &positions)?);
    }
    let mut all: Vec<Published> = pairs.into_iter().filter_map(published).collect();
    if compare.gap.is_none() {
        all.extend(gaps::of_figures(of_monitor, cells, &positions));
    }
    for table in compare.changes_of_differences {
        all.extend(gaps::told_of_changes(table, &positions)?);
    }
    Ok(all)
}
