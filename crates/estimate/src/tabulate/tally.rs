//! One pass over the respondents of a wave: sums by level of a cut and cell of the cross table of the margins.
//!
//! A calibration gives respondents of one cell and one base weight the same weight. So they are counted, by answer and by
//! profile (the weight and the levels of all cuts), and a count times the weight is the sum. Where almost every weight is
//! another, the weights are summed by profile.

mod classes;
mod profiles;

use std::sync::OnceLock;

use survey::design::NO_CODE;

use self::classes::Moments;
pub(super) use self::classes::{Classes, Measured};
pub(super) use self::profiles::CutCodes;
use self::profiles::Profiles;
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

/// Most profiles whose counts, and whose sums, stay near: some 200 kB for a question of yes and no.
const MOST_COUNTED: usize = 1 << 14;
const MOST_SUMMED: usize = 1 << 11;
/// A profile has so many respondents on average, else it is too fine.
const LEAST_OF_A_PROFILE: usize = 8;

/// A cut by its position, with its sums by level and cell.
pub(super) type OfCut = (usize, Vec<Sums>);

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
            Column::Numeric(values) => {
                if let Some((places, numbers)) = few(values) {
                    return self.of_places(&places, &numbers, shift, cuts);
                }
                let shift = shift.unwrap_or_else(|| self.mean(values));
                let of_cut = |(cut, of)| (cut, self.of_numbers(values, shift, of));
                (shift, asked.map(of_cut).collect())
            }
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
mod tests;
