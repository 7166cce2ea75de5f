//! What is summed of each respondent, and who of them is summed alike.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::FixedState;

/// Number of respondents with weight, Σw, Σd and Σw²; or the latter times a numeric auxiliary.
pub(super) type Moments = [f64; 4];

/// What is summed of each row: final weight, base weight, and by which number they are multiplied.
#[derive(Clone, Copy)]
pub(in crate::tabulate) struct Measured<'a> {
    pub weights: &'a [f64],
    pub base: &'a [f64],
    pub times: Option<&'a [f64]>,
}

impl Measured<'_> {
    pub(super) fn moments(&self, row: usize) -> Moments {
        let (w, d) = (self.weights[row], self.base[row]);
        let times = self.times.map_or(1.0, |times| times[row]);
        [if w > 0.0 { 1.0 } else { 0.0 }, w * times, d * times, w * w * times]
    }
}

/// Respondents of one cell with the same weights.
pub(in crate::tabulate) struct Classes {
    pub(super) of_row: Vec<u16>,
    /// Of each class.
    pub(super) cell: Vec<u32>,
    /// Of one respondent of each class.
    pub(super) moments: Vec<Moments>,
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
