//! Returning respondents where errors follow from sums by cell of the calibration's cross table.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use foldhash::fast::FixedState;
use nalgebra::{DMatrix, DVector};
use survey::design::NO_CODE;

use super::{LevelOverlap, Place, Sharing, Side};
use crate::sample::{Column, Part, Refusal};
use crate::tabulate::{Basis, Mean, WaveErrors, WaveScores};

/// Respondents who are in several waves.
pub(crate) struct Returning {
    /// Those of one respondent together, in the order of the waves.
    stays: Vec<Stay>,
    /// First stay of each respondent, and the end.
    first: Vec<usize>,
    pairs: BTreeMap<(usize, usize), CellPairs>,
}

/// A respondent in one wave.
struct Stay {
    wave: usize,
    row: u32,
    /// In the cross table of the wave's margins.
    cell: u32,
    stratum: u32,
    weight: f64,
}

/// Keyed hashes already: a few of their letters tell almost all of them apart.
#[derive(PartialEq, Eq)]
struct Pseudonym<'a>(&'a str);

impl Hash for Pseudonym<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        const LETTERS: usize = 16;
        let bytes = self.0.as_bytes();
        state.write(&bytes[bytes.len().saturating_sub(LETTERS)..]);
    }
}

/// Who is in two waves, by their cells in both.
type CellPairs = Vec<((u32, u32), Together)>;

/// Of respondents with the same cell in either wave: v is 1 and the numeric auxiliaries in a wave.
#[derive(Clone)]
struct Together {
    /// Σ w₁ w₂ v₁ v₂'.
    products: DMatrix<f64>,
    /// Σ w v in either wave.
    sums: [DVector<f64>; 2],
    respondents: f64,
}

impl Returning {
    pub fn of(sides: &[Option<Side<'_>>]) -> Result<Self, Refusal> {
        let present = || sides.iter().flatten().flat_map(|side| &side.0.parts);
        let panels: BTreeSet<usize> = present().map(|part| part.panel).collect();
        // By number of the respondent: the last wave, and how many waves.
        let mut seen: Vec<(usize, u32)> = Vec::new();
        let mut rows: Vec<(usize, Vec<(u32, u32)>)> = Vec::new();
        // Nobody is in two panels: each has its own table of names, which is small.
        for panel in panels {
            // At most so many: the table need not grow.
            let rows_of = present().filter(|part| part.panel == panel).map(Part::rows).sum();
            let mut numbers: HashMap<Pseudonym<'_>, u32, FixedState> =
                HashMap::with_capacity_and_hasher(rows_of, FixedState::default());
            for (wave, side) in sides.iter().enumerate() {
                let Some((sample, ..)) = side else { continue };
                let mut of_wave = Vec::new();
                for (_, respondent, row) in sample.identities(Some(panel))? {
                    let number = *numbers.entry(Pseudonym(respondent)).or_insert(seen.len() as u32);
                    match seen.get_mut(number as usize) {
                        None => seen.push((wave, 1)),
                        // A pseudonym twice in one wave is one respondent.
                        Some((last, _)) if *last == wave => continue,
                        Some(known) => *known = (wave, known.1 + 1),
                    }
                    of_wave.push((number, row));
                }
                rows.push((wave, of_wave));
            }
        }
        let mut all: Vec<(u32, Stay)> = Vec::new();
        for (wave, of_wave) in rows {
            let Some((sample, _, WaveErrors::ByCell(scores))) = &sides[wave] else { continue };
            for (number, row) in of_wave.into_iter().filter(|stay| seen[stay.0 as usize].1 > 1) {
                let cell = scores.basis.cell_of_row[row as usize];
                let stratum = sample.panel_of_row[row as usize];
                let weight = sample.weights()[row as usize];
                all.push((number, Stay { wave, row, cell, stratum, weight }));
            }
        }
        // Stable: the waves of a respondent stay in order.
        all.sort_by_key(|stay| stay.0);
        let mut first: Vec<usize> =
            (0..all.len()).filter(|&at| at == 0 || all[at].0 != all[at - 1].0).collect();
        first.push(all.len());
        let stays = all.into_iter().map(|stay| stay.1).collect();
        let mut returning = Self { stays, first, pairs: BTreeMap::new() };
        returning.pairs = returning.cell_pairs(sides);
        Ok(returning)
    }

    /// Those of one panel, as in samples of that panel alone; `sides`: of the panels together.
    pub fn of_panel(&self, sides: &[Option<Side<'_>>], panel: usize) -> Self {
        // The rows of a panel stand together, and so do its cells, in their own order.
        let begin = |side: &Option<Side<'_>>| {
            let (sample, _, errors) = side.as_ref()?;
            let before = sample.parts.iter().take_while(|part| part.panel != panel);
            let row: usize = before.map(Part::rows).sum();
            let WaveErrors::ByCell(scores) = errors else { return None };
            Some((row as u32, *scores.basis.cell_of_row.get(row)?))
        };
        let begins: Vec<Option<(u32, u32)>> = sides.iter().map(begin).collect();
        let (mut own, mut first) = (Vec::new(), Vec::new());
        for stays in self.respondents().filter(|stays| stays[0].stratum as usize == panel) {
            first.push(own.len());
            own.extend(stays.iter().filter_map(|stay| {
                let (row, cell) = begins[stay.wave]?;
                let (row, cell) = (stay.row - row, stay.cell - cell);
                Some(Stay { row, cell, stratum: 0, ..*stay })
            }));
        }
        first.push(own.len());
        let is_own = |wave: usize, cell: u32| {
            let errors = sides[wave].as_ref().map(|side| side.2);
            let Some(WaveErrors::ByCell(scores)) = errors else { return false };
            scores.basis.stratum_of_cell[cell as usize] == panel
        };
        let of_panel = |(&(before, after), cells): (&(usize, usize), &CellPairs)| {
            let begins = (begins[before]?.1, begins[after]?.1);
            let cells = cells.iter().filter(|pair| is_own(before, pair.0.0));
            let place = |(first, second): (u32, u32)| (first - begins.0, second - begins.1);
            let cells = cells.map(|(cells, together)| (place(*cells), together.clone()));
            let cells: CellPairs = cells.collect();
            (!cells.is_empty()).then_some(((before, after), cells))
        };
        Self { stays: own, first, pairs: self.pairs.iter().filter_map(of_panel).collect() }
    }

    fn respondents(&self) -> impl Iterator<Item = &[Stay]> {
        self.first.windows(2).map(|ends| &self.stays[ends[0]..ends[1]])
    }

    fn cell_pairs(&self, sides: &[Option<Side<'_>>]) -> BTreeMap<(usize, usize), CellPairs> {
        let numbers: Vec<&[Vec<f64>]> =
            sides.iter().map(|side| side.map_or([].as_slice(), |side| &side.0.numbers)).collect();
        let of_stay = |&Stay { wave, row, weight, .. }: &Stay| {
            let numbers = numbers[wave].iter().map(move |numbers| numbers[row as usize]);
            std::iter::once(1.0).chain(numbers).map(move |number| weight * number)
        };
        let mut pairs: BTreeMap<(usize, usize), BTreeMap<_, Together>> = BTreeMap::new();
        for stays in self.respondents() {
            for (k, before) in stays.iter().enumerate() {
                for after in &stays[k + 1..] {
                    let of_pair = pairs.entry((before.wave, after.wave)).or_default();
                    let cells = of_pair.entry((before.cell, after.cell));
                    let together = cells.or_insert_with(|| {
                        let sizes = [before, after].map(|stay| numbers[stay.wave].len() + 1);
                        Together {
                            products: DMatrix::zeros(sizes[0], sizes[1]),
                            sums: sizes.map(DVector::zeros),
                            respondents: 0.0,
                        }
                    });
                    for (i, first) in of_stay(before).enumerate() {
                        for (j, second) in of_stay(after).enumerate() {
                            together.products[(i, j)] += first * second;
                        }
                    }
                    for (sums, stay) in together.sums.iter_mut().zip([before, after]) {
                        sums.iter_mut().zip(of_stay(stay)).for_each(|(sum, own)| *sum += own);
                    }
                    together.respondents += 1.0;
                }
            }
        }
        pairs.into_iter().map(|(waves, cells)| (waves, cells.into_iter().collect())).collect()
    }

    pub fn sharing(&self, waves: usize) -> Vec<Sharing> {
        let mut sharing = vec![Sharing::Independent; waves * waves];
        for &(earlier, later) in self.pairs.keys() {
            sharing[earlier * waves + later] = Sharing::Overlapping;
        }
        sharing
    }

    /// One pass over the returning respondents, for all pairs of waves; none where a wave was not asked.
    ///
    /// The score of a respondent for a level is w z (within it) less what the calibration predicts and the stratum's mean;
    /// covariances are Σ of the products of the scores in both waves, times the root of both waves' n/(n-1).
    pub(super) fn at(
        &self,
        sides: &[Option<Side<'_>>],
        place: &Place,
    ) -> Option<Vec<LevelOverlap>> {
        let ones: Vec<Option<One<'_>>> =
            sides.iter().map(|side| One::of(side.as_ref()?, place)).collect();
        let levels = ones.iter().flatten().next()?.levels.len();
        let strata = ones.iter().flatten().map(|one| one.basis.stratum_rows.len()).max()?;
        let mut pairs: Vec<Pair> = place
            .pairs
            .iter()
            .map(|&(a, b)| Pair::new(ones[a].as_ref(), ones[b].as_ref(), (levels, strata)))
            .collect();
        let waves = sides.len();
        let mut pair_of = vec![usize::MAX; waves * waves];
        for (position, &(a, b)) in place.pairs.iter().enumerate() {
            pair_of[a * waves + b] = position;
        }
        let in_run: Vec<bool> = (0..waves).map(|wave| place.run.contains(&wave)).collect();
        let mut again = vec![0.0; levels * strata];
        let mut own: Vec<Option<(usize, f64)>> = Vec::new();
        for stays in self.respondents() {
            own.clear();
            own.extend(stays.iter().map(|stay| ones[stay.wave].as_ref()?.own(stay)));
            for (l, later) in stays.iter().enumerate().skip(1) {
                for (k, earlier) in stays[..l].iter().enumerate() {
                    let position = pair_of[earlier.wave * waves + later.wave];
                    if let (Some(pair), Some(first), Some(second)) =
                        (pairs.get_mut(position), &ones[earlier.wave], &ones[later.wave])
                    {
                        pair.add((first, earlier, own[k]), (second, later, own[l]));
                    }
                }
                let counted = |k: usize| in_run[stays[k].wave] && own[k].is_some();
                if counted(l) {
                    let level = own[l].map(|own| own.0);
                    let before = (0..l).any(|k| counted(k) && own[k].map(|own| own.0) == level);
                    let stratum = later.stratum as usize;
                    again[level.unwrap_or(0) * strata + stratum] += f64::from(u8::from(before));
                }
            }
        }
        let of_level = |level: usize| LevelOverlap {
            pairs: place
                .pairs
                .iter()
                .zip(&pairs)
                .map(|(waves, pair)| pair.of_level((waves, level), &ones, self.pairs.get(waves)))
                .collect(),
            run_degrees: {
                let run = place.run.iter().filter_map(|&wave| ones[wave].as_ref());
                degrees(run, level, &again[level * strata..(level + 1) * strata])
            },
        };
        Some((0..levels).map(of_level).collect())
    }
}

/// Sums over the respondents of two waves.
struct Pair {
    strata: usize,
    /// √(n/(n-1)) of each stratum, both waves together.
    factors: Vec<f64>,
    /// By level.
    products: Vec<f64>,
    /// Respondents in the level in both waves, by level and stratum.
    both: Vec<f64>,
}

impl Pair {
    fn new(
        first: Option<&One<'_>>,
        second: Option<&One<'_>>,
        (levels, strata): (usize, usize),
    ) -> Self {
        let factor = |one: Option<&One<'_>>, stratum: usize| {
            let rows = one.and_then(|one| one.basis.stratum_rows.get(stratum)).copied();
            rows.filter(|&rows| rows > 1.0).map_or(0.0, |rows| rows / (rows - 1.0))
        };
        Self {
            strata,
            factors: (0..strata)
                .map(|at| (factor(first, at) * factor(second, at)).sqrt())
                .collect(),
            products: vec![0.0; levels],
            both: vec![0.0; levels * strata],
        }
    }

    fn add(&mut self, first: Entry<'_>, second: Entry<'_>) {
        let factor = self.factors[first.1.stratum as usize];
        if let Some((level, value)) = first.2 {
            self.products[level] -= factor * value * second.0.explained(second.1, level);
        }
        if let Some((level, value)) = second.2 {
            self.products[level] -= factor * value * first.0.explained(first.1, level);
        }
        if let (Some((level, value)), Some((other_level, other))) = (first.2, second.2)
            && level == other_level
        {
            self.products[level] += factor * value * other;
            self.both[level * self.strata + first.1.stratum as usize] += 1.0;
        }
    }

    /// Correlation of the level's figures and degrees of freedom of their union.
    fn of_level(
        &self,
        (&(a, b), level): (&(usize, usize), usize),
        ones: &[Option<One<'_>>],
        cells: Option<&CellPairs>,
    ) -> (f64, f64) {
        let (Some(first), Some(second)) = (&ones[a], &ones[b]) else { return (0.0, f64::NAN) };
        let predicted = |(cells, together): &((u32, u32), Together)| {
            let stratum = first.basis.stratum_of_cell[cells.0 as usize];
            let [before, after] = [(first, cells.0), (second, cells.1)].map(|(one, cell)| {
                let mean = &one.levels[level];
                let slopes = mean.predicted.slopes(stratum, one.numbers.len());
                let by_cell = std::iter::once(&mean.predicted.by_cell[cell as usize]);
                let predicted = by_cell.chain(slopes).copied();
                let predicted = DVector::from_iterator(slopes.len() + 1, predicted);
                (predicted, mean.centres[stratum])
            });
            // Of a group's panels another one may have more numeric auxiliaries: here they are 0.
            let products = together.products.view((0, 0), (before.0.len(), after.0.len()));
            let [first_sums, second_sums] = &together.sums;
            let sum = before.0.dot(&(products * &after.0))
                + before.0.dot(&first_sums.rows(0, before.0.len())) * after.1
                + before.1 * after.0.dot(&second_sums.rows(0, after.0.len()))
                + before.1 * after.1 * together.respondents;
            self.factors[stratum] * sum
        };
        let both = cells.map_or(0.0, |cells| cells.iter().map(predicted).sum());
        let scale =
            first.levels[level].cell.standard_error * second.levels[level].cell.standard_error;
        let covariance = self.products[level] + both;
        let correlation = if scale > 0.0 { (covariance / scale).clamp(-1.0, 1.0) } else { 0.0 };
        let shared = &self.both[level * self.strata..(level + 1) * self.strata];
        (correlation, degrees([first, second].into_iter(), level, shared))
    }
}

/// A wave, a respondent in it, and its level with weight times influence value there.
type Entry<'e> = (&'e One<'e>, &'e Stay, Option<(usize, f64)>);

/// Respondents of the union of some waves in a level, less its strata; `again`: those counted in more than one, by stratum.
fn degrees<'o>(waves: impl Iterator<Item = &'o One<'o>>, level: usize, again: &[f64]) -> f64 {
    let mut rows = vec![0.0; again.len()];
    for one in waves {
        for (sum, own) in rows.iter_mut().zip(&one.levels[level].stratum_rows) {
            *sum += own;
        }
    }
    let of_stratum = |(rows, again): (f64, &f64)| if rows > 0.0 { rows - again - 1.0 } else { 0.0 };
    rows.into_iter().zip(again).map(of_stratum).sum()
}

/// One indicator in one cut of one wave.
struct One<'a> {
    column: &'a Column,
    codes: &'a [u32],
    levels: &'a [Mean],
    basis: &'a Basis,
    numbers: &'a [Vec<f64>],
}

impl<'a> One<'a> {
    fn of(side: &Side<'a>, place: &Place) -> Option<Self> {
        let WaveErrors::ByCell(WaveScores { basis, scores }) = side.2 else { return None };
        Some(Self {
            column: side.1.columns[place.indicator].as_ref()?,
            codes: side.1.codes[place.cut].as_ref()?,
            levels: &scores[place.indicator][place.cut].as_ref()?.levels,
            basis,
            numbers: &side.0.numbers,
        })
    }

    /// Level of a respondent and weight times influence value in it; none outside the base.
    fn own(&self, stay: &Stay) -> Option<(usize, f64)> {
        let row = stay.row as usize;
        let (value, code) = (self.column.value(row), self.codes[row]);
        if code == NO_CODE || value.is_nan() {
            return None;
        }
        let cell = &self.levels[code as usize].cell;
        Some((code as usize, stay.weight * (value - cell.mean) / cell.weight_sum))
    }

    /// What the calibration and the stratum's mean take from a respondent's score for a level.
    fn explained(&self, stay: &Stay, level: usize) -> f64 {
        let (mean, stratum) = (&self.levels[level], stay.stratum as usize);
        let slopes = mean.predicted.slopes(stratum, self.numbers.len()).iter().zip(self.numbers);
        let by_numbers: f64 =
            slopes.map(|(slope, numbers)| slope * numbers[stay.row as usize]).sum();
        let predicted = mean.predicted.by_cell[stay.cell as usize] + by_numbers;
        stay.weight * predicted + mean.centres[stratum]
    }
}
