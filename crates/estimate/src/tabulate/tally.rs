//! One pass over the respondents of a wave: sums by level of a cut and cell of the cross table of the margins.
//!
//! A calibration gives respondents of one cell and one base weight the same weight. So they are counted, by answer and by
//! profile (the weight and the levels of all cuts), and a count times the weight is the sum. Where almost every weight is
//! another, the weights are summed by profile.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::OnceLock;

use foldhash::fast::FixedState;
use survey::design::NO_CODE;

use crate::few::few;
use crate::sample::Column;

/// Sums over the rows of one level in one cell; y is a number less what was taken off.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    /// Respondents with weight.
    pub n: f64,
    /// Those with another answer than 0.
    pub nonzero: f64,
    pub w: f64,
    pub wy: f64,
    pub wyy: f64,
    pub d: f64,
    pub dy: f64,
    pub ww: f64,
    pub wwy: f64,
    pub wwyy: f64,
}

/// Number of respondents with weight, Σw, Σd and Σw²; or the latter times a numeric auxiliary.
type Moments = [f64; 4];

/// What is summed of each row: final weight, base weight, and by which number they are multiplied.
#[derive(Clone, Copy)]
pub(super) struct Measured<'a> {
    pub weights: &'a [f64],
    pub base: &'a [f64],
    pub times: Option<&'a [f64]>,
}

impl Measured<'_> {
    fn moments(&self, row: usize) -> Moments {
        let (w, d) = (self.weights[row], self.base[row]);
        let times = self.times.map_or(1.0, |times| times[row]);
        [if w > 0.0 { 1.0 } else { 0.0 }, w * times, d * times, w * w * times]
    }
}

impl Sums {
    /// Adds rows that all have the answer `number`, of which `shift` is taken off.
    fn add(&mut self, [n, w, d, ww]: Moments, number: f64, shift: f64) {
        let y = number - shift;
        self.n += n;
        self.nonzero += if number == 0.0 { 0.0 } else { n };
        self.w += w;
        self.wy += w * y;
        self.wyy += w * y * y;
        self.d += d;
        self.dy += d * y;
        self.ww += ww;
        self.wwy += ww * y;
        self.wwyy += ww * y * y;
    }
}

/// Respondents of one cell with the same weights.
pub(super) struct Classes {
    of_row: Vec<u16>,
    cell: Vec<u32>,
    /// Of one such respondent.
    moments: Vec<Moments>,
}

impl Classes {
    /// None where the weights differ so much that counting would be no less work than summing.
    pub fn new(cell_of_row: &[u32], measured: Measured<'_>) -> Option<Self> {
        let mut known: HashMap<(u32, [u64; 4]), u16, FixedState> = HashMap::default();
        // The class that each cell had last: mostly its only one.
        let mut last: Vec<Option<(Moments, u16)>> = Vec::new();
        let (mut cell_of, mut of_class) = (Vec::new(), Vec::new());
        let class = |(row, &cell): (usize, &u32)| {
            if last.len() <= cell as usize {
                last.resize(cell as usize + 1, None);
            }
            let moments = measured.moments(row);
            match last[cell as usize] {
                Some((of_last, class)) if of_last == moments => return Some(class),
                _ => {}
            }
            let next = u16::try_from(known.len()).ok().filter(|next| *next < MOST_CLASSES);
            let class = match known.entry((cell, moments.map(f64::to_bits))) {
                Entry::Occupied(class) => *class.get(),
                Entry::Vacant(new) => {
                    let class = *new.insert(next?);
                    cell_of.push(cell);
                    of_class.push(moments);
                    class
                }
            };
            last[cell as usize] = Some((moments, class));
            Some(class)
        };
        let of_row = cell_of_row.iter().enumerate().map(class).collect::<Option<_>>()?;
        Some(Self { of_row, cell: cell_of, moments: of_class })
    }
}

/// More classes are not counted.
const MOST_CLASSES: u16 = 4096;
/// Most profiles whose counts, and whose sums, stay near: some 200 kB for a question of yes and no.
const MOST_COUNTED: usize = 1 << 14;
const MOST_SUMMED: usize = 1 << 11;
/// A profile has so many respondents on average, else it is too fine.
const LEAST_OF_A_PROFILE: usize = 8;

/// A cut by its position, with its sums by level and cell.
pub(super) type OfCut = (usize, Vec<Sums>);

/// A cut: the level of each row (`NO_CODE` = in none), and their number.
pub(super) type CutCodes<'a> = (&'a [u32], usize);

/// Rows with the same origin (class, or cell without classes) and the same levels of some cuts.
struct Profiles {
    of_row: Vec<u32>,
    /// Origin of each profile.
    origins: Vec<u32>,
    /// Positions of the cuts, with the level of each profile.
    cuts: Vec<(usize, Vec<u32>)>,
}

/// The respondents of a wave as the sums read them: cell, weights, and the cuts.
pub(super) struct Rows<'a> {
    cell_of_row: &'a [u32],
    cells: usize,
    measured: Measured<'a>,
    classes: Option<&'a Classes>,
    cuts: &'a [Option<CutCodes<'a>>],
    /// Every cut is in one of them; made when they are first needed.
    profiles: OnceLock<Vec<Profiles>>,
}

/// What is kept of the rows of a profile that gave one answer.
trait Tally: Copy + Default {
    fn take(&mut self, rows: &Rows<'_>, row: usize);
    /// `origin`: of the profile.
    fn moments(self, rows: &Rows<'_>, origin: u32) -> Moments;
}

impl Tally for u32 {
    fn take(&mut self, _: &Rows<'_>, _: usize) {
        *self += 1;
    }

    fn moments(self, rows: &Rows<'_>, origin: u32) -> Moments {
        let of_one = rows.classes.map_or([0.0; 4], |classes| classes.moments[origin as usize]);
        of_one.map(|moment| f64::from(self) * moment)
    }
}

impl Tally for Moments {
    fn take(&mut self, rows: &Rows<'_>, row: usize) {
        add(self, rows.measured.moments(row));
    }

    fn moments(self, _: &Rows<'_>, _: u32) -> Moments {
        self
    }
}

impl<'a> Rows<'a> {
    /// `cuts`: of a plan; none where not asked.
    pub fn new(
        (cell_of_row, cells): (&'a [u32], usize),
        measured: Measured<'a>,
        classes: Option<&'a Classes>,
        cuts: &'a [Option<CutCodes<'a>>],
    ) -> Self {
        Self { cell_of_row, cells, measured, classes, cuts, profiles: OnceLock::new() }
    }

    /// As many cuts crossed as leave profiles large enough, then the next ones.
    fn crossed(&self) -> Vec<Profiles> {
        let most = if self.classes.is_some() { MOST_COUNTED } else { MOST_SUMMED };
        let most = most.min(self.cell_of_row.len() / LEAST_OF_A_PROFILE);
        let mut crossed: Vec<Profiles> = Vec::new();
        for (position, cut) in self.cuts.iter().enumerate() {
            let Some(cut) = cut else { continue };
            let joined = crossed.last().and_then(|last| last.with(position, *cut, most));
            match (joined, crossed.last_mut()) {
                (Some(joined), Some(last)) => *last = joined,
                _ => crossed.extend(self.uncrossed().with(position, *cut, usize::MAX)),
            }
        }
        crossed
    }

    fn uncrossed(&self) -> Profiles {
        let (of_row, origins) = match self.classes {
            Some(classes) => {
                (classes.of_row.iter().map(|&class| u32::from(class)).collect(), classes.cell.len())
            }
            None => (self.cell_of_row.to_vec(), self.cells),
        };
        Profiles { of_row, origins: (0..origins as u32).collect(), cuts: Vec::new() }
    }

    fn cell(&self, origin: u32) -> usize {
        self.classes.map_or(origin, |classes| classes.cell[origin as usize]) as usize
    }

    /// What is taken off the numbers before they are squared (`shift`, or their mean), and of each of these cuts that was asked
    /// the sums by level and cell.
    pub fn sums(&self, column: &Column, cuts: &[usize], shift: Option<f64>) -> (f64, Vec<OfCut>) {
        let asked = cuts.iter().filter_map(|&cut| Some((cut, self.cuts[cut]?)));
        match column {
            Column::Binary(values) => self.of_places(values, &[0.0, 1.0], Some(0.0), cuts),
            Column::Few { keys, numbers, levels } => {
                let of_origin = self.of_keys(keys, numbers.len());
                let shift = shift.unwrap_or_else(|| mean(&of_origin, numbers.len(), numbers));
                let of_cut = |(cut, of): (usize, CutCodes<'_>)| {
                    (cut, self.by_level(&of_origin, (numbers, levels), of.1, shift))
                };
                (shift, asked.map(of_cut).collect())
            }
            Column::Numeric(values) => match few(values) {
                Some((places, numbers)) => self.of_places(&places, &numbers, shift, cuts),
                None => {
                    let shift = shift.unwrap_or_else(|| self.mean(values));
                    (
                        shift,
                        asked.map(|(cut, of)| (cut, self.of_numbers(values, shift, of))).collect(),
                    )
                }
            },
        }
    }

    /// Of a few numbers, each row's by its place among them; whoever has a place behind the last is outside the base.
    fn of_places(
        &self,
        places: &[u8],
        numbers: &[f64],
        shift: Option<f64>,
        cuts: &[usize],
    ) -> (f64, Vec<OfCut>) {
        if self.classes.is_some() {
            self.tallied::<u32>(places, numbers, shift, cuts)
        } else {
            self.tallied::<Moments>(places, numbers, shift, cuts)
        }
    }

    fn tallied<T: Tally>(
        &self,
        places: &[u8],
        numbers: &[f64],
        mut shift: Option<f64>,
        cuts: &[usize],
    ) -> (f64, Vec<OfCut>) {
        let kinds = numbers.len() + 1;
        let mut found = Vec::new();
        for profiles in self.profiles.get_or_init(|| self.crossed()) {
            let asked = |cut: &&(usize, Vec<u32>)| cuts.contains(&cut.0);
            if !profiles.cuts.iter().any(|cut| asked(&cut)) {
                continue;
            }
            let tally = self.tally::<T>(&profiles.of_row, places, (profiles.origins.len(), kinds));
            let of_profile = tally.chunks_exact(kinds).zip(&profiles.origins);
            let moments: Vec<Moments> = of_profile
                .flat_map(|(tally, &origin)| tally.iter().map(move |own| own.moments(self, origin)))
                .collect();
            let shift = *shift.get_or_insert_with(|| mean(&moments, kinds, numbers));
            for (cut, levels) in profiles.cuts.iter().filter(asked) {
                let slots = self.cuts[*cut].map_or(0, |cut| cut.1) * self.cells;
                let mut by_slot = vec![[0.0; 4]; slots * kinds];
                let of_profile =
                    moments.chunks_exact(kinds).zip(levels.iter().zip(&profiles.origins));
                for (moments, (&level, &origin)) in of_profile.filter(|of| *of.1.0 != NO_CODE) {
                    let slot = level as usize * self.cells + self.cell(origin);
                    let sums = &mut by_slot[slot * kinds..(slot + 1) * kinds];
                    sums.iter_mut().zip(moments).for_each(|(sum, own)| add(sum, *own));
                }
                let of_slot = |of_slot: &[Moments]| {
                    let mut sums = Sums::default();
                    for (moments, number) in of_slot.iter().zip(numbers) {
                        sums.add(*moments, *number, shift);
                    }
                    sums
                };
                found.push((*cut, by_slot.chunks_exact(kinds).map(of_slot).collect()));
            }
        }
        (shift.unwrap_or(0.0), found)
    }

    /// By profile and place; the last place is that of whoever is outside the base.
    fn tally<T: Tally>(
        &self,
        profile_of_row: &[u32],
        places: &[u8],
        (profiles, kinds): (usize, usize),
    ) -> Vec<T> {
        let mut tally = vec![T::default(); profiles * kinds];
        for (row, (&profile, &place)) in profile_of_row.iter().zip(places).enumerate() {
            let place = usize::from(place).min(kinds - 1);
            tally[profile as usize * kinds + place].take(self, row);
        }
        tally
    }

    /// By origin and key.
    fn of_keys(&self, keys: &[u8], kinds: usize) -> Vec<Moments> {
        let Some(classes) = self.classes else {
            return self.tally(self.cell_of_row, keys, (self.cells, kinds));
        };
        let mut tally = vec![0_u32; classes.cell.len() * kinds];
        for (&key, &class) in keys.iter().zip(&classes.of_row) {
            tally[usize::from(class) * kinds + usize::from(key)] += 1;
        }
        let moments = |(at, own): (usize, u32)| own.moments(self, (at / kinds) as u32);
        tally.into_iter().enumerate().map(moments).collect()
    }

    /// Of a few numbers, each in one of `count` levels.
    fn by_level(
        &self,
        of_origin: &[Moments],
        (numbers, levels): (&[f64], &[u32]),
        count: usize,
        shift: f64,
    ) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); count * self.cells];
        for (origin, moments) in of_origin.chunks_exact(numbers.len()).enumerate() {
            let cell = self.cell(origin as u32);
            for key in (0..numbers.len()).filter(|key| !numbers[*key].is_nan()) {
                let place = levels[key] as usize * self.cells + cell;
                sums[place].add(moments[key], numbers[key], shift);
            }
        }
        sums
    }

    fn of_numbers(&self, values: &[f64], shift: f64, (codes, levels): CutCodes<'_>) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); levels * self.cells];
        let rows = codes.iter().zip(self.cell_of_row).zip(values).enumerate();
        for (row, ((&code, &cell), &value)) in rows {
            if code != NO_CODE && !value.is_nan() {
                sums[code as usize * self.cells + cell as usize].add(
                    self.measured.moments(row),
                    value,
                    shift,
                );
            }
        }
        sums
    }

    /// Weighted mean of numbers.
    fn mean(&self, values: &[f64]) -> f64 {
        let (mut sum, mut size) = (0.0, 0.0);
        for (&value, &weight) in
            values.iter().zip(self.measured.weights).filter(|row| !row.0.is_nan())
        {
            sum += weight * value;
            size += weight;
        }
        if size > 0.0 { sum / size } else { 0.0 }
    }
}

impl Profiles {
    /// Crossed with one more cut; none where that makes more than `most` profiles.
    fn with(&self, position: usize, (codes, levels): CutCodes<'_>, most: usize) -> Option<Self> {
        let kinds = levels + 1;
        let mut known = vec![NO_CODE; self.origins.len() * kinds];
        // What each profile was, and its level of this cut.
        let mut before: Vec<(usize, u32)> = Vec::new();
        let cross = |(&profile, &code): (&u32, &u32)| {
            let level = (code as usize).min(levels);
            let known = &mut known[profile as usize * kinds + level];
            if *known == NO_CODE {
                if before.len() >= most {
                    return None;
                }
                *known = before.len() as u32;
                before.push((profile as usize, code));
            }
            Some(*known)
        };
        let of_row = self.of_row.iter().zip(codes).map(cross).collect::<Option<_>>()?;
        let again =
            |levels: &Vec<u32>| before.iter().map(|(profile, _)| levels[*profile]).collect();
        let mut cuts: Vec<(usize, Vec<u32>)> =
            self.cuts.iter().map(|(cut, levels)| (*cut, again(levels))).collect();
        cuts.push((position, before.iter().map(|(_, code)| *code).collect()));
        Some(Self { of_row, origins: again(&self.origins), cuts })
    }
}

/// Weighted mean of numbers, from the moments of each in some groups of `kinds`; what has no number is not in it.
fn mean(moments: &[Moments], kinds: usize, numbers: &[f64]) -> f64 {
    let (mut sum, mut size) = (0.0, 0.0);
    for of_group in moments.chunks_exact(kinds) {
        for (moments, number) in of_group.iter().zip(numbers).filter(|of| !of.1.is_nan()) {
            sum += moments[1] * number;
            size += moments[1];
        }
    }
    if size > 0.0 { sum / size } else { 0.0 }
}

fn add(sums: &mut Moments, moments: Moments) {
    for (sum, moment) in sums.iter_mut().zip(moments) {
        *sum += moment;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 4000;

    /// Cells; weights, base weights and a numeric auxiliary; the levels of a fine and a coarse cut.
    fn sample(weights: usize) -> (Vec<u32>, [Vec<f64>; 3], [Vec<u32>; 2]) {
        let cell: Vec<u32> = (0..ROWS as u32).map(|row| row * 7 % 5).collect();
        let weight = |row: usize| ((row * 13) % weights) as f64 / 3.0;
        let base = (0..ROWS).map(|row| if weight(row) > 0.0 { 1.5 } else { 0.0 });
        let level = |row: u32, levels: u32| {
            if row.is_multiple_of(11) { NO_CODE } else { row * 31 / 7 % levels }
        };
        let cuts = [300, 3].map(|levels| (0..ROWS as u32).map(|row| level(row, levels)).collect());
        let times = (0..ROWS).map(|row| (row * 3 % 4) as f64 - 1.25);
        (cell, [(0..ROWS).map(weight).collect(), base.collect(), times.collect()], cuts)
    }

    #[test]
    fn counts_times_weights_are_the_sums_of_every_row() {
        let binary: Vec<u8> = (0..ROWS).map(|row| [0, 1, 255][row * 17 % 7 % 3]).collect();
        let few = |row: usize| if row % 9 == 4 { f64::NAN } else { (row * 5 % 7) as f64 };
        let many = |row: usize| if row % 8 == 3 { f64::NAN } else { (row * 37 % 501) as f64 };
        let keys: Vec<u8> = (0..ROWS).map(|row| (row * 19 % 4) as u8).collect();
        let numbers = vec![0.25, -1.0, 3.5, f64::NAN];
        let columns = [
            Column::Binary(binary),
            Column::Numeric((0..ROWS).map(few).collect()),
            Column::Numeric((0..ROWS).map(many).collect()),
            Column::Few { keys, numbers, levels: vec![0, 2, 1, 3] },
        ];
        // A few weights, which are counted, and as many as there are respondents.
        for (weights, is_times) in [(4, false), (12_000, false), (4, true), (12_000, true)] {
            let (cells, [weights, base, times], codes) = sample(weights);
            let times = is_times.then_some(times.as_slice());
            let measured = Measured { weights: &weights, base: &base, times };
            let classes = Classes::new(&cells, measured).filter(|of| of.moments.len() < 100);
            let cuts = [Some((codes[0].as_slice(), 300)), None, Some((codes[1].as_slice(), 3))];
            let sums = Rows::new((&cells, 5), measured, classes.as_ref(), &cuts);
            for (which, column) in columns.iter().enumerate() {
                let cut_of = if which == 3 { vec![1, 2] } else { vec![0, 1, 2] };
                let (shift, found) = sums.sums(column, &cut_of, None);
                assert_eq!(found.len(), cut_of.len() - 1, "a cut that was not asked has none");
                for (cut, found) in found {
                    let (codes, levels) = cuts[cut].unwrap_or_default();
                    let mut expected = vec![Sums::default(); levels * 5];
                    for row in 0..ROWS {
                        let (value, mut level) = (column.value(row), codes[row]);
                        if let Column::Few { keys, levels, .. } = column {
                            level = levels[usize::from(keys[row])];
                        }
                        if level == NO_CODE || value.is_nan() {
                            continue;
                        }
                        let own = &mut expected[level as usize * 5 + cells[row] as usize];
                        let (w, d, y) = (weights[row], base[row], value - shift);
                        let n = f64::from(w > 0.0);
                        let times = times.map_or(1.0, |times| times[row]);
                        own.n += n;
                        own.nonzero += if value == 0.0 { 0.0 } else { n };
                        let products = [
                            (&mut own.w, w),
                            (&mut own.wy, w * y),
                            (&mut own.wyy, w * y * y),
                            (&mut own.d, d),
                            (&mut own.dy, d * y),
                            (&mut own.ww, w * w),
                            (&mut own.wwy, w * w * y),
                            (&mut own.wwyy, w * w * y * y),
                        ];
                        products.into_iter().for_each(|(sum, product)| *sum += product * times);
                    }
                    let numbers = |sums: &Sums| {
                        [
                            [sums.n, sums.nonzero, sums.w, sums.wy, sums.wyy],
                            [sums.d, sums.dy, sums.ww, sums.wwy, sums.wwyy],
                        ]
                        .concat()
                    };
                    for (found, expected) in found.iter().zip(&expected) {
                        for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
                            let scale = expected.abs().max(1.0);
                            assert!((found - expected).abs() < 1e-11 * scale, "{which} {cut}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn weights_that_almost_all_differ_are_not_counted() {
        let classes = |rows: u32| {
            let weights: Vec<f64> = (0..rows).map(f64::from).collect();
            let base = vec![1.0; weights.len()];
            let measured = Measured { weights: &weights, base: &base, times: None };
            Classes::new(&vec![0; weights.len()], measured).map(|classes| classes.moments.len())
        };
        assert_eq!((classes(4000), classes(5000)), (Some(4000), None));
    }
}
